/* What the gradchecks of both models share. */
#ifndef HANDGRAD_HOST_PROOFS_GRADCHECK_PARTS_H
#define HANDGRAD_HOST_PROOFS_GRADCHECK_PARTS_H

#include "host/proofs/gradcheck/gradcheck.h"
#include "host/proofs/gradcheck/probe.h"
#include "kernels/base/random.h"

struct hg_gradcheck {
    struct hg_context *ctx;
    const struct hg_samples *samples;
    struct hg_data *data;
    size_t batch, features, hidden, classes;
    struct hg_random random;
    struct hg_gradcheck_report *report;
};

/* Adds the row of an equation that must hold. */
void hg_gradcheck_add(struct hg_gradcheck *check, const char *equation, const char *name, const struct hg_probe *probe,
                      struct hg_derivative numeric);
/* Adds the row of a formula that is known not to be the gradient of L. The formula gave probe->gradient; along the
 * direction the derivative of L is `numeric`, and the value that the formula should give is `known`. */
void hg_gradcheck_add_formula(struct hg_gradcheck *check, const char *equation, const char *name,
                              const struct hg_probe *probe, struct hg_derivative numeric, struct hg_derivative known);

/* n normal numbers times `scale`. */
void hg_gradcheck_fill(struct hg_gradcheck *check, double *values, size_t n, double scale);

/* One training step of a network without momentum, on all samples in their order. It subtracts from each parameter the
 * rate times its gradient. The rate is so large that the parameter is negligible beside that product, so that the
 * gradient loses no digits when it is read back from the difference. */
enum hg_status hg_gradcheck_step(struct hg_gradcheck *check, struct hg_network *network);
/* Reads probe->gradient of parameter `index`, which was probe->base before that step. */
enum hg_status hg_gradcheck_step_gradient(struct hg_network *network, size_t index, struct hg_probe *probe);

enum hg_status hg_gradcheck_mlp(struct hg_gradcheck *check);
enum hg_status hg_gradcheck_autoencoder(struct hg_gradcheck *check);

#endif
