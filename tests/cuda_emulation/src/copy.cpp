/* Copies and fills. A copy from pageable memory reads its source during the call and writes the device later; one to
 * pageable memory waits; with pinned memory both happen later, when the stream gets there: buffers reused too early
 * show. */
#include <cstring>

#include "emulation.h"

namespace hg_emulation
{
namespace
{
struct Rows { /* `height` rows of `width` bytes, `pitch` bytes apart */
    char *start;
    size_t pitch, width, height;

    size_t span() const
    {
        return (height - 1) * pitch + width;
    }
};

/* What `kind` says must be so; cudaMemcpyDefault takes what the pointers are. */
cudaError_t classify(const Rows &to, const Rows &from, cudaMemcpyKind &kind)
{
    if (to.pitch < to.width || from.pitch < from.width)
        return cudaErrorInvalidPitchValue;
    if (to.start == nullptr || from.start == nullptr)
        return cudaErrorInvalidValue;
    const bool to_device = allocation_near(to.start) != nullptr;
    const bool from_device = allocation_near(from.start) != nullptr;
    if (kind == cudaMemcpyDefault)
        kind = static_cast<cudaMemcpyKind>(to_device + 2 * from_device);
    if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDeviceToDevice)
        return cudaErrorInvalidMemcpyDirection;
    if (to_device != ((kind & 1) != 0) || from_device != ((kind & 2) != 0))
        return cudaErrorInvalidValue;
    if ((to_device && allocation_of(to.start, to.span()) == nullptr) ||
        (from_device && allocation_of(from.start, from.span()) == nullptr))
        return cudaErrorInvalidValue;
    return cudaSuccess;
}

void move(const Rows &to, const Rows &from, cudaMemcpyKind kind)
{
    ++counters.copies[kind];
    counters.copied_bytes[kind] += to.width * to.height;
    for (size_t row = 0; row < to.height; ++row) {
        const char *source = from.start + row * from.pitch;
        if (kind == cudaMemcpyDeviceToHost)
            check_initialised(source, from.width);
        std::memmove(to.start + row * to.pitch, source, to.width);
    }
}

cudaError_t copy(const Rows &to, const Rows &from, cudaMemcpyKind kind, cudaStream_t stream, bool wait)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (to.width == 0 || to.height == 0)
        return cudaSuccess;
    if (const cudaError_t wrong = classify(to, from, kind))
        return note(wrong);
    if (wait) {
        if (const cudaError_t forbidden = forbid_legacy_in_capture())
            return note(forbidden);
        ++counters.synchronisations;
    }
    const bool to_host = (kind & 1) == 0, from_host = (kind & 2) == 0;
    if (is_capturing(stream))
        return note(submit(stream, Work::copy, [=] { move(to, from, kind); }));
    if (from_host && !is_pinned(from.start, from.span())) {
        auto staged = std::make_shared<std::vector<char>>(from.width * from.height);
        const Rows stage = {staged->data(), from.width, from.width, from.height};
        for (size_t row = 0; row < from.height; ++row)
            std::memcpy(stage.start + row * stage.pitch, from.start + row * from.pitch, from.width);
        if (const cudaError_t error =
                submit(stream, Work::copy, [to, stage, kind, owner = std::move(staged)] { move(to, stage, kind); }))
            return note(error);
    } else if (const cudaError_t error = submit(stream, Work::copy, [=] { move(to, from, kind); })) {
        return note(error);
    }
    if (wait || (to_host && !is_pinned(to.start, to.span())))
        host_waits_for(last_of(stream_of(stream)));
    return note(stuck());
}

cudaError_t fill(const Rows &to, int value, cudaStream_t stream)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (to.width == 0 || to.height == 0)
        return cudaSuccess;
    if (to.pitch < to.width || allocation_of(to.start, to.span()) == nullptr)
        return note(cudaErrorInvalidValue);
    return note(submit(stream, Work::set, [=] {
        ++counters.memsets;
        for (size_t row = 0; row < to.height; ++row)
            std::memset(to.start + row * to.pitch, value, to.width);
    }));
}

Rows rows(const void *start, size_t pitch, size_t width, size_t height)
{
    return {static_cast<char *>(const_cast<void *>(start)), pitch, width, height};
}
} // namespace
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind)
{
    return copy(rows(to, bytes, bytes, 1), rows(from, bytes, bytes, 1), kind, nullptr, true);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
    return copy(rows(to, bytes, bytes, 1), rows(from, bytes, bytes, 1), kind, stream, false);
}

cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                         cudaMemcpyKind kind)
{
    return copy(rows(to, to_pitch, width, height), rows(from, from_pitch, width, height), kind, nullptr, true);
}

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
                              size_t height, cudaMemcpyKind kind, cudaStream_t stream)
{
    return copy(rows(to, to_pitch, width, height), rows(from, from_pitch, width, height), kind, stream, false);
}

cudaError_t cudaMemset(void *memory, int value, size_t bytes)
{
    return fill(rows(memory, bytes, bytes, 1), value, nullptr);
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream)
{
    return fill(rows(memory, bytes, bytes, 1), value, stream);
}

cudaError_t cudaMemset2D(void *memory, size_t pitch, int value, size_t width, size_t height)
{
    return fill(rows(memory, pitch, width, height), value, nullptr);
}

cudaError_t cudaMemset2DAsync(void *memory, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream)
{
    return fill(rows(memory, pitch, width, height), value, stream);
}
}
