/* The emulation's environment variables, and its dice: the order of work that CUDA leaves open is drawn from a
 * generator with a fixed seed (HG_EMULATION_SEED), so that a failure repeats. */
#include <cstdlib>

#include "emulation.h"

namespace hg_emulation
{
long long setting(const char *name, long long fallback)
{
    const char *text = std::getenv(name);
    if (text == nullptr || *text == '\0')
        return fallback;
    char *end = nullptr;
    const long long value = std::strtoll(text, &end, 10);
    if (end == text)
        die("environment: %s=%s is no number", name, text);
    return value;
}

/* splitmix64 */
uint64_t roll(uint64_t sides)
{
    static uint64_t state = static_cast<uint64_t>(setting("HG_EMULATION_SEED", 1));
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % sides;
}
} // namespace hg_emulation
