/* Claims, for each instruction set that this machine can run and for 1, 2 and 3 threads: after up to 200 whole steps of
 * the backend "cpu" from given weights, each parameter and velocity is within relative L2 5e-6 of the same steps in
 * plain double-precision loops, and so are losses, evaluation and outputs; equal runs give equal bits; the dense and
 * the sparse choice of the input follows its rule. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/backend.h"
#include "tests/kernels/cpu/step_definition.h"
#include "tests/support/check.h"

enum { STEPS = 200, FEW = 12, FEWEST = 6 };

/* The trajectories' limit (docs/NUMERICS.md); PyTorch in float32 stands at 2e-7 to 5e-7. */
static const double LIMIT = 5e-6;

/* Sizes that leave remainders: of 4, 8 and 16 lanes, of a panel (8 vectors: 131 units make two of 16 lanes), of 64
 * samples and features, of two tiles of samples a pass, of the 1024 samples of a chunk; a share with no unit; a last
 * batch that is smaller. One setting of each form takes 200 steps, in which roundings add up; more of them would be
 * slow where threads share a core, since they wait for each other several times a step. */
static const struct step_setting settings[] = {
    {{HG_NETWORK_MLP, 1, 1, 1, 0, 0, 1, 0, false, 0, .samples = 5}, FEW},
    {{HG_NETWORK_MLP, 37, 1, 2, 0, 0, 7, 0, false, 0, .samples = 40}, FEW},
    {{HG_NETWORK_MLP, 130, 37, 10, 0, 0, 53, 0, false, 0, .samples = 100}, FEW},
    {{HG_NETWORK_MLP, 130, 37, 10, 0, 0, 200, 0, false, 0.5f, .samples = 300}, FEW}, /* decays once, not once a pass */
    {{HG_NETWORK_MLP, 70, 21, 10, 0, 0, 19, 0, false, 0.01f, .samples = 50}, STEPS},
    {{HG_NETWORK_MLP, 70, 21, 4, 0, 0, 19, 0.9f, true, 0.01f, .samples = 50}, STEPS},
    {{HG_NETWORK_MLP, 130, 131, 10, 0, 0, 128, 0.9f, false, 0, .samples = 300}, FEW},
    {{HG_NETWORK_MLP, 64, 24, 256, 0, 0, 64, 0.9f, false, 0.01f, .samples = 150}, FEW},
    {{HG_NETWORK_MLP, 65, 150, 3, 0, 0, 200, 0.9f, true, 0.01f, .samples = 290}, FEW},
    {{HG_NETWORK_MLP, 31, 20, 5, 0, 0, 1500, 0, false, 0.01f, .samples = 1500}, FEW}, /* two chunks a batch */
    {{HG_NETWORK_MLP, 31, 20, 5, 0, 0, 1200, 0.9f, true, 0.01f, .samples = 2500}, FEW},
    {{HG_NETWORK_MLP, 70, 21, 10, 0, 0, 19, 0, false, 0, .input_scale = 2, .samples = 50}, STEPS},
    {{HG_NETWORK_MLP, 65, 150, 3, 0, 0, 200, 0.9f, true, 0.01f, .input_scale = 0.5f, .samples = 290}, FEW},
    {{HG_NETWORK_MLP, 31, 20, 5, 0, 0, 1200, 0.9f, true, 0.01f, .input_scale = 2, .samples = 2500}, FEW},
    {{HG_NETWORK_AUTOENCODER, 1, 1, 0, 1, 1, 1, 0, false, 0, .samples = 5}, FEW},
    {{HG_NETWORK_AUTOENCODER, 70, 21, 0, 1, 1, 37, 0, false, 0, .samples = 90}, STEPS},
    {{HG_NETWORK_AUTOENCODER, 130, 37, 0, 2, 0, 200, 0, false, 0.5f, .samples = 300}, FEW},
    {{HG_NETWORK_AUTOENCODER, 130, 37, 0, 0, 2, 53, 0, false, 0, .samples = 100}, FEW},
    {{HG_NETWORK_AUTOENCODER, 130, 131, 0, 1, 1, 200, 0.9f, false, 0, .samples = 300}, FEWEST},
    {{HG_NETWORK_AUTOENCODER, 65, 64, 0, 1, 1, 128, 0.9f, false, 0.01f, .samples = 290}, FEW},
    {{HG_NETWORK_AUTOENCODER, 65, 16, 0, 2, 0, 64, 0.9f, true, 0.01f, .samples = 150}, FEW},
    {{HG_NETWORK_AUTOENCODER, 64, 9, 0, 0, 2, 64, 0, false, 0.01f, .samples = 150}, FEW},
    /* more latent units than samples in a batch: another form of the same gradient */
    {{HG_NETWORK_AUTOENCODER, 130, 99, 0, 1, 1, 21, 0, false, 0, .samples = 90}, FEW},
    {{HG_NETWORK_AUTOENCODER, 70, 60, 0, 1, 1, 1, 0, false, 0.01f, .samples = 5}, FEW},
    {{HG_NETWORK_AUTOENCODER, 65, 50, 0, 2, 0, 11, 0.9f, true, 0.01f, .samples = 40}, STEPS},
    {{HG_NETWORK_AUTOENCODER, 64, 40, 0, 0, 2, 5, 0, false, 0, .samples = 23}, FEW},
    {{HG_NETWORK_AUTOENCODER, 130, 190, 0, 1, 1, 130, 0.9f, false, 0, .samples = 200}, FEWEST},
    {{HG_NETWORK_AUTOENCODER, 31, 20, 0, 1, 1, 1500, 0, false, 0.01f, .samples = 1500}, FEW},
    {{HG_NETWORK_AUTOENCODER, 31, 20, 0, 1, 1, 1200, 0.9f, true, 0, .samples = 2500}, FEW},
};

