#include "tests/kernels/cuda/fixture.h"

#include <stdlib.h>

#include "host/models/network.h"
#include "kernels/base/random.h"

static void *reserve(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    assert_non_null(memory);
    return memory;
}

void fixture_data(struct fixture *f, enum hg_element element, size_t count, size_t features, size_t batch)
{
    struct hg_random random = hg_random_stream(1, HG_RANDOM_SYNTHETIC, 0);
    f->values = reserve(count * features, element == HG_U8 ? 1 : sizeof(float));
    for (size_t i = 0; i < count * features; ++i) {
        const double value = hg_random_uniform(&random);
        if (element == HG_U8)
            ((uint8_t *)f->values)[i] = (uint8_t)(255 * value);
        else
            ((float *)f->values)[i] = (float)value;
    }
    f->labels = reserve(count, 1);
    for (size_t i = 0; i < count; ++i)
        f->labels[i] = (uint8_t)hg_random_below(&random, FIXTURE_CLASSES);
    f->samples = (struct hg_samples){count, features, element, f->values, f->labels};

    f->order = reserve(count, sizeof *f->order);
    hg_random_permutation(&random, f->order, count);
    const size_t steps = (count + batch - 1) / batch;
    f->rates = reserve(steps, sizeof *f->rates);
    for (size_t i = 0; i < steps; ++i)
        f->rates[i] = 0.01f / (float)(i + 1);
    f->epoch = (struct hg_epoch){f->order, count, batch, steps, f->rates};
}

void fixture_spec(struct fixture *f, enum hg_network_kind kind, size_t hidden, float momentum)
{
    f->spec = (struct hg_network_spec){
        .kind = kind,
        .features = f->samples.features,
        .hidden = hidden,
        .classes = FIXTURE_CLASSES,
        .encoder = 1,
        .decoder = 1,
        .batch = f->epoch.batch,
        .momentum = momentum,
        .record = true,
    };
}

static void set_weights(struct fixture *f)
{
    struct hg_random random = hg_random_stream(2, HG_RANDOM_WEIGHTS, 0);
    for (size_t t = 0; t < hg_tensor_count(f->spec.kind); ++t) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&f->spec, t);
        double *values = reserve(shape.rows * shape.cols, sizeof *values);
        for (size_t i = 0; i < shape.rows * shape.cols; ++i)
            values[i] = 0.1 * hg_random_normal(&random);
        assert_ok(f->network->functions->set(f->network, HG_PARAMETER, t, values));
        free(values);
    }
}

void fixture_open(struct fixture *f, const struct hg_open_options *options)
{
    const struct hg_backend *backend = hg_backend_find("cuda");
    assert_non_null(backend);
    assert_ok(backend->open(&f->ctx, options));
    assert_ok(backend->data_create(&f->data, f->ctx, &f->samples));
    assert_ok(hg_network_create(&f->network, f->ctx, f->data, &f->spec));
    set_weights(f);
}

void fixture_close(struct fixture *f)
{
    if (f->network)
        f->network->functions->free(f->network);
    if (f->ctx) {
        f->ctx->backend->data_free(f->data);
        f->ctx->backend->close(f->ctx);
    }
    f->network = NULL;
    f->data = NULL;
    f->ctx = NULL;
}

void fixture_free(struct fixture *f)
{
    fixture_close(f);
    free(f->rates);
    free(f->order);
    free(f->labels);
    free(f->values);
}

void fixture_train(struct fixture *f, size_t count)
{
    const struct hg_network_functions *functions = f->network->functions;
    struct hg_totals totals;
    for (size_t e = 0; e < count; ++e) {
        assert_ok(functions->epoch_stage(f->network, &f->epoch));
        assert_ok(functions->epoch_start(f->network, 0));
        assert_ok(functions->train(f->network, f->epoch.steps));
        assert_ok(functions->totals(f->network, &totals));
        assert_int_equal(totals.samples, f->epoch.samples);
    }
}

double *fixture_parameters(struct fixture *f, size_t *count)
{
    *count = 0;
    for (size_t t = 0; t < hg_tensor_count(f->spec.kind); ++t) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&f->spec, t);
        *count += shape.rows * shape.cols;
    }
    double *values = reserve(*count, sizeof *values), *next = values;
    for (size_t t = 0; t < hg_tensor_count(f->spec.kind); ++t) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&f->spec, t);
        assert_ok(f->network->functions->get(f->network, HG_PARAMETER, t, next));
        next += shape.rows * shape.cols;
    }
    return values;
}
