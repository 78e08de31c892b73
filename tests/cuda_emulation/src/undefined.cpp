/* Misaligned accesses and indices outside of arrays in CUDA sources, in every build: those sources are compiled with
 * the checks of -fsanitize=alignment,bounds, whose reports these functions are where no sanitizer's library is linked.
 */
#include <cstdint>

#include "emulation.h"

namespace
{
/* The layout is the compilers' (libubsan's ubsan_value.h, ubsan_handlers.h). */
struct Location {
    const char *file;
    uint32_t line, column;
};

struct Type {
    uint16_t kind, info;
    char name[1];
};

struct Mismatch {
    Location location;
    const Type *type;
    unsigned char log_alignment, kind;
};

struct OutOfBounds {
    Location location;
    const Type *array, *index;
};
} // namespace

extern "C" {
[[noreturn]] void __ubsan_handle_type_mismatch_v1_abort(const Mismatch *data, uintptr_t address)
{
    hg_emulation::die("misaligned access at %s:%u: %p, but %s takes an alignment of %u", data->location.file,
                      data->location.line, reinterpret_cast<void *>(address), data->type->name,
                      1u << data->log_alignment);
}

[[noreturn]] void __ubsan_handle_out_of_bounds_abort(const OutOfBounds *data, uintptr_t index)
{
    hg_emulation::die("index %td out of bounds at %s:%u: %s", static_cast<std::ptrdiff_t>(index), data->location.file,
                      data->location.line, data->array->name);
}
}
