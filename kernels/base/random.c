#include "kernels/base/random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

struct hg_random hg_random_stream(uint64_t seed, enum hg_random_purpose purpose, uint64_t index)
{
    uint64_t state = seed;
    state = splitmix64(&state) ^ (uint64_t)purpose;
    state = splitmix64(&state) ^ index;
    struct hg_random random;
    for (size_t i = 0; i < 4; ++i)
        random.state[i] = splitmix64(&state);
    return random;
}

uint64_t hg_random_bits(struct hg_random *random)
{
    uint64_t *s = random->state;
    const uint64_t result = rotate(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double hg_random_uniform(struct hg_random *random)
{
    return (double)(hg_random_bits(random) >> 11) * 0x1p-53;
}

double hg_random_normal(struct hg_random *random)
{
    const double two_pi = 6.283185307179586476925287;
    const double u = 1 - hg_random_uniform(random); /* in (0, 1]: its logarithm is finite */
    return sqrt(-2 * log(u)) * cos(two_pi * hg_random_uniform(random));
}

uint32_t hg_random_below(struct hg_random *random, uint32_t bound)
{
    /* Lemire: the high half of a 32 x 32 bit product is uniform once the few low values that would favour some
     * results are drawn again. */
    const uint32_t unfair = -bound % bound;
    uint64_t product;
    do
        product = (hg_random_bits(random) >> 32) * bound;
    while ((uint32_t)product < unfair);
    return (uint32_t)(product >> 32);
}

void hg_random_permutation(struct hg_random *random, uint32_t *order, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const uint32_t j = hg_random_below(random, (uint32_t)(i + 1));
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
}
