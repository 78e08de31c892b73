/* A network on the CUDA backend and a dataset for it, for tests of what the device is asked to do. */
#ifndef HANDGRAD_TESTS_KERNELS_CUDA_FIXTURE_H
#define HANDGRAD_TESTS_KERNELS_CUDA_FIXTURE_H

#include "kernels/backend.h"
#include "tests/support/check.h"

enum { FIXTURE_CLASSES = 10 };

struct fixture {
    struct hg_samples samples;
    void *values;
    uint8_t *labels;
    uint32_t *order;
    float *rates;
    struct hg_epoch epoch;
    struct hg_network_spec spec;
    struct hg_context *ctx;
    struct hg_data *data;
    struct hg_network *network;
};

/* Samples of `features` bytes or floats, and an epoch that visits all of them in a random order. */
void fixture_data(struct fixture *f, enum hg_element element, size_t count, size_t features, size_t batch);
/* The defaults of a spec for that data. */
void fixture_spec(struct fixture *f, enum hg_network_kind kind, size_t hidden, float momentum);
/* Opens the backend and makes the network, with the same weights every time. */
void fixture_open(struct fixture *f, const struct hg_open_options *options);
void fixture_close(struct fixture *f);
void fixture_free(struct fixture *f);

/* Stages, starts and trains `count` whole epochs. */
void fixture_train(struct fixture *f, size_t count);
/* All parameters, one after the other; the caller frees them. */
double *fixture_parameters(struct fixture *f, size_t *count);

#endif
