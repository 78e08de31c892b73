/* Claims: a dataset streamed from the host gives the bits of a resident one, on request and where the device is too
 * small; whatever the batch, wherever an epoch begins or is left, and with evaluations in between; no step allocates;
 * and training may be abandoned at any time. */
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>

#include "handgrad/trainer.h"
#include "tests/cuda_emulation/counters.h"
#include "tests/kernels/cuda/fixture.h"

/* Rows of 16 KiB: 64 to a chunk of the ring (ring.c), so that an epoch goes round its four slots. */
enum { SAMPLES = 401, FEATURES = 4096, BATCH = 25, HIDDEN = 3, EVALUATED = 300 };

static struct hg_totals train_and_evaluate(struct fixture *f)
{
    const struct hg_network_functions *functions = f->network->functions;
    struct hg_totals totals, evaluated;
    fixture_train(f, 1);
    assert_ok(functions->epoch_stage(f->network, &f->epoch));
    assert_ok(functions->epoch_start(f->network, 1));
    assert_ok(functions->train(f->network, f->epoch.steps / 2));
    assert_ok(functions->evaluate(f->network, f->data, EVALUATED, &evaluated));
    /* Left half way: the same epoch once more, from further on. */
    assert_ok(functions->epoch_start(f->network, f->epoch.steps / 3));
    assert_ok(functions->train(f->network, f->epoch.steps - f->epoch.steps / 3));
    assert_ok(functions->totals(f->network, &totals));
    assert_int_equal(evaluated.samples, EVALUATED);
    return evaluated;
}

static void assert_streamed_is_resident(enum hg_element element, size_t samples, size_t features, size_t batch,
                                        enum hg_network_kind kind, bool record)
{
    double *values[2];
    struct hg_totals evaluated[2];
    size_t count;
    for (int streamed = 0; streamed < 2; ++streamed) {
        struct fixture f = {0};
        fixture_data(&f, element, samples, features, batch);
        fixture_spec(&f, kind, HIDDEN, 0.9f);
        f.spec.record = record;
        fixture_open(&f, &(struct hg_open_options){.stream_data = streamed, .threads = 3});
        evaluated[streamed] = train_and_evaluate(&f);
        values[streamed] = fixture_parameters(&f, &count);
        fixture_free(&f);
    }
    assert_memory_equal(values[0], values[1], count * sizeof(double));
    assert_memory_equal(&evaluated[0].loss, &evaluated[1].loss, sizeof(double));
    assert_int_equal(evaluated[0].correct, evaluated[1].correct);
    free(values[0]);
    free(values[1]);
}

static void streamed_is_resident(void **state)
{
    (void)state;
    assert_streamed_is_resident(HG_F32, SAMPLES, FEATURES, BATCH, HG_NETWORK_MLP, true);
    assert_streamed_is_resident(HG_F32, SAMPLES, FEATURES, BATCH, HG_NETWORK_AUTOENCODER, false);
    /* Rows that are padded on the device, and a step that spans two chunks. */
    assert_streamed_is_resident(HG_U8, 1101, 4100, 100, HG_NETWORK_MLP, true);
    /* A batch larger than a chunk. */
    assert_streamed_is_resident(HG_F32, SAMPLES, FEATURES, 90, HG_NETWORK_MLP, true);
    assert_streamed_is_resident(HG_F32, SAMPLES, FEATURES, SAMPLES, HG_NETWORK_AUTOENCODER, true);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct hg_emulation_counters before, after;
    struct hg_totals totals;
    fixture_data(&f, HG_F32, SAMPLES, FEATURES, BATCH);
    fixture_spec(&f, HG_NETWORK_MLP, HIDDEN, 0);
    fixture_open(&f, &(struct hg_open_options){.stream_data = true});
    assert_ok(f.network->functions->epoch_stage(f.network, &f.epoch));
    assert_ok(f.network->functions->epoch_start(f.network, 0));
    assert_ok(f.ctx->backend->totals_read(f.ctx, &totals)); /* the epoch's rates have been copied */
    hg_emulation_counters_read(&before);
    assert_ok(f.network->functions->train(f.network, f.epoch.steps));
    hg_emulation_counters_read(&after);
    assert_int_equal(after.device_allocations, before.device_allocations);
    assert_int_equal(after.host_allocations, before.host_allocations);
    assert_int_equal(after.graph_launches - before.graph_launches, f.epoch.steps);
    assert_ok(f.network->functions->totals(f.network, &totals));
    /* Each sample goes to the device once, with its label. */
    hg_emulation_counters_read(&after);
    assert_int_equal(after.copied_bytes[cudaMemcpyHostToDevice] - before.copied_bytes[cudaMemcpyHostToDevice],
                     SAMPLES * (FEATURES * sizeof(float) + 1));
    fixture_free(&f);
}

