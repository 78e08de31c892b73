/* Claims: every field of struct hg_metrics is a row of the table; a line of metrics.jsonl has the value of each row
 * under its name and leaves out what does not apply; docs/FORMATS.md says what the rows say. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "handgrad/run.h"
#include "host/training/metric_table.h"
#include "kernels/base/file.h"
#include "tests/support/check.h"
#include "tests/support/documented.h"
#include "tests/support/temporary.h"

/* Values that all differ, 3.5 for the row of index 3 and so on; of row `missing` that which does not apply. */
static struct hg_metrics fill(size_t missing)
{
    struct hg_metrics metrics;
    for (size_t i = 0; hg_metric_table[i].name; ++i) {
        char *field = (char *)&metrics + hg_metric_table[i].offset;
        if (hg_metric_table[i].whole)
            *(size_t *)field = i + 1;
        else
            *(double *)field = i == missing ? (double)NAN : (double)i + 0.5;
    }
    return metrics;
}

static void every_field_is_a_row(void **state)
{
    (void)state;
    unsigned char covered[sizeof(struct hg_metrics)] = {0};
    for (const struct hg_metric *m = hg_metric_table; m->name; ++m)
        for (size_t i = 0; i < (m->whole ? sizeof(size_t) : sizeof(double)); ++i)
            ++covered[m->offset + i];
    for (size_t i = 0; i < sizeof covered; ++i)
        assert_int_equal(covered[i], 1);
}

static void a_line_has_what_applies(void **state)
{
    (void)state;
    for (size_t missing = 0; hg_metric_table[missing].name; ++missing) {
        const struct hg_metrics metrics = fill(missing);
        char *line = NULL;
        struct hg_run *run = NULL;
        assert_ok(hg_run_create(&run, temporary_path("run")));
        assert_ok(hg_run_append_metrics(run, &metrics));
        assert_ok(hg_file_read(&line, NULL, temporary_path("run/metrics.jsonl"), 1 << 20));
        for (size_t i = 0; hg_metric_table[i].name; ++i) {
            char key[64], member[96];
            snprintf(key, sizeof key, "\"%s\":", hg_metric_table[i].name);
            snprintf(member, sizeof member, "%s%g", key, hg_metric_table[i].whole ? (double)i + 1 : (double)i + 0.5);
            if (i == missing && !hg_metric_table[i].whole)
                assert_null(strstr(line, key));
            else
                assert_non_null(strstr(line, member));
        }
        free(line);
        hg_run_discard(run);
    }
}

static void the_document_has_every_row(void **state)
{
    (void)state;
    char *lines = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&lines, &size);
    assert_non_null(memory);
    fputs("| key | unit | when | TensorBoard | value |\n| --- | --- | --- | --- | --- |\n", memory);
    for (const struct hg_metric *m = hg_metric_table; m->name; ++m)
        fprintf(memory, "| `%s` | %s | %s | %s | %s |\n", m->name, m->unit, m->applies, m->tag ? m->tag : "", m->help);
    fclose(memory);
    assert_documented("FORMATS.md", lines);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_a_row),
        cmocka_unit_test(a_line_has_what_applies),
        cmocka_unit_test(the_document_has_every_row),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
