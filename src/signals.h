/* The signals that end a command in order: training between two steps, its run saved; writing of results between two
 * blocks of samples, what was begun removed. */
#ifndef HANDGRAD_SRC_SIGNALS_H
#define HANDGRAD_SRC_SIGNALS_H

#include "handgrad/trainer.h"

/* From here on SIGINT, SIGTERM, SIGHUP (a terminal that was closed) and SIGXCPU (a limit on processor time) stop
 * `trainer`, where it is not NULL, and a second one of them ends the process at once. One that was ignored when the
 * program started stays ignored, as nohup wants it. From here on writing to a closed pipe fails instead of ending the
 * process. */
void hg_signals_watch(struct hg_trainer *trainer);

/* Restores what the signals did before, so that `trainer` may be freed. Writing to a closed pipe still only fails, for
 * the sake of the summary. */
void hg_signals_forget(void);

/* The first of these signals that came; 0: none. */
int hg_signals_received(void);

/* The status of a training that this signal stopped: 128 + number, as shells report it. */
enum hg_status hg_signals_status(int number);

#endif
