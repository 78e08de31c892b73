/* What the symbol tables of the running program say about kernels. */
#ifndef HG_EMULATION_SYMBOLS_H
#define HG_EMULATION_SYMBOLS_H

#include <cstddef>
#include <string>
#include <vector>

namespace hg_emulation
{
struct Shared {    /* a __shared__ variable */
    size_t offset; /* in the thread-local memory of its program or library */
    size_t bytes;
};

struct Symbols {
    std::string name;    /* readable; "kernel" where the program is stripped */
    size_t shared_bytes; /* of the shared variables declared in the kernel itself */
    const std::vector<Shared>
        *shared;      /* all shared variables of the program or library: device functions have some too */
    const void *base; /* where the program or library is loaded */
};

/* Looked up once for each function. */
const Symbols &symbols_of(const void *function);

/* The calling thread's thread-local memory of the program or library loaded at `base`. */
char *thread_local_memory(const void *base);
} // namespace hg_emulation
#endif
