/* Claims: memory comes zeroed and aligned as asked; a size that does not fit is refused, never wrapped around; failures
 * are HG_INTERNAL, say what was wanted and how many bytes of it, and leave the result alone; a planned failure strikes
 * the n-th allocation, once, whichever function makes it. */
#include "tests/support/check.h"

#include <stdint.h>
#include <stdlib.h>

#include "kernels/base/memory.h"

static void memory_is_zeroed(void **state)
{
    (void)state;
    double *values = NULL;
    assert_ok(hg_allocate(&values, 1000, "values"));
    for (size_t i = 0; i < 1000; ++i)
        assert_true(values[i] == 0);
    free(values);
    for (size_t bytes = 0; bytes < 1025; bytes += 64) {
        unsigned char *aligned = NULL;
        assert_ok(hg_allocate_aligned(&aligned, 256, bytes, "values"));
        assert_int_equal((uintptr_t)aligned % 256, 0);
        for (size_t i = 0; i < bytes; ++i)
            assert_int_equal(aligned[i], 0);
        free(aligned);
    }
}

static void nothing_may_be_asked_for(void **state)
{
    (void)state;
    int *none = NULL;
    assert_ok(hg_allocate(&none, 0, "nothing"));
    assert_non_null(none);
    assert_ok(hg_reallocate(&none, 0, "nothing"));
    assert_non_null(none);
    free(none);
}

static void growing_keeps_the_content(void **state)
{
    (void)state;
    uint32_t *values = NULL;
    size_t count = 0;
    for (size_t room = 1; room < 5000; room *= 3) {
        assert_ok(hg_reallocate(&values, room, "values"));
        while (count < room) {
            values[count] = (uint32_t)(7 * count);
            ++count;
        }
    }
    for (size_t i = 0; i < count; ++i)
        assert_int_equal(values[i], 7 * i);
    free(values);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    double own = 5, *values = &own;
    assert_fails(HG_INTERNAL, "for the values", hg_allocate(&values, SIZE_MAX / 8 + 1, "the values"));
    assert_fails(HG_INTERNAL, "for the values", hg_allocate(&values, SIZE_MAX, "the values"));
    assert_fails(HG_INTERNAL, "for the values", hg_allocate_aligned(&values, 64, SIZE_MAX, "the values"));
    assert_fails(HG_INTERNAL, "for the values", hg_allocate_aligned(&values, 64, SIZE_MAX - 63, "the values"));
    assert_ptr_equal(values, &own);
    char *text = NULL;
    assert_ok(hg_string_copy(&text, "kept"));
    assert_fails(HG_INTERNAL, "for the text", hg_reallocate_bytes(&text, SIZE_MAX / 2 + 1, 2, "the text"));
    assert_string_equal(text, "kept");
    free(text);
}

static void a_failure_says_what_and_how_much(void **state)
{
    (void)state;
    double *moment = NULL;
    hg_memory_fail_at(1);
    assert_int_equal(hg_allocate(&moment, 784 * 98, "the second moment"), HG_INTERNAL);
    assert_string_equal(hg_message(), "out of memory: 614656 bytes for the second moment");
    assert_null(moment);
}

/* Calls of every kind, of which the first failure is passed on. */
static enum hg_status allocate_in_every_way(void)
{
    char *text = NULL;
    double *values = NULL;
    void *aligned = NULL;
    enum hg_status status = hg_allocate(&values, 2, "two");
    if (status == HG_OK)
        status = hg_reallocate(&values, 3, "three");
    if (status == HG_OK)
        status = hg_allocate_aligned(&aligned, 64, 4, "four");
    if (status == HG_OK)
        status = hg_string_format(&text, "five");
    free(text);
    free(aligned);
    free(values);
    return status;
}

static void a_planned_failure_strikes_once(void **state)
{
    (void)state;
    static const char *const said[] = {"two", "three", "four", "five"};
    for (size_t n = 1; n <= COUNT(said); ++n) {
        hg_memory_fail_at(n);
        assert_fails(HG_INTERNAL, said[n - 1], allocate_in_every_way());
        assert_true(hg_memory_failed());
        assert_ok(allocate_in_every_way());
    }
    hg_memory_fail_at(COUNT(said) + 1);
    assert_ok(allocate_in_every_way());
    assert_false(hg_memory_failed());
    hg_memory_fail_at(0);
    assert_ok(allocate_in_every_way());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed),
        cmocka_unit_test(nothing_may_be_asked_for),
        cmocka_unit_test(growing_keeps_the_content),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(a_failure_says_what_and_how_much),
        cmocka_unit_test(a_planned_failure_strikes_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
