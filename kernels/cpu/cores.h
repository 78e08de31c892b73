/* How many threads are worth starting: the cores that this process may use. */
#ifndef HANDGRAD_KERNELS_CPU_CORES_H
#define HANDGRAD_KERNELS_CPU_CORES_H

#include <stdbool.h>

/* Threads where nobody asks for a number: the cores of the process's affinity mask, fewer where its container's quota
 * or the environment variable OMP_NUM_THREADS allows fewer; at least 1. */
int hg_threads_default(void);

/* The same without the environment variable, which is about the threads of one process. */
int hg_cores_available(void);

/* Whether OMP_NUM_THREADS is what decided. */
bool hg_threads_by_environment(void);

/* Cores' worth of processor time that the process's cgroup and those above it allow, rounded up; INT_MAX where none has
 * a quota. Both versions of cgroups are read, below `root`: "" for this machine, another directory for tests. */
int hg_cores_by_quota(const char *root);

#endif
