/* Claims: crosscheck passes on every backend of this build, with a row for every op of kernels/ops.h (argument: the
 * backend's name; exit 77 where it cannot run here); it finds each of the planted faults (crosscheck_faults.c) in the
 * op that has it, and in no other; and every op has a planted fault, and a limit in docs/NUMERICS.md. */
#include <stdio.h>
#include <stdlib.h>

#include "host/proofs/crosscheck/crosscheck.h"
#include "host/proofs/crosscheck/parts.h"
#include "tests/host/proofs/crosscheck_faults.h"
#include "tests/support/check.h"

enum { SKIPPED = 77 };

static void planted_faults_are_found(void **state)
{
    (void)state;
    const struct hg_open_options options = {.threads = 1};
    for (size_t i = 0; i < crosscheck_fault_count; ++i) {
        const struct crosscheck_fault *fault = &crosscheck_faults[i];
        struct hg_crosscheck_report report = {0};
        struct hg_rig rig;
        assert_ok(hg_rig_open(&rig, crosscheck_plant(fault), &options, &report));
        fault->part(&rig);
        assert_ok(rig.status);
        hg_rig_close(&rig);
        assert_true(report.count > 0);
        if (report.failed == 0)
            fail_msg("fault %zu of %s was not found", i, fault->op);
        for (size_t k = 0; k < report.count; ++k) {
            const struct hg_crosscheck_row *row = &report.rows[k];
            if (!row->passed && strncmp(row->op, fault->op, strlen(fault->op)) != 0)
                fail_msg("fault %zu of %s shows in %s: %s", i, fault->op, row->op, row->where);
        }
        hg_crosscheck_report_free(&report);
    }
}

/* A wrong op must also show in whole training steps. */
static void planted_fault_shows_in_networks(void **state)
{
    (void)state;
    const struct crosscheck_fault *without_nesterov = crosscheck_faults;
    while (!without_nesterov->ops.sgd_update)
        ++without_nesterov;
    const struct hg_open_options options = {.threads = 1};
    struct hg_crosscheck_report report = {0};
    struct hg_rig rig;
    assert_ok(hg_rig_open(&rig, crosscheck_plant(without_nesterov), &options, &report));
    hg_crosscheck_networks(&rig, "list", true);
    assert_ok(rig.status);
    hg_rig_close(&rig);
    for (size_t k = 0; k < report.count; ++k) {
        const struct hg_crosscheck_row *row = &report.rows[k];
        assert_int_equal(row->passed, strstr(row->size, "nesterov") == NULL);
    }
    hg_crosscheck_report_free(&report);
}

/* ---- every op has its proofs ---- */

#define OP_NAME(ignored, op) #op,
static const char *const ops[HG_OP_COUNT] = {HG_EACH_OP(OP_NAME, )};

/* Whether the text has this name as a word of its own. */
static bool names(const char *text, const char *op)
{
    for (const char *at = text; (at = strstr(at, op)); ++at)
        if ((at == text || at[-1] == ' ') && strchr(" ,", at[strlen(op)]))
            return true;
    return false;
}

/* Whether a table of the page has a row for it: a line that begins with "| ", and the name in the first cell. */
static bool has_limit(const char *page, const char *op)
{
    FILE *file = fopen(page, "r");
    if (!file)
        fail_msg("%s cannot be read", page);
    char line[1024];
    bool found = false;
    while (!found && fgets(line, sizeof line, file)) {
        char *end = strncmp(line, "| ", 2) == 0 ? strchr(line + 2, '|') : NULL;
        if (!end)
            continue;
        *end = 0;
        found = names(line + 2, op);
    }
    fclose(file);
    return found;
}

static void every_op_has_a_fault_and_a_limit(void **state)
{
    (void)state;
    bool planted[HG_OP_COUNT] = {false};
#define IS_PLANTED(fault, op) (fault)->ops.op != NULL,
    for (size_t i = 0; i < crosscheck_fault_count; ++i) {
        const bool by_fault[HG_OP_COUNT] = {HG_EACH_OP(IS_PLANTED, &crosscheck_faults[i])};
        for (size_t k = 0; k < HG_OP_COUNT; ++k)
            planted[k] |= by_fault[k];
    }
    for (size_t k = 0; k < HG_OP_COUNT; ++k) {
        if (!planted[k])
            fail_msg("%s: no fault of it is planted: add one to crosscheck_faults", ops[k]);
        if (!has_limit(NUMERICS_PAGE, ops[k]))
            fail_msg("%s: docs/NUMERICS.md does not say its limit: add a row to the table of ops", ops[k]);
    }
}

static void unknown_backend_is_unavailable(void **state)
{
    (void)state;
    struct hg_crosscheck_report report;
    assert_fails(HG_UNAVAILABLE, "abacus", hg_crosscheck(&report, "abacus", 0));
    hg_crosscheck_report_free(&report);
}

static bool has_row(const struct hg_crosscheck_report *report, const char *op)
{
    for (size_t i = 0; i < report->count; ++i)
        if (names(report->rows[i].op, op))
            return true;
    return false;
}

static int check_backend(const char *name)
{
    struct hg_crosscheck_report report;
    const enum hg_status status = hg_crosscheck(&report, name, 0);
    for (size_t i = 0; i < report.count; ++i) {
        const struct hg_crosscheck_row *row = &report.rows[i];
        if (!row->passed)
            printf("%s, %s: error %.3g, limit %.3g: %s\n", row->op, row->size, row->error, row->limit, row->where);
    }
    printf("%s: %zu rows, %zu failed%s%s\n", name, report.count, report.failed, status == HG_OK ? "" : "; ",
           status == HG_OK ? "" : hg_message());
    bool complete = true;
    for (size_t k = 0; status == HG_OK && k < HG_OP_COUNT; ++k)
        if (!has_row(&report, ops[k])) {
            printf("%s: crosscheck has no row for it: add one in host/proofs/crosscheck\n", ops[k]);
            complete = false;
        }
    hg_crosscheck_report_free(&report);
    if (status == HG_UNAVAILABLE && !getenv("HANDGRAD_REQUIRE_GPU"))
        return SKIPPED;
    return status == HG_OK && complete ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return check_backend(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_faults_are_found),
        cmocka_unit_test(planted_fault_shows_in_networks),
        cmocka_unit_test(every_op_has_a_fault_and_a_limit),
        cmocka_unit_test(unknown_backend_is_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
