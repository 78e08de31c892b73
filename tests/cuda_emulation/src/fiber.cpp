/* On x86-64 a switch is fourteen instructions, because ucontext's costs two system calls and kernels full of shuffles
 * switch millions of times; elsewhere it is ucontext. The sanitizers are told of every switch. Under ThreadSanitizer
 * each fiber is a thread of its own to the race detector, and a switch orders nothing: only barriers do. */
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "emulation.h"
#include "fiber.h"
#include "sanitizers.h"

#ifdef __x86_64__
/* Saves the callee-saved registers on this stack and the stack pointer in *save, and goes on with the stack `next`. */
extern "C" void hg_emulation_switch(void **save, void *next);
asm(R"(
    .text
    .globl hg_emulation_switch
    .type hg_emulation_switch, @function
hg_emulation_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size hg_emulation_switch, . - hg_emulation_switch
)");
#else
#include <ucontext.h>
static void hg_emulation_switch(void **save, void *next)
{
    ucontext_t here;
    *save = &here;
    swapcontext(&here, static_cast<ucontext_t *>(next));
}
#endif

namespace hg_emulation
{
namespace
{
#ifdef HG_EMULATION_ASAN
constexpr size_t stack_bytes = 256 * 1024; /* redzones make frames larger */
#else
constexpr size_t stack_bytes = 64 * 1024;
#endif

std::vector<const Fiber *> &fibers = *new std::vector<const Fiber *>;
Fiber *entering; /* the fiber whose stack is used for the first time */

size_t guard_bytes()
{
    static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return bytes;
}
} // namespace

Fiber::Fiber(void (*body)(Fiber *)) : body_(body)
{
    void *map = mmap(nullptr, guard_bytes() + stack_bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED || mprotect(map, guard_bytes(), PROT_NONE) != 0)
        die("no memory for the stacks of a block's threads");
    stack_ = static_cast<char *>(map) + guard_bytes();
#ifdef __x86_64__
    void **top = reinterpret_cast<void **>(stack_ + stack_bytes);
    *--top = nullptr; /* the return address of enter(), which never returns; keeps the stack aligned at its entry */
    *--top = reinterpret_cast<void *>(&Fiber::enter);
    top -= 6; /* the callee-saved registers that the first switch pops */
    context_ = top;
#else
    ucontext_t *context = new ucontext_t;
    getcontext(context);
    context->uc_stack.ss_sp = stack_;
    context->uc_stack.ss_size = stack_bytes;
    context->uc_link = nullptr;
    makecontext(context, &Fiber::enter, 0);
    context_ = context;
#endif
    fibers.push_back(this);
}

void Fiber::enter()
{
    entering->start();
}

void Fiber::start()
{
#ifdef HG_EMULATION_ASAN
    __sanitizer_finish_switch_fiber(nullptr, &caller_stack_, &caller_stack_bytes_);
#endif
    body_(this);
    die("a fiber's body returned");
}

void Fiber::resume()
{
    entering = this;
#ifdef HG_EMULATION_ASAN
    __sanitizer_start_switch_fiber(&caller_fake_stack_, stack_, stack_bytes);
#endif
    caller_identity_ = identity_.enter();
    hg_emulation_switch(&caller_, context_);
#ifdef HG_EMULATION_ASAN
    __sanitizer_finish_switch_fiber(caller_fake_stack_, nullptr, nullptr);
#endif
}

void Fiber::yield()
{
#ifdef HG_EMULATION_ASAN
    __sanitizer_start_switch_fiber(&fake_stack_, caller_stack_, caller_stack_bytes_);
#endif
    sanitizer::Identity::leave(caller_identity_);
    hg_emulation_switch(&context_, caller_);
#ifdef HG_EMULATION_ASAN
    __sanitizer_finish_switch_fiber(fake_stack_, &caller_stack_, &caller_stack_bytes_);
#endif
}

void Fiber::observe(void *key)
{
    identity_.act([key] { sanitizer::observe(key); });
}

void Fiber::publish(void *key)
{
    identity_.act([key] { sanitizer::publish(key); });
}

const Fiber *Fiber::with_guard_at(const void *address)
{
    const char *at = static_cast<const char *>(address);
    for (const Fiber *fiber : fibers)
        if (at < fiber->stack_ && at >= fiber->stack_ - guard_bytes())
            return fiber;
    return nullptr;
}
} // namespace hg_emulation
