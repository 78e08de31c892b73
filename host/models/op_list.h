/* What the two lists of ops share: running steps (replaying a recording where the backend can), epochs, evaluation in
 * batches. mlp.c and autoencoder.c hold the models themselves. */
#ifndef HANDGRAD_HOST_MODELS_OP_LIST_H
#define HANDGRAD_HOST_MODELS_OP_LIST_H

#include "host/models/network.h"

struct hg_list_network;

/* A model as lists of ops. */
struct hg_list_model {
    size_t size; /* of its network, whose first member is the struct hg_list_network */
    /* Allocates the model's matrices; after a failure, free releases those that were allocated. */
    enum hg_status (*create)(struct hg_list_network *net);
    void (*free)(struct hg_list_network *net); /* its matrices, not net itself */
    struct hg_matrix (*tensor)(const struct hg_list_network *net, enum hg_role role, size_t index);
    /* step, evaluate and forward only enqueue ops. This one: a training step on the next `rows` samples. */
    enum hg_status (*step)(struct hg_list_network *net, size_t rows);
    /* Adds the loss (and correct answers) of samples first ... first + rows - 1 to the totals. */
    enum hg_status (*evaluate)(struct hg_list_network *net, const struct hg_data *data, size_t first, size_t rows);
    /* The outputs of samples first ... first + rows - 1 appear in *out; the caller adds *bias (data NULL: none) to each
     * row. */
    enum hg_status (*forward)(struct hg_list_network *net, const struct hg_data *data, size_t first, size_t rows,
                              struct hg_matrix *out, struct hg_matrix *bias);
};

struct hg_list_network {
    struct hg_network base;
    const struct hg_list_model *model;
    struct hg_context *ctx;
    const struct hg_ops *ops;
    const struct hg_data *data;
    struct hg_network_spec spec;
    size_t capacity; /* rows of the batch buffers */

    struct hg_training *training; /* the backend's own steps; NULL: the list's */

    struct hg_epoch epoch, staged;
    size_t step;              /* the next one to run, counted within the current epoch */
    struct hg_totals pending; /* sums of training that an evaluation had to read early */
    /* One recorded step for full batches, one for a short last one. */
    struct {
        size_t rows;
        struct hg_recording *recording;
    } recorded[2];
};

/* The list of ops with the backend's own training steps (training_create); *out NULL on HG_OK: it has none. */
enum hg_status hg_trained_list_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                      const struct hg_network_spec *spec);

extern const struct hg_list_model hg_list_mlp, hg_list_autoencoder;

static const struct hg_matrix HG_NO_MATRIX = {0};
static const struct hg_labels HG_NO_LABELS = {0};

#endif
