/* The threads of a block: who runs when.
 *
 * A fiber runs one thread after another in a plain loop, as long as none has to wait; one that waits keeps its fiber
 * and the rest go on with the next. So a kernel without barriers costs what a loop costs. (Under ThreadSanitizer every
 * thread has a fiber of its own.) The order of the threads is drawn for each block, because CUDA promises none. */
#include <algorithm>

#include "block.h"
#include "block_state.h"
#include "fiber.h"
#include "sanitizers.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace hg_emulation
{
Block &block = *new Block;
Thread *current;

namespace
{
std::vector<Fiber *> &fibers = *new std::vector<Fiber *>;
std::vector<Fiber *> &idle = *new std::vector<Fiber *>;

#ifdef HG_EMULATION_TSAN
constexpr bool own_fibers = true;
#else
constexpr bool own_fibers = false;
#endif
constexpr size_t fiber_limit = 1024;

void make_current(Thread *t)
{
    current = t;
    threadIdx = t->index;
}

void run_thread(Thread *t, Fiber *fiber)
{
    t->fiber = fiber;
    t->state = State::ready;
    make_current(t);
    if (own_fibers && fiber->period != block.period) {
        fiber->period = block.period;
        block.used.push_back(fiber);
        sanitizer::observe(&block.kernel);
    }
    block.kernel->call(block.kernel->function, block.arguments);
    current->state = State::exited;
    ++block.exited;
}

/* The life of a fiber: fresh threads while there are any, then to sleep until the scheduler has others. */
void fiber_body(Fiber *self)
{
    for (;;) {
        do {
            const unsigned next = block.fresh.back();
            block.fresh.pop_back();
            run_thread(&block.threads[next], self);
        } while (!own_fibers && !block.fresh.empty());
        if (!own_fibers)
            idle.push_back(self);
        self->yield();
    }
}

Fiber *fiber_for_fresh()
{
    if (own_fibers) { /* blocks take turns with the fibers, so that few threads of different blocks share one */
        const size_t index = block.first_fiber + block.fresh.back();
        while (fibers.size() <= index)
            fibers.push_back(new Fiber(fiber_body));
        return fibers[index];
    }
    if (idle.empty()) {
        fibers.push_back(new Fiber(fiber_body));
        return fibers.back();
    }
    Fiber *fiber = idle.back();
    idle.pop_back();
    return fiber;
}

void schedule()
{
    const bool ready_first = roll(2) == 0;
    while (block.exited < block.threads.size()) {
        if (!block.ready.empty() && (ready_first || block.fresh.empty())) {
            Thread &t = block.threads[block.ready.back()];
            block.ready.pop_back();
            make_current(&t);
            t.fiber->resume();
        } else if (!block.fresh.empty()) {
            fiber_for_fresh()->resume();
        } else {
            diagnose_deadlock();
        }
    }
    current = nullptr;
}

} // namespace

void wait_as(State state)
{
    Thread *self = current;
    block.waited = true;
    self->state = state;
    self->fiber->yield();
    make_current(self);
}

void *barrier_key()
{
    return fibers[block.first_fiber];
}

void release(Thread &t)
{
    t.state = State::ready;
    block.ready.push_back(t.number);
}

bool run_block(const Kernel &kernel, void *const *arguments, size_t number)
{
    const unsigned count = blockDim.x * blockDim.y * blockDim.z;
    block.kernel = &kernel;
    block.arguments = arguments;
    block.exited = block.at_barrier = 0;
    block.ascending = roll(2) == 0;
    block.first_fiber = own_fibers ? number % std::max<size_t>(1, fiber_limit / count) * count : 0;
    block.threads.resize(count);
    block.fresh.resize(count);
    block.ready.clear();
    block.exchanging.assign((count + warp_lanes - 1) / warp_lanes, 0);
    block.ready.reserve(count);
    block.used.reserve(fiber_limit);
    for (unsigned i = 0; i < count; ++i) {
        Thread &t = block.threads[i];
        t = {};
        t.state = State::fresh;
        t.number = i;
        t.index = {i % blockDim.x, i / blockDim.x % blockDim.y, i / (blockDim.x * blockDim.y)};
        block.fresh[i] = block.ascending ? count - 1 - i : i;
    }
    block.waited = false;
    schedule();
    return block.waited;
}

void begin_blocks()
{
    ++block.period;
    sanitizer::publish(&block.kernel);
}

void end_blocks()
{
    for (Fiber *fiber : block.used)
        fiber->publish(&block.exited);
    block.used.clear();
    sanitizer::observe(&block.exited);
}

std::string describe_thread()
{
    return current == nullptr ? std::string() : name_of(*current);
}
} // namespace hg_emulation
