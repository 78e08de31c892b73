/* What a touch of protected memory means, said in words: the host in device memory, a kernel past the end of an
 * allocation or in one that was freed, a fiber out of its stack. Faults that have nothing to do with the emulation go
 * to whoever handled them before, the sanitizers or the kernel. */
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "block.h"
#include "emulation.h"
#include "fiber.h"

namespace hg_emulation
{
namespace
{
struct sigaction before[2]; /* SIGSEGV, SIGBUS */

const char *verb([[maybe_unused]] const void *context)
{
#ifdef __x86_64__
    constexpr long long write_bit = 2;
    const ucontext_t *registers = static_cast<const ucontext_t *>(context);
    return (registers->uc_mcontext.gregs[REG_ERR] & write_bit) != 0 ? "write" : "read";
#else
    return "access";
#endif
}

void explain(int signal, siginfo_t *info, void *context)
{
    if (open_at(info->si_addr))
        return;
    const bool in_kernel = !describe_thread().empty();
    if (const Allocation *a = allocation_near(info->si_addr)) {
        const std::ptrdiff_t offset = static_cast<char *>(info->si_addr) - a->base;
        const unsigned long number = static_cast<unsigned long>(a->number);
        if (!a->live)
            die("%s of device memory after cudaFree: offset %td of allocation %lu of %zu bytes", verb(context), offset,
                number, a->bytes);
        if (!in_kernel)
            die("host %s of device memory: offset %td of allocation %lu of %zu bytes", verb(context), offset, number,
                a->bytes);
        die("%s outside of device memory: offset %td of allocation %lu of %zu bytes", verb(context), offset, number,
            a->bytes);
    }
    if (Fiber::with_guard_at(info->si_addr) != nullptr)
        die("stack overflow in a kernel");
    if (in_kernel)
        die("a kernel's %s of %p, which is no device memory", verb(context), info->si_addr);
    sigaction(signal, &before[signal == SIGBUS], nullptr); /* and fault again */
}
} // namespace

/* Called often: test frameworks set handlers of their own before each test. */
void explain_faults()
{
    struct sigaction current;
    sigaction(SIGSEGV, nullptr, &current);
    if ((current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == explain)
        return;
    static char stack[64 * 1024]; /* a fiber that overflowed its stack has none left for the handler */
    const stack_t alternate = {stack, 0, sizeof stack};
    sigaltstack(&alternate, nullptr);
    struct sigaction action = {};
    action.sa_sigaction = explain;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, &before[0]);
    sigaction(SIGBUS, &action, &before[1]);
}
} // namespace hg_emulation