/* A trainer may be freed in mid-epoch, while threads still gather rows by the epoch's order: here right after the epoch
 * has started, with many narrow rows in each chunk, so that they are busy for a while. */
static void freed_in_mid_epoch(void **state)
{
    (void)state;
    enum { COUNT_OF_ROWS = 300000 };
    uint8_t *values = calloc(COUNT_OF_ROWS, 1), *labels = calloc(COUNT_OF_ROWS, 1);
    assert_non_null(values);
    assert_non_null(labels);
    labels[0] = 1; /* two classes */
    struct hg_dataset *dataset;
    assert_ok(hg_dataset_from_bytes(&dataset, COUNT_OF_ROWS, 0, 1, values, labels));
    struct hg_train_options options;
    hg_train_options_default(&options, HG_MLP);
    options.hidden = HIDDEN;
    options.backend = "cuda";
    options.stream_data = true;
    options.threads = 3;
    struct hg_trainer *trainer;
    struct hg_metrics metrics;
    assert_ok(hg_trainer_create(&trainer, &options, dataset, NULL));
    hg_trainer_stop(trainer);
    assert_fails(HG_INTERRUPTED, "interrupted", hg_trainer_epoch(trainer, NULL, NULL, &metrics));
    hg_trainer_free(trainer);
    hg_dataset_free(dataset);
    free(labels);
    free(values);
}

/* CTest gives this device 64 MiB, half of which cuBLAS takes: 5 MB of samples are resident there, 33 MB are not. */
static void chosen_by_memory(void **state)
{
    (void)state;
    const size_t counts[] = {300, 2000};
    for (int large = 0; large < 2; ++large) {
        struct fixture f = {0};
        struct hg_emulation_counters before, after;
        fixture_data(&f, HG_F32, counts[large], FEATURES, BATCH);
        fixture_spec(&f, HG_NETWORK_MLP, HIDDEN, 0);
        const struct hg_backend *backend = hg_backend_find("cuda");
        assert_ok(backend->open(&f.ctx, &(struct hg_open_options){0}));
        hg_emulation_counters_read(&before);
        assert_ok(backend->data_create(&f.data, f.ctx, &f.samples));
        hg_emulation_counters_read(&after);
        const bool resident =
            after.copied_bytes[cudaMemcpyHostToDevice] - before.copied_bytes[cudaMemcpyHostToDevice] >=
            f.samples.count * FEATURES;
        assert_int_equal(resident, !large);
        fixture_free(&f);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streamed_is_resident),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(freed_in_mid_epoch),
    };
    const struct CMUnitTest on_a_small_device[] = {cmocka_unit_test(chosen_by_memory)};
    if (argc == 1)
        return cmocka_run_group_tests(tests, NULL, NULL);
    if (argc == 2 && strcmp(argv[1], "by_memory") == 0 && getenv("HG_EMULATION_MEMORY"))
        return cmocka_run_group_tests(on_a_small_device, NULL, NULL);
    fprintf(stderr, "usage: %s, or HG_EMULATION_MEMORY=64M %s by_memory\n", argv[0], argv[0]);
    return 2;
}
