/* Claims: hg_history_read gives every epoch of metrics.jsonl with the numbers that are written there, NAN for what is
 * not, and counts the lines that say of no epoch, whatever is in them; hg_history_kept chooses as training does. */
#include <math.h>
#include <stdio.h>

#include "host/runs/run.h"
#include "tests/support/check.h"
#include "tests/support/temporary.h"

static struct hg_history read_text(const char *text)
{
    struct hg_history history;
    temporary_write("metrics.jsonl", text, strlen(text));
    assert_ok(hg_history_read(&history, temporary_path(".")));
    return history;
}

static void numbers_are_those_of_the_file(void **state)
{
    (void)state;
    struct hg_history history = read_text("{\"epoch\":1,\"step\":469,\"lr\":0.5,\"train_loss\":0.375}\n"
                                          "{\"epoch\":2,\"train_loss\":1e-300,\"later\":[1]}\n");
    assert_int_equal(history.count, 2);
    assert_int_equal(history.damaged, 0);
    assert_int_equal(history.epochs[0].step, 469);
    assert_true(history.epochs[0].lr == 0.5 && history.epochs[0].train_loss == 0.375);
    assert_true(isnan(history.epochs[0].test_loss) && isnan(history.epochs[0].validation_accuracy));
    assert_int_equal(history.epochs[1].epoch, 2);
    assert_true(history.epochs[1].train_loss == 1e-300);
    hg_history_free(&history);
}

static void damaged_lines_are_counted_and_left_out(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "",
        "{",
        "{\"epoch\":1,\"train_lo",
        "null",
        "[1]",
        "7",
        "{\"epoch\":0}",
        "{\"epoch\":-1}",
        "{\"epoch\":1e300}",
        "{\"epoch\":\"1\"}",
        "{\"epoch\":null}",
        "{\"step\":3}",
        "\xff\xfe",
    };
    for (size_t i = 0; i < COUNT(damaged); ++i) {
        char text[256];
        snprintf(text, sizeof text, "{\"epoch\":1}\n%s\n{\"epoch\":3}\n", damaged[i]);
        struct hg_history history = read_text(text);
        assert_int_equal(history.lines, 3);
        assert_int_equal(history.damaged, 1);
        assert_int_equal(history.count, 2);
        assert_int_equal(history.epochs[1].epoch, 3);
        hg_history_free(&history);
    }
    /* The last line, cut short; and one that lacks its newline alone. */
    struct hg_history history = read_text("{\"epoch\":1}\n{\"epoch\":2,\"train");
    assert_true(history.count == 1 && history.damaged == 1);
    hg_history_free(&history);
    history = read_text("{\"epoch\":1}\n{\"epoch\":2}");
    assert_true(history.count == 2 && history.damaged == 0);
    hg_history_free(&history);
}

static void no_epochs(void **state)
{
    (void)state;
    struct hg_history history = read_text("");
    assert_true(history.count == 0 && history.damaged == 0);
    assert_null(hg_history_kept(&history, HG_KEEP_BEST));
    hg_history_free(&history);
    assert_ok(hg_history_read(&history, temporary_path("no-such-run")));
    assert_int_equal(history.count, 0);
    hg_history_free(&history);
}

static size_t kept(const char *text, enum hg_keep keep)
{
    struct hg_history history = read_text(text);
    const size_t epoch = hg_history_kept(&history, keep)->epoch;
    hg_history_free(&history);
    return epoch;
}

static void the_epoch_kept_is_that_of_training(void **state)
{
    (void)state;
    static const char held_out[] = "{\"epoch\":1,\"validation_loss\":3}\n{\"epoch\":2,\"validation_loss\":1}\n"
                                   "{\"epoch\":3,\"validation_loss\":1}\n{\"epoch\":4,\"validation_loss\":2}\n";
    assert_int_equal(kept(held_out, HG_KEEP_BEST), 2);
    assert_int_equal(kept(held_out, HG_KEEP_LAST), 4);
    assert_int_equal(kept("{\"epoch\":1,\"train_loss\":1}\n{\"epoch\":2,\"train_loss\":9}\n", HG_KEEP_BEST), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_file), cmocka_unit_test(damaged_lines_are_counted_and_left_out),
        cmocka_unit_test(no_epochs), cmocka_unit_test(the_epoch_kept_is_that_of_training)};
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
