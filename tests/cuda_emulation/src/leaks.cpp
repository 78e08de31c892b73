/* What was not given back when the program ends. A program that would have succeeded then fails with status 23;
 * HG_EMULATION_LEAKS=0 keeps quiet. */
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "emulation.h"

namespace hg_emulation
{
namespace
{
constexpr int leak_status = 23; /* LeakSanitizer's */

bool report(const char *what, size_t count)
{
    if (count > 0)
        std::fprintf(stderr, "hg_emulation: leak: %zu %s\n", count, what);
    return count > 0;
}

void report_leaks(int status, void *)
{
    bool leaks = report_device_memory();
    leaks |= report_host_memory();
    leaks |= report("streams", live_streams());
    leaks |= report("events", live_events());
    leaks |= report("graphs", live_graphs());
    leaks |= report("cuBLAS handles", live_handles());
    if (leaks && status == 0) {
        std::fflush(nullptr);
        _exit(leak_status);
    }
}
} // namespace

void watch_leaks()
{
    static const bool watched = setting("HG_EMULATION_LEAKS", 1) != 0 && on_exit(report_leaks, nullptr) == 0;
    static_cast<void>(watched);
}
} // namespace hg_emulation
