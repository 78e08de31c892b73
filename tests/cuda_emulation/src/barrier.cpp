/* Barriers of a block, which every one of its threads must reach, and what to say when threads wait for ever. */
#include <algorithm>
#include <cstring>

#include "block_state.h"
#include "sanitizers.h"

namespace hg_emulation
{
std::string name_of(const Thread &t)
{
    return "thread (" + std::to_string(t.index.x) + "," + std::to_string(t.index.y) + "," + std::to_string(t.index.z) +
           ")";
}

std::string place_of(const Thread &t)
{
    if (t.state == State::exited)
        return "has exited";
    return std::string(t.state == State::at_barrier ? "waits at the barrier " : "waits in the exchange ") +
           t.site.file + ":" + std::to_string(t.site.line);
}

void diagnose_deadlock()
{
    for (const Thread &t : block.threads) {
        if (t.state != State::in_exchange)
            continue;
        const unsigned first = t.number - t.number % warp_lanes;
        for (unsigned lane = 0; lane < warp_lanes; ++lane) {
            if ((t.mask >> lane & 1) == 0)
                continue;
            if (first + lane >= block.threads.size())
                die("warp exchange at %s:%d: mask %#x names lane %u, but the block has %zu threads", t.site.file,
                    t.site.line, t.mask, lane, block.threads.size());
            const Thread &other = block.threads[first + lane];
            if (other.state != State::in_exchange || other.mask != t.mask || other.kind != t.kind)
                die("warp exchange at %s:%d: %s waits for lane %u (mask %#x), which %s", t.site.file, t.site.line,
                    name_of(t).c_str(), lane, t.mask, place_of(other).c_str());
        }
    }
    const auto waits = std::find_if(block.threads.begin(), block.threads.end(),
                                    [](const Thread &t) { return t.state == State::at_barrier; });
    const auto gone = std::find_if(block.threads.begin(), block.threads.end(),
                                   [](const Thread &t) { return t.state == State::exited; });
    die("divergent barrier: %s %s, %s has exited", name_of(*waits).c_str(), place_of(*waits).c_str(),
        name_of(*gone).c_str());
}

int barrier(Vote vote, int predicate, Site site)
{
    Thread &self = *current;
    self.site = site;
    self.predicate = predicate != 0;
    if (block.at_barrier == 0) {
        block.first_at_barrier = &self;
    } else {
        const Thread *other = block.first_at_barrier;
        if (block.vote != vote || other->site.line != site.line || std::strcmp(other->site.file, site.file) != 0)
            die("divergent barrier: %s arrives at %s:%d, but %s %s", name_of(self).c_str(), site.file, site.line,
                name_of(*other).c_str(), place_of(*other).c_str());
    }
    block.vote = vote;
    sanitizer::publish(barrier_key());
    if (++block.at_barrier < block.threads.size()) {
        wait_as(State::at_barrier);
    } else {
        int votes = 0;
        for (const Thread &t : block.threads)
            votes += t.predicate;
        block.verdict = vote == Vote::count ? votes
                        : vote == Vote::all ? votes == static_cast<int>(block.threads.size())
                                            : votes > 0;
        block.at_barrier = 0;
        self.fiber->observe(barrier_key());
        for (size_t i = 0; i < block.threads.size(); ++i) {
            Thread &t = block.threads[block.ascending ? block.threads.size() - 1 - i : i];
            if (&t == &self)
                continue;
            t.fiber->observe(barrier_key());
            release(t);
        }
    }
    return block.verdict;
}
} // namespace hg_emulation
