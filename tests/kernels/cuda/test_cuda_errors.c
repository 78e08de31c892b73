/* Claims: what goes wrong on the device is reported with the operation, the size or the reason, and everything can be
 * released afterwards. Each case has a process of its own: errors of a device stick to its process. */
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/models/network.h"
#include "tests/cuda_emulation/counters.h"
#include "tests/kernels/cuda/fixture.h"

static void prepare(struct fixture *f, bool record)
{
    fixture_data(f, HG_U8, 100, 37, 10);
    fixture_spec(f, HG_NETWORK_MLP, 12, 0);
    f->spec.record = record;
}

static void assert_device_error(bool record, const char *operation)
{
    struct fixture f = {0};
    struct hg_totals totals;
    prepare(&f, record);
    fixture_open(&f, &(struct hg_open_options){0});
    const struct hg_network_functions *functions = f.network->functions;
    assert_ok(functions->epoch_stage(f.network, &f.epoch));
    assert_ok(functions->epoch_start(f.network, 0));
    hg_emulation_fail_kernel(3, cudaErrorIllegalAddress);
    enum hg_status status = functions->train(f.network, 2);
    if (status == HG_OK)
        status = functions->totals(f.network, &totals);
    assert_int_equal(status, HG_INTERNAL);
    assert_non_null(strstr(hg_message(), "cudaErrorIllegalAddress"));
    assert_non_null(strstr(hg_message(), operation));
    fixture_free(&f);
}

static void illegal_address(void **state)
{
    (void)state;
    assert_device_error(false, "enqueued last: ");
}

static void illegal_address_recorded(void **state)
{
    (void)state;
    assert_device_error(true, "a recorded step");
}

/* Whichever allocation fails, the failure says so and nothing is left behind (the emulation reports leaks). */
static void out_of_memory(void **state)
{
    (void)state;
    unsigned failures = 0;
    for (unsigned after = 0;; ++after) {
        struct fixture f = {0};
        prepare(&f, true);
        hg_emulation_fail_allocation(after);
        const struct hg_backend *backend = hg_backend_find("cuda");
        enum hg_status status = backend->open(&f.ctx, &(struct hg_open_options){.stream_data = after % 2});
        if (status == HG_OK)
            status = backend->data_create(&f.data, f.ctx, &f.samples);
        if (status == HG_OK)
            status = hg_network_create(&f.network, f.ctx, f.data, &f.spec);
        if (status == HG_OK)
            status = f.network->functions->epoch_stage(f.network, &f.epoch);
        if (status == HG_OK)
            status = f.network->functions->epoch_start(f.network, 0);
        if (status != HG_OK) {
            ++failures;
            assert_int_equal(status, HG_INTERNAL);
            if (!strstr(hg_message(), "out of memory"))
                fail_msg("allocation %u: \"%s\"", after, hg_message());
        }
        hg_emulation_fail_allocation(UINT64_MAX);
        fixture_free(&f);
        if (status == HG_OK && after % 2)
            break;
    }
    assert_true(failures > 10);
}

static void no_device(void **state)
{
    (void)state;
    struct hg_device_info info;
    struct hg_context *ctx;
    const struct hg_backend *backend = hg_backend_find("cuda");
    const char *devices = getenv("HG_EMULATION_DEVICES"); /* set by CTest */
    if (!devices)
        fail_msg("set HG_EMULATION_DEVICES to 0 or -1");
    const char *expected = strcmp(devices, "-1") == 0 ? "no NVIDIA driver" : "no GPU";
    assert_fails(HG_UNAVAILABLE, expected, backend->probe(&info));
    assert_fails(HG_UNAVAILABLE, expected, backend->open(&ctx, &(struct hg_open_options){0}));
}

/* CTest gives the device compute capability 7.5. */
static void old_device(void **state)
{
    (void)state;
    struct hg_context *ctx;
    const struct hg_open_options tf32 = {.precision = HG_TF32};
    assert_fails(HG_UNAVAILABLE, "no TF32", hg_backend_find("cuda")->open(&ctx, &tf32));
    assert_ok(hg_backend_find("cuda")->open(&ctx, &(struct hg_open_options){0}));
    ctx->backend->close(ctx);
}

/* CTest gives the device compute capability 3.5, older than any code of this build. */
static void no_code_for_device(void **state)
{
    (void)state;
    struct hg_device_info info;
    assert_fails(HG_UNAVAILABLE, "compute capability 3.5", hg_backend_find("cuda")->probe(&info));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(illegal_address), cmocka_unit_test(illegal_address_recorded),
        cmocka_unit_test(out_of_memory),   cmocka_unit_test(no_device),
        cmocka_unit_test(old_device),      cmocka_unit_test(no_code_for_device),
    };
    for (size_t i = 0; argc == 2 && i < COUNT(tests); ++i) {
        if (strcmp(tests[i].name, argv[1]) == 0) {
            cmocka_set_test_filter(argv[1]);
            return cmocka_run_group_tests(tests, NULL, NULL);
        }
    }
    fprintf(stderr, "usage: %s CASE, one a process, since a broken device stays broken:", argv[0]);
    for (size_t i = 0; i < COUNT(tests); ++i)
        fprintf(stderr, " %s", tests[i].name);
    fputs("\n", stderr);
    return 2;
}
