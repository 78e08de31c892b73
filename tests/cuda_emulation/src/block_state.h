/* The block that runs, for the parts that run it (block.cpp) and that make its threads wait (barrier.cpp, warp.cpp). */
#ifndef HG_EMULATION_BLOCK_STATE_H
#define HG_EMULATION_BLOCK_STATE_H

#include <string>
#include <vector>

#include "emulation.h"
#include "fiber.h"

namespace hg_emulation
{
constexpr unsigned warp_lanes = 32;

enum class State { fresh, ready, at_barrier, in_exchange, exited };

struct Thread {
    State state;
    Fiber *fiber;
    uint3 index;
    unsigned number;
    Site site; /* where it waits */
    int predicate;
    Exchange kind;
    unsigned mask;
    uint64_t value;
    int argument, width;
};

struct Block {
    const Kernel *kernel;
    void *const *arguments;
    std::vector<Thread> threads;
    std::vector<unsigned> fresh, ready; /* taken from the back */
    std::vector<unsigned> exchanging;   /* for each warp, the lanes that wait in exchanges */
    const Thread *first_at_barrier;
    size_t exited, at_barrier;
    bool ascending;
    Vote vote;
    int verdict; /* of the latest barrier */
    bool waited; /* some thread, for another */
    size_t first_fiber;
    uint64_t period = 0;       /* of begin_blocks */
    std::vector<Fiber *> used; /* since begin_blocks */
};

extern Block &block;
extern Thread *current;

std::string name_of(const Thread &t);  /* "thread (1,0,0)" */
std::string place_of(const Thread &t); /* "waits at the barrier swish.cu:60", "has exited" */

void wait_as(State state); /* the current thread, until another releases it */
void release(Thread &t);
/* Of this block's set of fibers: what other blocks do is not ordered by this block's barriers. */
void *barrier_key();
[[noreturn]] void diagnose_deadlock(); /* barrier.cpp: nothing can go on; says why */
} // namespace hg_emulation
#endif
