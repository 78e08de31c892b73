/* Claims: hg_principal_create finds the angles between the space of W's rows and that of the principal components, and
 * the directions within it, whatever rotation and lengths the rows have; rows that span less than they could, a C that
 * is singular, and W = 0 are no exceptions.
 *
 * C is diag(5, 4, 3, 2, 0) here, so that components are unit vectors, and every expected value follows by hand. */
#include <math.h>

#include "host/training/principal.h"
#include "tests/support/check.h"

enum { D = 5 };

static const double c[D * D] = {5, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0};
/* Angles are found by their cosines: the root of the rounding of 1. */
static const double ANGLE_LIMIT = 1e-7, LIMIT = 1e-12;

static void assert_near(double actual, double expected, double limit)
{
    if (!(fabs(actual - expected) <= limit))
        fail_msg("%.17g instead of %.17g", actual, expected);
}

static void assert_direction(const struct hg_principal *p, size_t i, const double *expected)
{
    for (size_t d = 0; d < D; ++d)
        assert_near(p->directions[i * D + d], expected[d], LIMIT);
}

static void rotated_rows_are_the_components(void **state)
{
    (void)state;
    const double cosine = cos(0.7), sine = sin(0.7);
    const double w[2 * D] = {cosine, -sine, 0, 0, 0, -sine, -cosine, 0, 0, 0};
    struct hg_principal p;
    assert_ok(hg_principal_create(&p, c, D, w, 2));
    assert_int_equal(p.rank, 2);
    assert_int_equal(p.angle_count, 2);
    assert_near(p.angles[1], 0, ANGLE_LIMIT);
    assert_near(p.values[0], 5, LIMIT);
    assert_near(p.moments[0], 5, LIMIT);
    assert_near(p.moments[1], 4, LIMIT);
    assert_direction(&p, 0, (const double[D]){1, 0, 0, 0, 0});
    assert_direction(&p, 1, (const double[D]){0, 1, 0, 0, 0});
    hg_principal_free(&p);
}

static void a_space_that_is_turned_away(void **state)
{
    (void)state;
    const double cosine = cos(0.3), sine = sin(0.3);
    /* Rows of different lengths, not orthogonal, that span e1 and cos e2 + sin e4. */
    const double w[2 * D] = {3, 0, 0, 0, 0, 100, 7 * cosine, 0, 7 * sine, 0};
    struct hg_principal p;
    assert_ok(hg_principal_create(&p, c, D, w, 2));
    assert_near(p.angles[0], 0, ANGLE_LIMIT);
    assert_near(p.angles[1], 0.3, ANGLE_LIMIT);
    assert_near(p.moments[0], 5, 1e-10);
    assert_near(p.moments[1], 4 * cosine * cosine + 2 * sine * sine, 1e-10);
    hg_principal_free(&p);
}

static void rows_that_depend_on_each_other(void **state)
{
    (void)state;
    const double w[3 * D] = {0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, -4, 0, 0};
    struct hg_principal p;
    assert_ok(hg_principal_create(&p, c, D, w, 3));
    assert_int_equal(p.rank, 1);
    assert_int_equal(p.angle_count, 1);
    assert_near(p.angles[0], 0, ANGLE_LIMIT); /* e3 is within the first three components */
    assert_near(p.moments[0], 3, LIMIT);
    hg_principal_free(&p);
}

static void no_rows_and_no_data(void **state)
{
    (void)state;
    static const double zero[D * D], w[2 * D] = {1, 0, 0, 0, 0, 0, 1, 0, 0, 0};
    struct hg_principal p;
    assert_ok(hg_principal_create(&p, c, D, zero, 2));
    assert_int_equal(p.rank, 0);
    assert_int_equal(p.angle_count, 0);
    hg_principal_free(&p);
    assert_ok(hg_principal_create(&p, zero, D, w, 2));
    assert_int_equal(p.rank, 2);
    assert_int_equal(p.angle_count, 0); /* nothing to be near to */
    hg_principal_free(&p);
}

/* With as many rows as features, the fifth component holds nothing of the data and counts for no angle. */
static void a_singular_moment(void **state)
{
    (void)state;
    double w[D * D] = {0};
    for (size_t i = 0; i < D; ++i)
        w[i * D + (i + 2) % D] = 1;
    struct hg_principal p;
    assert_ok(hg_principal_create(&p, c, D, w, D));
    assert_int_equal(p.rank, D);
    assert_int_equal(p.angle_count, 4);
    for (size_t i = 0; i < 4; ++i) {
        assert_near(p.angles[i], 0, ANGLE_LIMIT);
        assert_near(p.moments[i], 5 - (double)i, LIMIT);
    }
    hg_principal_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rotated_rows_are_the_components),
                                       cmocka_unit_test(a_space_that_is_turned_away),
                                       cmocka_unit_test(rows_that_depend_on_each_other),
                                       cmocka_unit_test(no_rows_and_no_data), cmocka_unit_test(a_singular_moment)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
