/* Host memory: every allocation of handgrad outside CUDA's own goes through here.
 *
 * Memory is zeroed and released with free(). A failure is HG_INTERNAL with what was wanted for what: "out of memory:
 * 614656 bytes for the second moment". `what` is a noun phrase, or the path of the file that is being read; the
 * caller's pointer is unchanged on failure. A size of 0 is fine and gives memory that may be freed. */
#ifndef HANDGRAD_KERNELS_BASE_MEMORY_H
#define HANDGRAD_KERNELS_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

/* hg_allocate(&order, samples, "the order of the samples"): `count` elements of what `order` points to. */
#define hg_allocate(pointer, count, what) hg_allocate_bytes((pointer), (count), sizeof **(pointer), (what))
/* Makes room for `count` elements, keeping those that are there. The memory added is not zeroed. */
#define hg_reallocate(pointer, count, what) hg_reallocate_bytes((pointer), (count), sizeof **(pointer), (what))

/* `pointer` is the address of a pointer of any type. */
enum hg_status hg_allocate_bytes(void *pointer, size_t count, size_t size, const char *what);
enum hg_status hg_reallocate_bytes(void *pointer, size_t count, size_t size, const char *what);
/* Starts at a multiple of `alignment`, a power of two of at least sizeof(void *). */
enum hg_status hg_allocate_aligned(void *pointer, size_t alignment, size_t bytes, const char *what);

enum hg_status hg_string_copy(char **out, const char *text);
enum hg_status hg_string_format(char **out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For libraries that allocate by themselves (cJSON, zlib, the standard library's streams) and had no memory left. */
#define hg_fail_out_of_memory(what) hg_fail(HG_INTERNAL, "out of memory for %s", (what))

/* For tests of what happens when memory runs out: the n-th allocation from here on fails (1: the next), whichever
 * thread makes it, and those after it succeed again; 0 cancels this. */
void hg_memory_fail_at(size_t n);
/* Whether that allocation has been reached. */
bool hg_memory_failed(void);
/* A malloc() that counts as such an allocation, to be handed to libraries. */
void *hg_memory_malloc(size_t bytes);

#endif
