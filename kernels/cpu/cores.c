#include "kernels/cpu/cores.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* The first number of a file; -1 where there is none ("max"), or no such file. */
static long long read_number(const char *directory, const char *file)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    FILE *stream = fopen(path, "r");
    long long number = -1;
    if (!stream)
        return -1;
    if (fscanf(stream, "%lld", &number) != 1)
        number = -1;
    fclose(stream);
    return number;
}

/* Of one cgroup: `quota` microseconds of processor time in every `period`. Rounded up, since threads spin for one
 * another: one core's worth too few would waste time, one thread too many waits for those that may not run. */
static int cores(long long quota, long long period)
{
    if (quota <= 0 || period <= 0 || quota / period >= INT_MAX - 1)
        return INT_MAX;
    return (int)((quota + period - 1) / period);
}

/* Version 2: cpu.max holds "QUOTA PERIOD", or "max PERIOD". */
static int cores_of_unified(const char *directory)
{
    char path[PATH_MAX];
    long long quota, period;
    snprintf(path, sizeof path, "%s/cpu.max", directory);
    FILE *file = fopen(path, "r");
    if (!file)
        return INT_MAX;
    const bool limited = fscanf(file, "%lld %lld", &quota, &period) == 2;
    fclose(file);
    return limited ? cores(quota, period) : INT_MAX;
}

/* Version 1: two files; a quota of -1 is none. */
static int cores_of_controller(const char *directory)
{
    return cores(read_number(directory, "cpu.cfs_quota_us"), read_number(directory, "cpu.cfs_period_us"));
}

/* The least of a cgroup and all above it. `path` is shortened to "". A container may see the host's path of its cgroup
 * but only its own part of the tree: what is not there limits nothing. */
static int least_upwards(const char *mount, char *path, int (*cores_of)(const char *))
{
    int least = INT_MAX;
    for (;;) {
        char directory[PATH_MAX];
        if (snprintf(directory, sizeof directory, "%s%s", mount, path) < (int)sizeof directory)
            least = smaller(least, cores_of(directory));
        char *slash = strrchr(path, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

static bool names_cpu(const char *controllers)
{
    const size_t length = strcspn(controllers, ",");
    if (length == 3 && strncmp(controllers, "cpu", length) == 0)
        return true;
    return controllers[length] && names_cpu(controllers + length + 1);
}

int hg_cores_by_quota(const char *root)
{
    char name[PATH_MAX], line[PATH_MAX];
    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    FILE *file = fopen(name, "r");
    if (!file)
        return INT_MAX;
    int least = INT_MAX;
    while (fgets(line, sizeof line, file)) { /* HIERARCHY:CONTROLLERS:/PATH; version 2 has no controllers */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = '\0';
        ++controllers;
        const bool unified = *controllers == '\0';
        if (!unified && !names_cpu(controllers))
            continue;
        char mount[2 * PATH_MAX];
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup%s%s", root, unified ? "" : "/", controllers);
        least = smaller(least, least_upwards(mount, path, unified ? cores_of_unified : cores_of_controller));
    }
    fclose(file);
    return least;
}

/* OMP_NUM_THREADS may be a list, one number a level of nested parallelism; there is one level here. INT_MAX: not set,
 * or not a number. */
static int threads_by_environment(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    if (!text)
        return INT_MAX;
    char *end;
    errno = 0;
    const long number = strtol(text, &end, 10);
    const bool valid = end != text && errno == 0 && (*end == '\0' || *end == ',') && number >= 1 && number < INT_MAX;
    return valid ? (int)number : INT_MAX;
}

int hg_cores_available(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int least = smaller(CPU_COUNT(&set), hg_cores_by_quota(""));
    return least > 0 ? least : 1;
}

int hg_threads_default(void)
{
    return smaller(hg_cores_available(), threads_by_environment());
}

bool hg_threads_by_environment(void)
{
    return threads_by_environment() < hg_cores_available();
}
