/* A small training problem, and the steps of both models as their definition says, in plain double-precision loops:
 * what whole steps are held against. */
#ifndef HANDGRAD_TESTS_KERNELS_CPU_STEP_DEFINITION_H
#define HANDGRAD_TESTS_KERNELS_CPU_STEP_DEFINITION_H

#include "host/proofs/network_state.h"

struct step_setting {
    struct hg_network_spec spec;
    size_t steps;
};

struct step_problem {
    const struct step_setting *set;
    const struct hg_network_spec *spec; /* of set */
    size_t tensors, sizes[HG_MAX_TENSORS], outputs;
    uint8_t *values, *labels;
    double *x; /* [samples][features]: values / 255 */
    uint32_t *order;
    float *rates; /* [steps] */
    double *start[HG_MAX_TENSORS];
};

void step_problem_create(struct step_problem *problem, const struct step_setting *setting);
void step_problem_free(struct step_problem *problem);
size_t step_steps_per_epoch(const struct step_setting *setting);

/* setting->steps steps, an evaluation of all samples, and the outputs of all but the first. */
void step_run_definition(const struct step_problem *problem, struct hg_network_state *result);

#endif
