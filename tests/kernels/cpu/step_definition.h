/* A small training problem, and the steps of both models as their definition says, in plain double-precision loops:
 * what whole steps are held against. */
#ifndef HANDGRAD_TESTS_KERNELS_CPU_STEP_DEFINITION_H
#define HANDGRAD_TESTS_KERNELS_CPU_STEP_DEFINITION_H

#include "kernels/backend.h"

struct step_setting {
    enum hg_network_kind kind;
    size_t features, hidden, classes, batch, samples;
    float momentum, weight_decay;
    bool nesterov;
    float encoder, decoder;
    size_t steps;
};

struct step_problem {
    const struct step_setting *set;
    size_t tensors, sizes[HG_MAX_TENSORS], outputs;
    uint8_t *values, *labels;
    double *x; /* [samples][features]: values / 255 */
    uint32_t *order;
    float *rates; /* [steps] */
    double *start[HG_MAX_TENSORS];
};

struct step_result {
    double *w[HG_MAX_TENSORS], *v[HG_MAX_TENSORS];
    struct hg_totals trained, evaluated;
    float *outputs; /* [samples - 1][outputs] */
};

void step_problem_create(struct step_problem *problem, const struct step_setting *setting);
void step_problem_free(struct step_problem *problem);
void step_result_create(struct step_result *result, const struct step_problem *problem);
void step_result_free(struct step_result *result);
size_t step_steps_per_epoch(const struct step_setting *setting);

/* setting->steps steps, an evaluation of all samples, and the outputs of all but the first. */
void step_run_definition(const struct step_problem *problem, struct step_result *result);

#endif
