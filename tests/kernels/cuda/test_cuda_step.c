/* Claims: a training step is at most 9 launches for the MLP and 8 for the autoencoder, one more with momentum;
 * recorded, it is one launch of a graph, and one graph serves every full batch of every epoch; and between the start of
 * an epoch and the reading of its totals the host neither allocates, nor copies, nor waits, the staging of the next
 * included. */
#include <cuda_runtime_api.h>
#include <stdlib.h>

#include "tests/cuda_emulation/counters.h"
#include "tests/kernels/cuda/fixture.h"

enum { SAMPLES = 100, BATCH = 16, STEPS = 7, HIDDEN = 12 };

static void prepare(struct fixture *f, enum hg_network_kind kind, float momentum, bool record)
{
    fixture_data(f, HG_U8, SAMPLES, 37, BATCH);
    fixture_spec(f, kind, HIDDEN, momentum);
    f->spec.record = record;
    fixture_open(f, &(struct hg_open_options){0});
    assert_int_equal(f->epoch.steps, STEPS);
}

static void assert_launches(enum hg_network_kind kind, float momentum, unsigned most)
{
    struct fixture f = {0};
    struct hg_emulation_counters before, after;
    prepare(&f, kind, momentum, false);
    assert_ok(f.network->functions->epoch_stage(f.network, &f.epoch));
    assert_ok(f.network->functions->epoch_start(f.network, 0));
    hg_emulation_counters_read(&before);
    assert_ok(f.network->functions->train(f.network, 1));
    hg_emulation_counters_read(&after);
    const uint64_t launches = after.kernel_launches - before.kernel_launches + after.cublas_calls - before.cublas_calls;
    print_message("%s, momentum %g: %u launches\n", kind == HG_NETWORK_MLP ? "mlp" : "autoencoder", (double)momentum,
                  (unsigned)launches);
    assert_in_range(launches, 1, most);
    assert_int_equal(after.memsets, before.memsets);
    fixture_free(&f);
}

static void a_step_is_few_launches(void **state)
{
    (void)state;
    assert_launches(HG_NETWORK_MLP, 0, 9);
    assert_launches(HG_NETWORK_MLP, 0.9f, 10);
    assert_launches(HG_NETWORK_AUTOENCODER, 0, 8);
    assert_launches(HG_NETWORK_AUTOENCODER, 0.9f, 9);
}

static void assert_host_is_idle(const struct hg_emulation_counters *before, const struct hg_emulation_counters *after)
{
    assert_int_equal(after->device_allocations, before->device_allocations);
    assert_int_equal(after->device_frees, before->device_frees);
    assert_int_equal(after->host_allocations, before->host_allocations);
    assert_int_equal(after->host_frees, before->host_frees);
    assert_int_equal(after->synchronisations, before->synchronisations);
    assert_int_equal(after->memsets, before->memsets);
    assert_int_equal(after->graphs_instantiated, before->graphs_instantiated);
}

static void assert_epochs(enum hg_network_kind kind)
{
    struct fixture f = {0};
    struct hg_emulation_counters made, started, trained, staged, counted;
    struct hg_totals totals;
    hg_emulation_counters_read(&made);
    prepare(&f, kind, 0.9f, true);
    const struct hg_network_functions *functions = f.network->functions;
    fixture_train(&f, 2); /* both places for an epoch's order have been used */
    hg_emulation_counters_read(&counted);
    assert_int_equal(counted.graphs_instantiated - made.graphs_instantiated, 2); /* full batches, the short one */

    /* A whole epoch copies its order and rates to the device, and its sums back. */
    fixture_train(&f, 1);
    hg_emulation_counters_read(&staged);
    assert_int_equal(staged.copies[cudaMemcpyHostToDevice] - counted.copies[cudaMemcpyHostToDevice], 2);
    assert_int_equal(staged.copies[cudaMemcpyDeviceToHost] - counted.copies[cudaMemcpyDeviceToHost], 1);
    assert_int_equal(staged.copies[cudaMemcpyDeviceToDevice], counted.copies[cudaMemcpyDeviceToDevice]);

    assert_ok(functions->epoch_stage(f.network, &f.epoch));
    assert_ok(functions->epoch_start(f.network, 0));
    hg_emulation_counters_read(&started);
    assert_ok(functions->train(f.network, f.epoch.steps));
    hg_emulation_counters_read(&trained);
    assert_host_is_idle(&started, &trained);
    assert_int_equal(trained.graph_launches - started.graph_launches, STEPS);
    assert_int_equal(trained.kernel_launches, started.kernel_launches);
    assert_int_equal(trained.cublas_calls, started.cublas_calls);

    /* Handing over the next epoch waits for nothing. */
    assert_ok(functions->epoch_stage(f.network, &f.epoch));
    hg_emulation_counters_read(&staged);
    assert_int_equal(staged.synchronisations, trained.synchronisations);
    assert_int_equal(staged.device_allocations, trained.device_allocations);
    assert_int_equal(staged.graphs_instantiated, trained.graphs_instantiated);
    assert_ok(functions->totals(f.network, &totals));
    assert_int_equal(totals.samples, SAMPLES);
    fixture_free(&f);
}

