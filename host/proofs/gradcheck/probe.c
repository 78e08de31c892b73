#include "host/proofs/gradcheck/probe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_probe_create(struct hg_probe *probe, size_t n)
{
    double *memory;
    HG_TRY(hg_allocate_bytes(&memory, n, 4 * sizeof *memory, "the differences' operands"));
    *probe = (struct hg_probe){n, memory, memory + n, memory + 2 * n, memory + 3 * n, 0};
    return HG_OK;
}

void hg_probe_free(struct hg_probe *probe)
{
    free(probe->base);
    *probe = (struct hg_probe){0};
}

/* ---- the direction ---- */

static double norm(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; ++i)
        sum += values[i] * values[i];
    return sqrt(sum);
}

void hg_probe_aim(struct hg_probe *probe, struct hg_random *random)
{
    const size_t n = probe->n;
    for (size_t i = 0; i < n; ++i)
        probe->direction[i] = hg_random_normal(random);
    const double base_length = norm(probe->base, n), gradient_length = norm(probe->gradient, n);
    const double length = base_length > 0 ? base_length / sqrt(2) : 1;
    /* The random half points to the gradient's side; where n is small the two halves could else cancel. */
    const double random_length = copysign(norm(probe->direction, n), hg_probe_analytic(probe, 0).value);
    for (size_t i = 0; i < n; ++i) {
        const double along = gradient_length > 0 ? probe->gradient[i] / gradient_length : 0;
        probe->direction[i] = length * (along + probe->direction[i] / random_length);
    }
}

/* ---- by the gradient ---- */

struct hg_derivative hg_probe_analytic(const struct hg_probe *probe, size_t roundings)
{
    long double sum = 0, error = 0;
    for (size_t i = 0; i < probe->n; ++i) {
        const long double term = (long double)probe->gradient[i] * probe->direction[i];
        sum += term;
        error += (long double)roundings * fabsl(term) + fabs(probe->base_share * probe->base[i] * probe->direction[i]);
    }
    return (struct hg_derivative){.value = (double)sum, .error = (double)(error * (DBL_EPSILON / 2))};
}

/* ---- by differences ---- */

/* L as a function of t. */
struct line {
    const struct hg_probe *probe;
    hg_probe_loss *loss;
    void *target;
};

static enum hg_status loss_at(const struct line *line, double t, double *value)
{
    const struct hg_probe *probe = line->probe;
    for (size_t i = 0; i < probe->n; ++i)
        probe->moved[i] = probe->base[i] + t * probe->direction[i];
    return line->loss(line->target, probe->moved, value);
}

/* The standard deviation of L's rounding errors at t = 0, absolute and as a share of L. */
struct noise {
    double absolute, relative;
};

/* How close together values are in which only rounding errors are left. */
static const double SPACING = 0x1p-36;

/* Estimated from fourth differences of values so close together that only rounding errors are left in them (Moré and
 * Wild, Estimating Computational Noise, 2011); at least half a unit in L's last place. */
static enum hg_status rounding_noise(const struct line *line, struct noise *noise)
{
    enum { POINTS = 12, MIDDLE = POINTS / 2, ORDER = 4 };
    double values[POINTS], sum = 0;
    for (int i = 0; i < POINTS; ++i)
        HG_TRY(loss_at(line, (i - MIDDLE) * SPACING, &values[i]));
    const double middle = fabs(values[MIDDLE]), unit = DBL_EPSILON / 2;
    for (int order = 0; order < ORDER; ++order)
        for (int i = 0; i + order + 1 < POINTS; ++i)
            values[i] = values[i + 1] - values[i];
    for (int i = 0; i < POINTS - ORDER; ++i)
        sum += values[i] * values[i];
    /* The fourth difference of independent errors of variance 1 has variance 1 + 16 + 36 + 16 + 1 = 70. */
    noise->absolute = fmax(sqrt(sum / (POINTS - ORDER) / 70), middle * unit);
    noise->relative = middle > 0 ? noise->absolute / middle : unit;
    return HG_OK;
}

/* An entry of the tableau below, and its truncation error. */
struct entry {
    double value, truncation;
};

/* Removes the next power of the step from `entry`, given the same one at twice the step. The truncation error is what
 * that changes, but no less than 2^-16 of what it was: values can agree by chance before the expansion converges. */
static struct entry extrapolate(struct entry entry, struct entry wider, double power)
{
    const double value = entry.value + (entry.value - wider.value) / (power - 1);
    const double change = fmax(fabs(value - entry.value), fabs(value - wider.value));
    return (struct entry){value, fmax(change, wider.truncation * 0x1p-16)};
}

/* Central differences at steps 1, 1/2, 1/4, ..., extrapolated to step 0 (Richardson); the extrapolation with the least
 * error is taken (Ridders, 1982). The steps end where the rounding error alone exceeds the error of the best so far. So
 * the more strongly the loss depends on the quantity, the smaller the steps become. */
static enum hg_status differentiate(const struct line *line, const struct noise *noise, struct hg_derivative *best)
{
    /* Standard deviations: six for chance, twice that since the deviation is itself an estimate of eight numbers, and
     * a third more for what an extrapolation adds. */
    static const double CONFIDENCE = 16;
    enum { STEPS = 40, COLUMNS = 8 };
    struct entry row[COLUMNS] = {{0}};
    double step = 1, rounding = 0;
    *best = (struct hg_derivative){
        .value = NAN, .error = INFINITY, .noise = noise->absolute, .hidden = noise->absolute / SPACING};
    for (int i = 0; i < STEPS && CONFIDENCE * noise->absolute / step <= best->error; ++i, step /= 2) {
        double after, before, power = 1;
        HG_TRY(loss_at(line, step, &after));
        HG_TRY(loss_at(line, -step, &before));
        /* Rounding errors grow with L. Those of the wider steps enter an extrapolation with less than half their size.
         */
        const double deviation = fmax(noise->absolute, noise->relative * fmax(fabs(after), fabs(before)));
        rounding = rounding / 2 + CONFIDENCE * deviation / step;
        const double difference = (after - before) / (2 * step);
        struct entry above = row[0];
        row[0] = (struct entry){difference, fabs(difference)};
        for (int j = 1; j <= i && j < COLUMNS; ++j) {
            const struct entry entry = extrapolate(row[j - 1], above, power *= 4);
            if (isfinite(entry.value) &&
                entry.truncation + rounding < best->error) { /* wide steps may leave where L is */
                best->value = entry.value;
                best->error = entry.truncation + rounding;
            }
            above = row[j];
            row[j] = entry;
        }
    }
    return HG_OK;
}

enum hg_status hg_probe_numeric(const struct hg_probe *probe, hg_probe_loss *loss, void *target,
                                struct hg_derivative *derivative)
{
    const struct line line = {probe, loss, target};
    struct noise noise;
    double unused;
    HG_TRY(rounding_noise(&line, &noise));
    HG_TRY(differentiate(&line, &noise, derivative));
    return loss_at(&line, 0, &unused);
}
