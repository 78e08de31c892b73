/* A team of threads (a thread pool) for work of some microseconds, too short to put threads to sleep and wake them:
 * within a call of hg_team_run they wait for each other at a spinning barrier; between calls they spin for a while,
 * then sleep.
 */
#ifndef HANDGRAD_KERNELS_CPU_TEAM_H
#define HANDGRAD_KERNELS_CPU_TEAM_H

#include "handgrad/status.h"

struct hg_team;

/* A team of `threads`: thread 0 is whoever calls hg_team_run, the others are started here. */
enum hg_status hg_team_create(struct hg_team **out, int threads);
void hg_team_free(struct hg_team *team);
int hg_team_size(const struct hg_team *team);

/* Calls work(argument, thread) once in every thread of the team, and returns when all have returned. */
void hg_team_run(struct hg_team *team, void (*work)(void *argument, int thread), void *argument);

/* For use within work: returns when every thread of the team has called it. What any of them wrote before, all can read
 * after. */
void hg_team_barrier(struct hg_team *team);

#endif
