/* A training session, the same for `train` and `resume`: runs epochs and shows their progress, keeps the run's files up
 * to date, answers signals, and prints the summary at the end. */
#ifndef HANDGRAD_SRC_SESSION_H
#define HANDGRAD_SRC_SESSION_H

#include <stdbool.h>

#include "handgrad/run.h"
#include "handgrad/trainer.h"
#include "src/command.h"

struct hg_session {
    const struct hg_command *command;
    struct hg_trainer *trainer;
    struct hg_run *run;
    const char *data;                      /* directory */
    const struct hg_dataset *train, *test; /* test may be NULL */
    double began;                          /* hg_progress_now when the program began, loading included */
    bool json, quiet;
};

/* Trains until the run is finished, and prints the summary; the caller has called hg_signals_watch. HG_INTERRUPTED,
 * HG_TERMINATED and so on: a signal came; the run is saved, and the message says how to continue it. After other
 * failures a new run that has no trained weights on disk is removed again. The run is closed in any case. */
enum hg_status hg_session_run(const struct hg_session *session);

#endif
