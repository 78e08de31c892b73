/* What the gradchecks of both models share. */
#ifndef HANDGRAD_HOST_PROOFS_GRADCHECK_PARTS_H
#define HANDGRAD_HOST_PROOFS_GRADCHECK_PARTS_H

#include "host/proofs/gradcheck/gradcheck.h"
#include "kernels/base/random.h"

struct hg_gradcheck {
    struct hg_context *ctx;
    const struct hg_samples *samples;
    struct hg_data *data;
    size_t batch, features, hidden, classes;
    struct hg_random random;
    struct hg_gradcheck_report *report;
};

/* Something that L depends on: where it stands, the gradient that an equation gives for it, and a direction. */
struct hg_probe {
    size_t n;
    double *base, *gradient, *direction, *moved;
};

enum hg_status hg_probe_create(struct hg_probe *probe, size_t n);
void hg_probe_free(struct hg_probe *probe);

/* A direction of the length of base, half of it along the gradient, so that the derivative is not a difference of
 * large terms, and half of it random, so that every element of the gradient counts. */
void hg_probe_aim(struct hg_gradcheck *check, struct hg_probe *probe);

/* L with the probed quantity set to `values`. */
typedef enum hg_status hg_probe_loss(void *target, const double *values, double *loss);

/* <gradient, direction>. */
double hg_probe_analytic(const struct hg_probe *probe);
/* dL/dt at t = 0 with the quantity at base + t * direction; leaves it at base. */
enum hg_status hg_probe_numeric(const struct hg_probe *probe, hg_probe_loss *loss, void *target, double *derivative);

/* Adds the row of an equation that must hold. */
void hg_gradcheck_add(struct hg_gradcheck *check, const char *equation, const char *name, double analytic,
                      double numeric);
/* Adds a row that compares `analytic` with a derivative that it need not equal; it passes where it equals `known`. */
void hg_gradcheck_add_formula(struct hg_gradcheck *check, const char *equation, const char *name, double analytic,
                              double numeric, double known);

/* n normal numbers times `scale`. */
void hg_gradcheck_fill(struct hg_gradcheck *check, double *values, size_t n, double scale);

/* One training step of a network without momentum, on all samples in their order, with rate 1: what it takes from each
 * parameter is that parameter's gradient. */
enum hg_status hg_gradcheck_step(struct hg_gradcheck *check, struct hg_network *network);

enum hg_status hg_gradcheck_mlp(struct hg_gradcheck *check);
enum hg_status hg_gradcheck_autoencoder(struct hg_gradcheck *check);

#endif
