/* What training prints on standard output when it ends: a short table, or one object with --json. */
#ifndef HANDGRAD_SRC_OUTPUT_SUMMARY_H
#define HANDGRAD_SRC_OUTPUT_SUMMARY_H

#include "src/session.h"

/* `last` and `best` are the last epoch of this session and the one with the best validation loss; their field `epoch`
 * is 0 if no epoch ended in this session, or the best one was not in it. `state`: "finished", "interrupted". */
enum hg_status hg_summary_print(const struct hg_session *session, const struct hg_metrics *last,
                                const struct hg_metrics *best, const char *state);

/* "0.02 % above the best possible, 3.641569"; "1.2e-07 above the best possible, 0" */
void hg_summary_gap(char *out, size_t size, double loss, double optimum);

#endif
