/* Faults that crosscheck must find: the backend "reference" with one function replaced. */
#ifndef HANDGRAD_TESTS_HOST_PROOFS_CROSSCHECK_FAULTS_H
#define HANDGRAD_TESTS_HOST_PROOFS_CROSSCHECK_FAULTS_H

#include "kernels/backend.h"

struct hg_rig;

struct crosscheck_fault {
    const char *op;                   /* whose rows must fail */
    void (*part)(struct hg_rig *rig); /* of crosscheck that has those rows */
    struct hg_ops ops;                /* the function that is not NULL replaces the original */
    enum hg_status (*epoch_start)(struct hg_context *ctx, size_t first_step); /* likewise */
};

extern const struct crosscheck_fault crosscheck_faults[];
extern const size_t crosscheck_fault_count;

/* The backend with that fault; the next call changes it. */
const struct hg_backend *crosscheck_plant(const struct crosscheck_fault *fault);

#endif
