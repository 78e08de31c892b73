/* A team of threads for work that is too short for the operating system: members meet at a spinning barrier within the
 * work, and sleep between one call and the next. */
#ifndef HANDGRAD_KERNELS_CPU_TEAM_H
#define HANDGRAD_KERNELS_CPU_TEAM_H

#include "handgrad/status.h"

struct hg_team;

/* A team of `threads` members; the caller of hg_team_run is member 0, the others are created here. */
enum hg_status hg_team_create(struct hg_team **out, int threads);
void hg_team_free(struct hg_team *team);
int hg_team_size(const struct hg_team *team);

/* Calls work(argument, member) once in every member, and returns when all have come back. */
void hg_team_run(struct hg_team *team, void (*work)(void *argument, int member), void *argument);

/* Within work: returns when every member of the team has called it. What a member wrote before, all may read after. */
void hg_team_barrier(struct hg_team *team);

#endif
