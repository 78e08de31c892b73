/* lr-find.csv: the steps of a rate range test. docs/FORMATS.md. */
#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "host/training/range_test.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_run_write_rates(struct hg_run *run, const struct hg_range_test *test)
{
    char *path = NULL, *text = NULL;
    size_t size;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_run_path(&path, hg_run_directory(run), "lr-find.csv"));
    FILE *to = open_memstream(&text, &size);
    if (!to) {
        status = hg_fail_out_of_memory(path);
        goto cleanup;
    }
    fputs("step,lr,loss,smoothed_loss\n", to);
    for (size_t k = 0; k < test->count; ++k)
        fprintf(to, "%zu,%.9g,%.9g,%.9g\n", k + 1, test->steps[k].rate, test->steps[k].loss, test->steps[k].smoothed);
    status = fclose(to) == 0 ? hg_file_replace_text(path, text) : hg_fail_out_of_memory(path);
cleanup:
    free(text);
    free(path);
    return status;
}
