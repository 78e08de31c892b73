/* Claims: a failure keeps its origin, whatever context callers add to its message; its trace lists the places that it
 * passed through, from the origin outwards, as paths from the project's root; the next failure starts a trace of its
 * own; very deep traces end in "...", and other threads have their own. */
#include "tests/support/check.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "kernels/base/try.h"

static enum hg_status origin(void)
{
    return hg_fail(HG_IO, "origin");
}

static enum hg_status tries(void)
{
    HG_TRY(origin());
    return HG_OK;
}

static enum hg_status cleans_up(bool *cleaned)
{
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(HG_OK);
    HG_TRY_OR_CLEANUP(tries());
    fail_msg("a failure was passed over");

cleanup:
    *cleaned = true;
    return status;
}

static enum hg_status explains(bool *cleaned)
{
    const enum hg_status status = cleans_up(cleaned);
    return hg_fail_within(status, "context: %s", hg_message());
}

static enum hg_status recurses(size_t depth)
{
    if (depth > 0)
        HG_TRY(recurses(depth - 1));
    return origin();
}

/* The functions of the trace, in order, with a comma behind each; every line must be "this file:number function". */
static const char *functions(void)
{
    static char names[4096];
    char copy[4096], *rest = copy;
    snprintf(copy, sizeof copy, "%s", hg_trace());
    names[0] = '\0';
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        char name[64] = "", file[256] = "";
        int number = 0;
        if (sscanf(line, "%255[^:]:%d %63s", file, &number, name) != 3 || number <= 0)
            snprintf(name, sizeof name, "%s", line);
        else
            assert_string_equal(file, "tests/kernels/base/test_status.c");
        strcat(strcat(names, name), ",");
    }
    return names;
}

static void a_trace_goes_from_the_origin_outwards(void **state)
{
    (void)state;
    bool cleaned = false;
    assert_fails(HG_IO, "context: ", explains(&cleaned));
    assert_true(cleaned);
    assert_string_equal(functions(), "origin,tries,cleans_up,explains,");
}

static void context_may_quote_the_message(void **state)
{
    (void)state;
    hg_fail(HG_IO, "first");
    assert_int_equal(hg_fail_within(HG_BAD_DATA, "second: %s", hg_message()), HG_BAD_DATA);
    assert_string_equal(hg_message(), "second: first");
}

static void each_failure_has_a_trace_of_its_own(void **state)
{
    (void)state;
    assert_fails(HG_IO, "origin", tries());
    assert_fails(HG_IO, "origin", origin());
    assert_string_equal(functions(), "origin,");
}

static void a_deep_trace_is_cut_short(void **state)
{
    (void)state;
    assert_fails(HG_IO, "origin", recurses(1000));
    const char *names = functions();
    assert_int_equal(strncmp(names, "origin,recurses,recurses,", 25), 0);
    assert_string_equal(names + strlen(names) - 4, "...,");
    assert_true(strlen(hg_trace()) < 4096);
}

static void *fails_elsewhere(void *before)
{
    *(bool *)before = *hg_trace() != '\0';
    hg_fail(HG_USAGE, "another thread's");
    return NULL;
}

static void threads_have_their_own(void **state)
{
    (void)state;
    assert_fails(HG_IO, "origin", origin());
    pthread_t thread;
    bool had_a_trace = true;
    assert_int_equal(pthread_create(&thread, NULL, fails_elsewhere, &had_a_trace), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(had_a_trace);
    assert_string_equal(hg_message(), "origin");
    assert_string_equal(functions(), "origin,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_goes_from_the_origin_outwards),
        cmocka_unit_test(context_may_quote_the_message),
        cmocka_unit_test(each_failure_has_a_trace_of_its_own),
        cmocka_unit_test(a_deep_trace_is_cut_short),
        cmocka_unit_test(threads_have_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