/* ---- the backend ---- */

/* 0 where this machine does not have the instruction set that HANDGRAD_ISA names. */
static bool open_cpu(struct hg_context **ctx, int threads, enum hg_input input)
{
    const struct hg_backend *cpu = hg_backend_find("cpu");
    const enum hg_status status = cpu->open(ctx, &(struct hg_open_options){.threads = threads, .input = input});
    if (status == HG_UNAVAILABLE)
        return false;
    assert_int_equal(status, HG_OK);
    return true;
}

static bool run_cpu(const struct step_problem *p, int threads, struct hg_network_state *r)
{
    const struct step_setting *s = p->set;
    const struct hg_samples samples = {s->spec.samples, s->spec.features, HG_U8, p->values, p->labels};
    struct hg_context *ctx;
    struct hg_data *data;
    struct hg_network *net;
    if (!open_cpu(&ctx, threads, HG_INPUT_SPARSE))
        return false;
    assert_ok(ctx->backend->data_create(&data, ctx, &samples));
    assert_ok(ctx->backend->network_create(&net, ctx, data, &s->spec));
    assert_non_null(net);
    const struct hg_network_functions *f = net->functions;
    for (size_t t = 0; t < p->tensors; ++t)
        assert_ok(f->set(net, HG_PARAMETER, t, p->start[t]));
    for (size_t done = 0; done < s->steps;) {
        const size_t whole = step_steps_per_epoch(s), steps = s->steps - done < whole ? s->steps - done : whole;
        const struct hg_epoch epoch = {.order = p->order,
                                       .samples = s->spec.samples,
                                       .batch = s->spec.batch,
                                       .steps = whole,
                                       .rates = p->rates + done};
        assert_ok(f->epoch_stage(net, &epoch));
        assert_ok(f->epoch_start(net, 0));
        assert_ok(f->train(net, steps / 3)); /* in two calls, with an evaluation between */
        assert_ok(f->evaluate(net, data, 1, &r->evaluated));
        assert_ok(f->train(net, steps - steps / 3));
        done += steps;
    }
    assert_ok(hg_network_state_read(r, net, &s->spec, data));
    f->free(net);
    ctx->backend->data_free(data);
    ctx->backend->close(ctx);
    return true;
}

/* ---- comparison ---- */

static void check_l2(const char *what, size_t t, size_t count, const double *actual, const double *expected)
{
    double error = 0, size = 0;
    for (size_t i = 0; i < count; ++i) {
        error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        size += expected[i] * expected[i];
    }
    /* NaN fails too. A softmax over one class has no gradient: both sides are zero, or the weights unchanged. */
    if (!(sqrt(error) <= LIMIT * sqrt(size)))
        fail_msg("%s %zu: relative L2 %.3g, limit %.3g", what, t, sqrt(error / size), LIMIT);
}

static void check_result(const char *name, const struct step_problem *p, const struct hg_network_state *actual,
                         const struct hg_network_state *expected)
{
    for (size_t t = 0; t < p->tensors; ++t) {
        check_l2(name, t, p->sizes[t], actual->tensors[HG_PARAMETER][t], expected->tensors[HG_PARAMETER][t]);
        if (p->spec->momentum > 0)
            check_l2(name, t, p->sizes[t], actual->tensors[HG_VELOCITY][t], expected->tensors[HG_VELOCITY][t]);
    }
    /* The autoencoder's loss is a difference of terms as large as the data: its error is held against those. */
    double scale = 0;
    for (size_t i = 0; p->spec->kind == HG_NETWORK_AUTOENCODER && i < p->spec->samples * p->spec->features; ++i)
        scale += p->x[i] * p->x[i] / 2 / (double)p->spec->samples;
    const struct hg_totals *const pairs[][2] = {{&actual->trained, &expected->trained},
                                                {&actual->evaluated, &expected->evaluated}};
    for (size_t k = 0; k < COUNT(pairs); ++k) {
        const struct hg_totals *a = pairs[k][0], *e = pairs[k][1];
        assert_true(a->samples == e->samples);
        assert_true(a->correct == e->correct);
        const double limit = LIMIT * fmax(fabs(e->loss), scale * (double)e->samples);
        if (!(fabs(a->loss - e->loss) <= limit))
            fail_msg("%s: loss %.9g, expected %.9g", name, a->loss, e->loss);
    }
    const size_t count = (p->spec->samples - 1) * p->outputs;
    double error = 0, size = 0;
    for (size_t i = 0; i < count; ++i) {
        const double difference = (double)actual->outputs[i] - (double)expected->outputs[i];
        error += difference * difference;
        size += (double)expected->outputs[i] * (double)expected->outputs[i];
    }
    if (!(sqrt(error) <= LIMIT * sqrt(size)))
        fail_msg("%s: outputs: relative L2 %.3g", name, sqrt(error / size));
}

