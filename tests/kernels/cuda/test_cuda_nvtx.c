/* Claims: profilers see the ranges epoch, step (of a recorded step), data, forward, backward, update (of a step on the
 * stream) and evaluate, as often as these happen, and every range that begins ends. nvtx_injection.c listens. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/kernels/cuda/fixture.h"

enum { EPOCHS = 2, STEPS = 7 };

struct listing {
    unsigned begun[7];
    unsigned lines;
};

static const char *const names[7] = {"epoch", "step", "data", "forward", "backward", "update", "evaluate"};

/* What was written from line `first` on. */
static struct listing read_listing(unsigned first)
{
    struct listing l = {{0}, 0};
    int depth = 0, epochs = 0;
    char line[64], kind[16], name[32];
    const char *log = getenv("HG_NVTX_LOG");
    FILE *file = log ? fopen(log, "r") : NULL;
    if (!file)
        fail_msg(
            "set NVTX_INJECTION64_PATH to libhg_nvtx_injection.so of the build, and HG_NVTX_LOG to a new file's path");
    while (fgets(line, sizeof line, file)) {
        if (l.lines++ < first)
            continue;
        const int words = sscanf(line, "%15s %31s", kind, name);
        depth += !strcmp(kind, "push") - !strcmp(kind, "pop");
        epochs += !strcmp(kind, "start") - !strcmp(kind, "end");
        assert_in_range(depth, 0, 1);
        assert_in_range(epochs, 0, 1);
        for (size_t i = 0; words == 2 && i < COUNT(names); ++i)
            l.begun[i] += !strcmp(name, names[i]);
    }
    fclose(file);
    assert_int_equal(depth, 0);
    assert_int_equal(epochs, 0);
    return l;
}

static void assert_ranges(bool record, unsigned *line, const unsigned expected[7])
{
    struct fixture f = {0};
    struct hg_totals totals;
    fixture_data(&f, HG_U8, 100, 37, 16);
    fixture_spec(&f, HG_NETWORK_MLP, 12, 0.9f);
    f.spec.record = record;
    fixture_open(&f, &(struct hg_open_options){0});
    assert_int_equal(f.epoch.steps, STEPS);
    fixture_train(&f, EPOCHS);
    assert_ok(f.network->functions->evaluate(f.network, f.data, 50, &totals));
    fixture_free(&f);

    const struct listing l = read_listing(*line);
    *line = l.lines;
    for (size_t i = 0; i < COUNT(names); ++i)
        if (l.begun[i] != expected[i])
            fail_msg("%s: %u ranges instead of %u", names[i], l.begun[i], expected[i]);
}

static void ranges(void **state)
{
    (void)state;
    unsigned line = 0;
    const unsigned n = EPOCHS * STEPS;
    assert_ranges(true, &line, (const unsigned[7]){EPOCHS, n, 0, 0, 0, 0, 1});
    assert_ranges(false, &line, (const unsigned[7]){EPOCHS, 0, n, n, n, n, 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
