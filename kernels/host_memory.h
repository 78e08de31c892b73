/* The functions allocate, release, upload and download of struct hg_backend for backends that compute in host memory.
 */
#ifndef HANDGRAD_KERNELS_HOST_MEMORY_H
#define HANDGRAD_KERNELS_HOST_MEMORY_H

#include "kernels/backend.h"

enum hg_status hg_host_allocate(struct hg_context *ctx, size_t bytes, void **out);
void hg_host_release(struct hg_context *ctx, void *memory);
/* Upload and download are the same here. */
enum hg_status hg_host_copy(struct hg_context *ctx, void *to, const void *from, size_t bytes);

#endif