static void within_an_epoch_the_host_is_idle(void **state)
{
    (void)state;
    assert_epochs(HG_NETWORK_MLP);
    assert_epochs(HG_NETWORK_AUTOENCODER);
}

/* Replays use the order, the rates and the position that are on the device, not those of the time of recording. */
static void recorded_steps_are_the_steps(void **state)
{
    (void)state;
    double *values[2];
    size_t count;
    for (int record = 0; record < 2; ++record) {
        struct fixture f = {0};
        prepare(&f, HG_NETWORK_MLP, 0.9f, record);
        fixture_train(&f, 1);
        for (size_t i = 0; i < f.epoch.samples; ++i) /* another order, other rates */
            f.order[i] = (uint32_t)(f.epoch.samples - 1 - i);
        for (size_t i = 0; i < f.epoch.steps; ++i)
            f.rates[i] *= 0.5f;
        fixture_train(&f, 1);
        values[record] = fixture_parameters(&f, &count);
        fixture_free(&f);
    }
    assert_memory_equal(values[0], values[1], count * sizeof(double));
    free(values[0]);
    free(values[1]);
}

/* An epoch may be staged while another runs, entered at any step, and left half way. */
static void an_epoch_staged_early_and_entered_late(void **state)
{
    (void)state;
    double *values[2];
    size_t count;
    for (int early = 0; early < 2; ++early) {
        struct fixture f = {0};
        prepare(&f, HG_NETWORK_AUTOENCODER, 0, true);
        const struct hg_network_functions *functions = f.network->functions;
        uint32_t reversed[SAMPLES];
        for (size_t i = 0; i < SAMPLES; ++i)
            reversed[i] = f.order[SAMPLES - 1 - i];
        struct hg_epoch next = f.epoch;
        next.order = reversed;

        assert_ok(functions->epoch_stage(f.network, &f.epoch));
        assert_ok(functions->epoch_start(f.network, 0));
        assert_ok(functions->train(f.network, 3));
        if (early)
            assert_ok(functions->epoch_stage(f.network, &next));
        assert_ok(functions->train(f.network, 2));
        struct hg_totals totals;
        if (!early) {
            assert_ok(functions->totals(f.network, &totals));
            assert_ok(functions->epoch_stage(f.network, &next));
        }
        assert_ok(functions->epoch_start(f.network, 4));
        assert_ok(functions->train(f.network, STEPS - 4));
        assert_ok(functions->totals(f.network, &totals));
        assert_int_equal(totals.samples, (early ? 5 * BATCH : 0) + SAMPLES - 4 * BATCH);
        values[early] = fixture_parameters(&f, &count);
        fixture_free(&f);
    }
    assert_memory_equal(values[0], values[1], count * sizeof(double));
    free(values[0]);
    free(values[1]);
}

/* The host may run several epochs ahead of the device: no order is overwritten before its steps have run. */
static void epochs_in_a_row(void **state)
{
    (void)state;
    enum { EPOCHS = 6 };
    double *values[2];
    size_t count;
    for (int waits = 0; waits < 2; ++waits) {
        struct fixture f = {0};
        prepare(&f, HG_NETWORK_MLP, 0.9f, true);
        const struct hg_network_functions *functions = f.network->functions;
        struct hg_totals totals;
        uint32_t orders[EPOCHS][SAMPLES];
        for (size_t e = 0; e < EPOCHS; ++e) {
            for (size_t i = 0; i < SAMPLES; ++i)
                orders[e][i] = f.order[(i + 17 * e) % SAMPLES];
            struct hg_epoch epoch = f.epoch;
            epoch.order = orders[e];
            assert_ok(functions->epoch_stage(f.network, &epoch));
            assert_ok(functions->epoch_start(f.network, 0));
            assert_ok(functions->train(f.network, STEPS));
            if (waits)
                assert_ok(functions->totals(f.network, &totals));
        }
        assert_ok(functions->totals(f.network, &totals));
        values[waits] = fixture_parameters(&f, &count);
        fixture_free(&f);
    }
    assert_memory_equal(values[0], values[1], count * sizeof(double));
    free(values[0]);
    free(values[1]);
}

/* Training may be abandoned: a network is freed while its steps are still enqueued. */
static void freed_while_it_trains(void **state)
{
    (void)state;
    struct fixture f = {0};
    prepare(&f, HG_NETWORK_MLP, 0, true);
    assert_ok(f.network->functions->epoch_stage(f.network, &f.epoch));
    assert_ok(f.network->functions->epoch_start(f.network, 0));
    assert_ok(f.network->functions->train(f.network, STEPS));
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_few_launches),
        cmocka_unit_test(within_an_epoch_the_host_is_idle),
        cmocka_unit_test(recorded_steps_are_the_steps),
        cmocka_unit_test(an_epoch_staged_early_and_entered_late),
        cmocka_unit_test(epochs_in_a_row),
        cmocka_unit_test(freed_while_it_trains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
