/* Claims: what is not finite never passes a comparison; errors are those that arithmetic by hand gives. */
#include <math.h>

#include "host/proofs/compare.h"
#include "tests/support/check.h"

static void comparator_rejects_what_is_not_finite(void **state)
{
    (void)state;
    assert_true(isinf(hg_relative_error(NAN, 1, 1)));
    assert_true(isinf(hg_relative_error(1, NAN, 1)));
    assert_true(isinf(hg_relative_error(INFINITY, INFINITY, 1)));
    assert_true(isinf(hg_relative_error(1, 1, NAN)));
    assert_true(isinf(hg_relative_error(1, 2, 0)));
    assert_true(hg_relative_error(2, 2, 0) == 0);
    assert_true(hg_relative_error(3, 2, 4) == 0.25);
    assert_false(hg_within(NAN, 1));
    assert_false(hg_within(INFINITY, 1e300));
    assert_true(hg_within(1, 1));

    const double expected[] = {1, 2, 3}, nan_inside[] = {1, NAN, 3}, off[] = {1, 2.5, 3}, zero[] = {0, 0, 0};
    assert_true(isinf(hg_compare(3, nan_inside, expected, NULL).error));
    assert_int_equal(hg_compare(3, nan_inside, expected, NULL).index, 1);
    assert_true(hg_compare(3, off, expected, NULL).error == 0.5);
    assert_true(isinf(hg_relative_l2(3, nan_inside, expected)));
    assert_true(isinf(hg_relative_l2(3, expected, zero)));
    assert_true(hg_relative_l2(3, zero, zero) == 0);
    assert_true(fabs(hg_relative_l2(3, off, expected) - 0.5 / sqrt(14)) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comparator_rejects_what_is_not_finite)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
