/* Independent pieces of work on several threads, for reading files; computation has threads of its own. */
#ifndef HANDGRAD_KERNELS_BASE_PARALLEL_H
#define HANDGRAD_KERNELS_BASE_PARALLEL_H

#include <stddef.h>

#include "handgrad/status.h"

/* Piece `index` of the work. Several run at the same time. */
typedef enum hg_status hg_piece_function(void *context, size_t index);

/* Calls `piece` with 0 ... count - 1, on the calling thread and, where there are many pieces, on as many others as
 * there are processors for them. Where pieces fail, the failure is that of the first of them, as if they ran in order;
 * which of the pieces behind it ran is not known. */
enum hg_status hg_parallel(size_t count, hg_piece_function *piece, void *context);

#endif
