#include "kernels/base/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many allocations from here the one is that shall fail; 0: none shall. */
static atomic_size_t until_failure;

void hg_memory_fail_at(size_t n)
{
    atomic_store(&until_failure, n);
}

bool hg_memory_failed(void)
{
    return atomic_load(&until_failure) == 0;
}

static bool is_to_fail(void)
{
    size_t left = atomic_load_explicit(&until_failure, memory_order_relaxed);
    while (left > 0 && !atomic_compare_exchange_weak(&until_failure, &left, left - 1))
        continue;
    return left == 1;
}

void *hg_memory_malloc(size_t bytes)
{
    if (!is_to_fail())
        return malloc(bytes);
    errno = ENOMEM;
    return NULL;
}

/* count * size, or SIZE_MAX, which no allocation can fulfil. */
static size_t product(size_t count, size_t size)
{
    return size > 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
}

static enum hg_status out_of_memory(size_t count, size_t size, const char *what)
{
    if (product(count, size) == SIZE_MAX)
        return hg_fail(HG_INTERNAL, "out of memory: %zu times %zu bytes for %s", count, size, what);
    return hg_fail(HG_INTERNAL, "out of memory: %zu bytes for %s", count * size, what);
}

/* The type of the caller's pointer is not known here, and writing it as another type would break C's aliasing rules:
 * hence memcpy. */
static void give(void *pointer, void *memory)
{
    memcpy(pointer, &memory, sizeof memory);
}

enum hg_status hg_allocate_bytes(void *pointer, size_t count, size_t size, const char *what)
{
    const size_t bytes = product(count, size);
    void *memory = is_to_fail() || bytes == SIZE_MAX ? NULL : calloc(bytes > 0 ? bytes : 1, 1);
    if (!memory)
        return out_of_memory(count, size, what);
    give(pointer, memory);
    return HG_OK;
}

enum hg_status hg_reallocate_bytes(void *pointer, size_t count, size_t size, const char *what)
{
    void *memory;
    memcpy(&memory, pointer, sizeof memory);
    const size_t bytes = product(count, size);
    void *moved = is_to_fail() || bytes == SIZE_MAX ? NULL : realloc(memory, bytes > 0 ? bytes : 1);
    if (!moved)
        return out_of_memory(count, size, what);
    give(pointer, moved);
    return HG_OK;
}

enum hg_status hg_allocate_aligned(void *pointer, size_t alignment, size_t bytes, const char *what)
{
    assert(alignment >= sizeof(void *) && (alignment & (alignment - 1)) == 0);
    const bool fits = bytes <= SIZE_MAX - alignment;
    const size_t rounded = (bytes / alignment + 1) * alignment; /* aligned_alloc takes multiples; never 0 */
    void *memory = is_to_fail() || !fits ? NULL : aligned_alloc(alignment, rounded);
    if (!memory)
        return out_of_memory(bytes, 1, what);
    memset(memory, 0, rounded);
    give(pointer, memory);
    return HG_OK;
}

enum hg_status hg_string_copy(char **out, const char *text)
{
    return hg_string_format(out, "%s", text);
}

enum hg_status hg_string_format(char **out, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = is_to_fail() ? -1 : vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return hg_fail(HG_INTERNAL, "out of memory for the text \"%s\"", format);
    *out = text;
    return HG_OK;
}
