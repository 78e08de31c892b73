/* The signals that end a training in order: between two steps, with the run saved. */
#ifndef HANDGRAD_SRC_SIGNALS_H
#define HANDGRAD_SRC_SIGNALS_H

#include "handgrad/trainer.h"

/* From here on SIGINT, SIGTERM, SIGHUP (a terminal that was closed) and SIGXCPU (a limit on processor time) stop
 * `trainer`, and a second one of them ends the process at once. One that was ignored when the program started stays
 * ignored, as nohup wants it. A closed pipe is an error of the writing call from here on, not the end. */
void hg_signals_watch(struct hg_trainer *trainer);

/* The signals do what they did before, and `trainer` may be freed; a closed pipe stays an error, for the summary. */
void hg_signals_forget(void);

/* The first that came; 0: none has. */
int hg_signals_received(void);

/* The status of a training that this signal stopped: 128 + number, as shells report it. */
enum hg_status hg_signals_status(int number);

#endif
