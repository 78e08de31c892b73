/* C in panels of `panel` rows: a panel of A is packed with its rows side by side, so that the innermost loop runs over
 * rows, in vectors; four columns of C share each load of A. Sums are taken over ascending k
 * in float. */
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "gemm.h"

namespace hg_emulation
{
namespace
{
constexpr size_t panel = 8, columns = 4;
typedef float vector __attribute__((vector_size(16))); /* what every x86-64 has */
constexpr size_t lanes = sizeof(vector) / sizeof(float);

float round_tf32(float value)
{
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7f800000u) != 0x7f800000u) /* not infinite, not NaN */
        bits = (bits + 0x0fffu + (bits >> 13 & 1)) & ~0x1fffu;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

void multiply(size_t k, const float *__restrict__ a, const float *__restrict__ b, float (*__restrict__ sums)[panel])
{
    vector s[columns][panel / lanes] = {};
    for (size_t p = 0; p < k; ++p) {
        vector rows[panel / lanes];
        std::memcpy(rows, a + p * panel, sizeof rows);
        for (size_t j = 0; j < columns; ++j)
            for (size_t i = 0; i < panel / lanes; ++i)
                s[j][i] += rows[i] * b[p * columns + j];
    }
    std::memcpy(sums, s, sizeof s);
}
} // namespace

void gemm(size_t m, size_t n, size_t k, float alpha, const Operand &a, const Operand &b, float beta, float *c,
          size_t leading, bool tf32)
{
    if (alpha == 0.0f)
        k = 0;
    const size_t groups = (n + columns - 1) / columns;
    std::vector<float> packed_a(k * panel), packed_b(groups * k * columns, 0.0f);
    for (size_t j = 0; j < n; ++j)
        for (size_t p = 0; p < k; ++p) {
            const float value = b.at(p, j);
            packed_b[(j / columns * k + p) * columns + j % columns] = tf32 ? round_tf32(value) : value;
        }
    for (size_t first = 0; first < m; first += panel) {
        const size_t height = std::min(panel, m - first);
        for (size_t p = 0; p < k; ++p)
            for (size_t i = 0; i < panel; ++i) {
                const float value = i < height ? a.at(first + i, p) : 0.0f;
                packed_a[p * panel + i] = tf32 ? round_tf32(value) : value;
            }
        for (size_t group = 0; group < groups; ++group) {
            float sums[columns][panel];
            multiply(k, packed_a.data(), packed_b.data() + group * k * columns, sums);
            for (size_t j = group * columns; j < std::min(n, (group + 1) * columns); ++j)
                for (size_t i = 0; i < height; ++i) {
                    float &target = c[j * leading + first + i];
                    const float product = alpha * sums[j % columns][i];
                    target = beta == 0.0f ? product : product + beta * target;
                }
        }
    }
}
} // namespace hg_emulation
