/* One block of threads, run to its end. */
#ifndef HG_EMULATION_BLOCK_H
#define HG_EMULATION_BLOCK_H

#include <string>

#include "emulation.h"

namespace hg_emulation
{
/* Runs one block after blockIdx, blockDim and gridDim are set. `number` counts the blocks of a launch. True where its
 * threads waited for each other, and so may have used shared memory. */
bool run_block(const Kernel &kernel, void *const *arguments, size_t number);

/* For the race detector: what the host did before is seen by the threads of the blocks that follow, and what threads
 * did is seen by the host. Blocks between a begin and its end are not ordered. */
void begin_blocks();
void end_blocks();

/* "thread (1,0,0)" while a kernel runs, else empty. */
std::string describe_thread();
} // namespace hg_emulation
#endif
