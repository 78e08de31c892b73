/* What training would do, for `train --dry-run`: on standard output, as text or as one JSON object. */
#ifndef HANDGRAD_SRC_OUTPUT_PLAN_H
#define HANDGRAD_SRC_OUTPUT_PLAN_H

#include "host/training/rehearsal.h"
#include "src/command.h"

struct hg_plan {
    const struct hg_command *command;
    const struct hg_trainer *trainer;
    const struct hg_dataset *train, *test; /* as they were read; test may be NULL */
    const char *run;                       /* the directory that would be made */
    struct hg_rehearsal rehearsal;
    size_t seeds;      /* 0: one run, in `run` itself */
    bool rate_by_data; /* the user gave no learning rate */
};

void hg_plan_print(const struct hg_plan *plan);
enum hg_status hg_plan_print_json(const struct hg_plan *plan);

#endif