static void check_same_bits(const struct step_problem *p, const struct hg_network_state *a,
                            const struct hg_network_state *b)
{
    for (size_t t = 0; t < p->tensors; ++t)
        assert_memory_equal(a->tensors[HG_PARAMETER][t], b->tensors[HG_PARAMETER][t], p->sizes[t] * sizeof(double));
    assert_memory_equal(&a->trained.loss, &b->trained.loss, sizeof(double));
    assert_memory_equal(a->outputs, b->outputs, (p->spec->samples - 1) * p->outputs * sizeof(float));
}

/* ---- tests ---- */

static const char *const instruction_sets[] = {"avx512", "avx2", "portable", "wide"};

static void whole_steps_follow_the_definition(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(settings); ++k) {
        struct step_problem p;
        struct hg_network_state expected;
        step_problem_create(&p, &settings[k]);
        assert_ok(hg_network_state_create(&expected, p.spec));
        step_run_definition(&p, &expected);
        for (size_t isa = 0; isa < COUNT(instruction_sets); ++isa) {
            setenv("HANDGRAD_ISA", instruction_sets[isa], 1);
            for (int threads = 1; threads <= 3; ++threads) {
                struct hg_network_state first, second;
                assert_ok(hg_network_state_create(&first, p.spec));
                assert_ok(hg_network_state_create(&second, p.spec));
                if (run_cpu(&p, threads, &first)) {
                    char name[64];
                    snprintf(name, sizeof name, "setting %zu, %s, %d threads", k, instruction_sets[isa], threads);
                    check_result(name, &p, &first, &expected);
                    if (threads == 3) {
                        run_cpu(&p, threads, &second);
                        check_same_bits(&p, &first, &second);
                    }
                }
                hg_network_state_free(&second);
                hg_network_state_free(&first);
            }
        }
        unsetenv("HANDGRAD_ISA");
        hg_network_state_free(&expected);
        step_problem_free(&p);
    }
}

/* Whether the backend takes whole steps for a dataset of 100 rows with so many nonzero values of 100. */
static bool takes_whole_steps(enum hg_input input, size_t nonzero, enum hg_element element)
{
    enum { ROWS = 100, FEATURES = 100 };
    static uint8_t bytes[ROWS * FEATURES], labels[ROWS];
    static float floats[ROWS * FEATURES];
    for (size_t i = 0; i < ROWS * FEATURES; ++i)
        floats[i] = bytes[i] = i % FEATURES < nonzero;
    const struct hg_samples samples = {ROWS, FEATURES, element, element == HG_U8 ? (void *)bytes : (void *)floats,
                                       labels};
    const struct hg_network_spec spec = {HG_NETWORK_MLP, FEATURES, 8, 2, .batch = 10, .samples = ROWS};
    struct hg_context *ctx;
    struct hg_data *data;
    struct hg_network *net;
    assert_true(open_cpu(&ctx, 1, input));
    assert_ok(ctx->backend->data_create(&data, ctx, &samples));
    assert_ok(ctx->backend->network_create(&net, ctx, data, &spec));
    const bool takes = net != NULL;
    if (net)
        net->functions->free(net);
    ctx->backend->data_free(data);
    ctx->backend->close(ctx);
    return takes;
}

static void density_decides(void **state)
{
    (void)state;
    assert_true(takes_whole_steps(HG_INPUT_AUTO, 19, HG_U8)); /* MNIST */
    assert_true(takes_whole_steps(HG_INPUT_AUTO, 50, HG_U8)); /* Fashion-MNIST */
    assert_false(takes_whole_steps(HG_INPUT_AUTO, 100, HG_U8));
    assert_true(takes_whole_steps(HG_INPUT_SPARSE, 100, HG_U8));
    assert_false(takes_whole_steps(HG_INPUT_DENSE, 19, HG_U8));
    assert_false(takes_whole_steps(HG_INPUT_AUTO, 19, HG_F32));
}

static void unknown_instruction_set_is_refused(void **state)
{
    (void)state;
    struct hg_context *ctx;
    setenv("HANDGRAD_ISA", "mmx", 1);
    assert_fails(HG_USAGE, "mmx", hg_backend_find("cpu")->open(&ctx, &(struct hg_open_options){0}));
    unsetenv("HANDGRAD_ISA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_steps_follow_the_definition),
        cmocka_unit_test(density_decides),
        cmocka_unit_test(unknown_instruction_set_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
