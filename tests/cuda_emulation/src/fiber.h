/* Fibers: stacks that are switched by hand, so that a CUDA thread can wait for others in the middle of a kernel. */
#ifndef HG_EMULATION_FIBER_H
#define HG_EMULATION_FIBER_H

#include <cstddef>
#include <cstdint>

#include "sanitizers.h"

namespace hg_emulation
{
class Fiber /* kept for the next block, never destroyed */
{
  public:
    explicit Fiber(void (*body)(Fiber *));
    Fiber(const Fiber &) = delete;
    Fiber &operator=(const Fiber &) = delete;

    void resume(); /* runs the fiber until it yields; called by the scheduler */
    void yield();  /* back to the scheduler; called by the fiber */

    /* sanitizer::observe and publish in the name of this fiber */
    void observe(void *key);
    void publish(void *key);

    uint64_t period = 0; /* the scheduler's: when this fiber last observed the start of blocks */

    static const Fiber *with_guard_at(const void *address); /* the fiber whose stack overflowed there, or NULL */

  private:
    static void enter();
    void start();

    void (*body_)(Fiber *);
    char *stack_;
    void *context_ = nullptr; /* the fiber's while it sleeps */
    void *caller_ = nullptr;  /* the scheduler's while the fiber runs */
    [[maybe_unused]] void *fake_stack_ = nullptr, *caller_fake_stack_ = nullptr;
    [[maybe_unused]] const void *caller_stack_ = nullptr;
    [[maybe_unused]] size_t caller_stack_bytes_ = 0;
    sanitizer::Identity identity_;
    void *caller_identity_ = nullptr;
};
} // namespace hg_emulation
#endif
