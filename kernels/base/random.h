/* Pseudo-random numbers: xoshiro256** (Blackman and Vigna), seeded by splitmix64. A seed, a purpose and an index
 * determine a stream, so the order of epoch 7 can be drawn without those of epochs 1 to 6. */
#ifndef HANDGRAD_KERNELS_BASE_RANDOM_H
#define HANDGRAD_KERNELS_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum hg_random_purpose { HG_RANDOM_WEIGHTS, HG_RANDOM_ORDER, HG_RANDOM_SYNTHETIC, HG_RANDOM_DIVISION };

struct hg_random {
    uint64_t state[4];
};

struct hg_random hg_random_stream(uint64_t seed, enum hg_random_purpose purpose, uint64_t index);
uint64_t hg_random_bits(struct hg_random *random);
/* Uniform in [0, 1), in steps of 2^-53. */
double hg_random_uniform(struct hg_random *random);
/* Normal with mean 0 and variance 1. */
double hg_random_normal(struct hg_random *random);
/* Uniform in 0 ... bound - 1, bound > 0, without bias. */
uint32_t hg_random_below(struct hg_random *random, uint32_t bound);
/* order becomes a random permutation of 0 ... count - 1. */
void hg_random_permutation(struct hg_random *random, uint32_t *order, size_t count);

#endif
