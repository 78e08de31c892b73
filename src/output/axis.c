#include "src/output/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ABOUT = 5 /* ticks on an axis */ };

/* Beyond these, a difference of two numbers may overflow. */
static const double HUGE_NUMBER = 1e300;

bool hg_axis_shows(enum hg_axis_kind kind, double value)
{
    return isfinite(value) && (kind != HG_AXIS_LOG || value > 0);
}

static double along(const struct hg_axis *axis, double value)
{
    return axis->kind == HG_AXIS_LOG ? log10(value) : fmax(-HUGE_NUMBER, fmin(value, HUGE_NUMBER));
}

double hg_axis_place(const struct hg_axis *axis, double value)
{
    return axis->from + (along(axis, value) - axis->low) / (axis->high - axis->low) * (axis->to - axis->from);
}

/* The least of 1, 2, 5, 10, 20 ... times a power of ten that is not below `least`. */
static double round_up(double least)
{
    const double power = pow(10, floor(log10(least)));
    for (unsigned i = 0; i < 3; ++i) {
        const double candidate = power * (double[]){1, 2, 5}[i];
        if (candidate >= least * (1 - 1e-9))
            return candidate;
    }
    return 10 * power;
}

/* "10⁻⁵" */
static void print_power(char *out, size_t size, int exponent)
{
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char plain[16];
    size_t used = (size_t)snprintf(out, size, "10%s", exponent < 0 ? "⁻" : "");
    snprintf(plain, sizeof plain, "%d", exponent < 0 ? -exponent : exponent);
    for (const char *digit = plain; *digit && used < size; ++digit)
        used += (size_t)snprintf(out + used, size - used, "%s", digits[*digit - '0']);
}

static int magnitude(double value)
{
    return (int)floor(log10(fabs(value)) + 1e-9);
}

/* A multiple of 10^unit: as few digits as tell it from its neighbours. `scientific`: as a number from 1 to 10 times a
 * power of ten. */
static void print_number(char *out, double value, int unit, bool scientific)
{
    const char *sign = value < 0 ? "−" : "";
    value = fabs(value);
    if (value == 0 || !scientific) {
        snprintf(out, HG_AXIS_LABEL, "%s%.*f", sign, unit < 0 && value != 0 ? -unit : 0, value);
        return;
    }
    const int exponent = magnitude(value);
    const int decimals = exponent > unit ? exponent - unit : 0;
    char power[32];
    print_power(power, sizeof power, exponent);
    /* exp10 of a very small exponent is 0 */
    const int half = exponent / 2;
    const double digits = value / pow(10, half) / pow(10, exponent - half);
    snprintf(out, HG_AXIS_LABEL, "%s%.*f×%s", sign, decimals > 12 ? 12 : decimals, digits, power);
}

static void add_tick(struct hg_axis *axis, double value, int unit, bool scientific)
{
    if (axis->tick_count == HG_AXIS_TICKS)
        return;
    axis->ticks[axis->tick_count].value = value;
    print_number(axis->ticks[axis->tick_count].label, value, unit, scientific);
    ++axis->tick_count;
}

static bool is_scientific(double least, double most)
{
    const double largest = fmax(fabs(least), fabs(most));
    return largest >= 1e6 || largest < 1e-3;
}

static void add_linear_ticks(struct hg_axis *axis, double low, double high)
{
    double step = round_up((high - low) / ABOUT);
    if (axis->kind == HG_AXIS_WHOLE)
        step = fmax(step, 1);
    const double first = ceil(low / step - 1e-9);
    for (unsigned i = 0; (first + i) * step <= high + 1e-9 * step && i < HG_AXIS_TICKS; ++i)
        add_tick(axis, first + i == 0 ? 0 : (first + i) * step, magnitude(step), is_scientific(low, high));
}

/* Powers of ten, every one or every so many. */
static void add_powers(struct hg_axis *axis, int first, int last)
{
    const int stride = (last - first) / (ABOUT + 1) + 1;
    const bool plain = first >= -3 && last <= 5;
    for (int exponent = (int)ceil((double)first / stride) * stride; exponent <= last; exponent += stride) {
        if (axis->tick_count == HG_AXIS_TICKS)
            return;
        const double value = pow(10, exponent);
        add_tick(axis, value, exponent < 0 ? exponent : 0, false);
        if (!plain)
            print_power(axis->ticks[axis->tick_count - 1].label, HG_AXIS_LABEL, exponent);
    }
}

static void add_log_ticks(struct hg_axis *axis)
{
    const int first = (int)ceil(axis->low), last = (int)floor(axis->high);
    if (last - first >= 2) {
        add_powers(axis, first, last);
        return;
    }
    const bool scientific = axis->low < -3 || axis->high > 6;
    for (int exponent = (int)floor(axis->low); exponent <= last; ++exponent)
        for (unsigned i = 0; i < 3; ++i) {
            const double value = (double[]){1, 2, 5}[i] * pow(10, exponent);
            if (log10(value) >= axis->low && log10(value) <= axis->high)
                add_tick(axis, value, exponent, scientific);
        }
    if (axis->tick_count >= 3)
        return;
    axis->tick_count = 0;
    add_linear_ticks(axis, pow(10, axis->low), pow(10, axis->high));
}

void hg_axis_fit(struct hg_axis *axis, enum hg_axis_kind kind, double least, double most)
{
    axis->kind = kind;
    axis->tick_count = 0;
    axis->low = along(axis, least);
    axis->high = along(axis, most);
    const double size = fmax(fabs(axis->low), fabs(axis->high));
    double room = (axis->high - axis->low) * 0.04;
    /* One number alone, or numbers so near each other that no double lies between their labels. */
    if (axis->high - axis->low <= 1e-12 * size || axis->high == axis->low)
        room = kind != HG_AXIS_LINEAR || size == 0 ? 0.5 : 0.05 * size;
    const bool positive = kind == HG_AXIS_LINEAR && axis->low >= 0;
    axis->low -= room;
    axis->high += room;
    if (positive)
        axis->low = fmax(axis->low, 0);
    if (kind == HG_AXIS_LOG)
        add_log_ticks(axis);
    else
        add_linear_ticks(axis, axis->low, axis->high);
}
