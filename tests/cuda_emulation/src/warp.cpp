/* Exchanges within a warp: shuffles, ballots, reductions, __syncwarp. The lanes that the mask names wait until all of
 * them have come with the same mask and operation. */
#include <algorithm>
#include <array>

#include "block_state.h"
#include "sanitizers.h"

namespace hg_emulation
{
namespace
{
/* What a lane gets once every lane of its mask is there. */
uint64_t collect(const Thread &self, const std::array<uint64_t, warp_lanes> &values)
{
    const int lane = static_cast<int>(self.number % warp_lanes);
    const int first = lane / self.width * self.width;
    int source = lane;
    uint64_t result = self.kind == Exchange::min ? ~uint64_t{0} : 0;
    switch (self.kind) {
    case Exchange::sync:
        return 0;
    case Exchange::index:
        source = first + (self.argument & (self.width - 1));
        break;
    case Exchange::up:
        source = lane - self.argument < first ? lane : lane - self.argument;
        break;
    case Exchange::down:
        source = lane + self.argument >= first + self.width ? lane : lane + self.argument;
        break;
    case Exchange::exclusive_or:
        source = (lane ^ self.argument) >= first + self.width ? lane : lane ^ self.argument;
        break;
    default:
        for (unsigned other = 0; other < warp_lanes; ++other) {
            if ((self.mask >> other & 1) == 0)
                continue;
            const uint64_t value = values[other];
            result = self.kind == Exchange::ballot ? result | value << other
                     : self.kind == Exchange::add  ? result + value
                     : self.kind == Exchange::min  ? std::min(result, value)
                                                   : std::max(result, value);
        }
        return result;
    }
    if ((self.mask >> source & 1) == 0)
        die("warp exchange at %s:%d: reads lane %d, which mask %#x does not name", self.site.file, self.site.line,
            source, self.mask);
    return values[static_cast<size_t>(source)];
}
} // namespace

uint64_t exchange(Exchange kind, unsigned mask, uint64_t value, int argument, int width, Site site)
{
    Thread &self = *current;
    const unsigned lane = self.number % warp_lanes, first = self.number - lane;
    if ((mask >> lane & 1) == 0)
        die("warp exchange at %s:%d: mask %#x does not name the calling lane %u", site.file, site.line, mask, lane);
    if (width <= 0 || width > static_cast<int>(warp_lanes) || (width & (width - 1)) != 0)
        die("warp exchange at %s:%d: width %d is no power of two up to 32", site.file, site.line, width);
    self.site = site;
    self.kind = kind;
    self.mask = mask;
    self.value = value;
    self.argument = argument;
    self.width = width;
    Thread &leader = block.threads[first + static_cast<unsigned>(__builtin_ctz(mask))];
    if (kind == Exchange::sync) /* the others order no memory */
        sanitizer::publish(&leader);
    self.state = State::in_exchange;
    unsigned &exchanging = block.exchanging[self.number / warp_lanes];
    exchanging |= 1u << lane;
    bool complete = (exchanging & mask) == mask;
    for (unsigned other = 0; other < warp_lanes && complete; ++other)
        if (mask >> other & 1) {
            const Thread &t = block.threads[first + other];
            complete = t.mask == mask && t.kind == kind;
        }
    if (!complete) {
        wait_as(State::in_exchange);
    } else {
        std::array<uint64_t, warp_lanes> values = {};
        for (unsigned other = 0; other < warp_lanes; ++other)
            if (mask >> other & 1)
                values[other] = block.threads[first + other].value;
        for (unsigned i = 0; i < warp_lanes; ++i) {
            const unsigned other = block.ascending ? warp_lanes - 1 - i : i;
            if ((mask >> other & 1) == 0)
                continue;
            Thread &t = block.threads[first + other];
            t.value = collect(t, values);
            if (kind == Exchange::sync)
                t.fiber->observe(&leader);
            if (&t != &self)
                release(t);
        }
        self.state = State::ready;
        exchanging &= ~mask;
    }
    return self.value;
}
} // namespace hg_emulation
