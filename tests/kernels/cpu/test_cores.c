/* Claims: the default number of threads is what the process may really use: its cores, the quotas of its cgroup and all
 * above it in either version, and OMP_NUM_THREADS. The trees of files are those that Docker, systemd and Kubernetes
 * leave: a quota at the process's own cgroup, at one above it, or at the root that a container sees. */
#include "tests/support/check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/file.h"
#include "kernels/cpu/cores.h"
#include "tests/support/temporary.h"

/* Makes `text` the content of root/directory/file. */
static void put(const char *root, const char *directory, const char *file, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, directory);
    assert_ok(hg_directory_create(path, NULL));
    snprintf(path, sizeof path, "%s/%s/%s", root, directory, file);
    assert_ok(hg_file_replace_text(path, text));
}

static void no_cgroups_no_quota(void **state)
{
    (void)state;
    const char *root = temporary_path("bare");
    assert_int_equal(hg_cores_by_quota(root), INT_MAX);
    put(root, "proc/self", "cgroup", "0::/user.slice\n");
    assert_int_equal(hg_cores_by_quota(root), INT_MAX);
}

static void version_2(void **state)
{
    (void)state;
    const char *root = temporary_path("v2");
    put(root, "proc/self", "cgroup", "0::/jobs.slice/training.scope\n");
    put(root, "sys/fs/cgroup/jobs.slice/training.scope", "cpu.max", "max 100000\n");
    assert_int_equal(hg_cores_by_quota(root), INT_MAX);
    put(root, "sys/fs/cgroup/jobs.slice/training.scope", "cpu.max", "250000 100000\n");
    assert_int_equal(hg_cores_by_quota(root), 3);
    /* The one above allows less, so it decides. */
    put(root, "sys/fs/cgroup/jobs.slice", "cpu.max", "200000 100000\n");
    assert_int_equal(hg_cores_by_quota(root), 2);
    /* The root of a container, which sees the host's path but not its directories. */
    put(root, "sys/fs/cgroup", "cpu.max", "50000 100000\n");
    assert_int_equal(hg_cores_by_quota(root), 1);
}

static void version_1(void **state)
{
    (void)state;
    const char *root = temporary_path("v1");
    put(root, "proc/self", "cgroup", "12:cpuset:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n");
    put(root, "sys/fs/cgroup/cpuset/docker/abc", "cpu.cfs_quota_us", "100000\n"); /* another controller: no matter */
    put(root, "sys/fs/cgroup/cpu,cpuacct", "cpu.cfs_quota_us", "-1\n");
    put(root, "sys/fs/cgroup/cpu,cpuacct", "cpu.cfs_period_us", "100000\n");
    assert_int_equal(hg_cores_by_quota(root), INT_MAX);
    put(root, "sys/fs/cgroup/cpu,cpuacct/docker/abc", "cpu.cfs_period_us", "50000\n");
    put(root, "sys/fs/cgroup/cpu,cpuacct/docker/abc", "cpu.cfs_quota_us", "200000\n");
    assert_int_equal(hg_cores_by_quota(root), 4);
    put(root, "sys/fs/cgroup/cpu,cpuacct", "cpu.cfs_quota_us", "150000\n");
    assert_int_equal(hg_cores_by_quota(root), 2);
}

static void broken_files_limit_nothing(void **state)
{
    (void)state;
    const char *root = temporary_path("broken");
    put(root, "proc/self", "cgroup", "no colons\n0::/a\n:cpu\n4:cpu:/a\n");
    put(root, "sys/fs/cgroup/a", "cpu.max", "0 0\n");
    put(root, "sys/fs/cgroup/cpu/a", "cpu.cfs_quota_us", "99999999999999999999\n");
    put(root, "sys/fs/cgroup/cpu/a", "cpu.cfs_period_us", "1\n");
    assert_int_equal(hg_cores_by_quota(root), INT_MAX);
}

static void the_environment_lowers_the_default(void **state)
{
    (void)state;
    unsetenv("OMP_NUM_THREADS");
    const int cores = hg_threads_default();
    assert_true(cores >= 1);
    assert_false(hg_threads_by_environment());
    setenv("OMP_NUM_THREADS", "1,4", 1);
    assert_int_equal(hg_threads_default(), 1);
    assert_int_equal(hg_threads_by_environment(), cores > 1);
    static const char *const useless[] = {"", "0", "-2", "many", "2x", "99999999999999999999", "1000000"};
    for (size_t i = 0; i < COUNT(useless); ++i) {
        setenv("OMP_NUM_THREADS", useless[i], 1);
        assert_int_equal(hg_threads_default(), cores);
        assert_int_equal(hg_cores_available(), cores);
        assert_false(hg_threads_by_environment());
    }
    unsetenv("OMP_NUM_THREADS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cgroups_no_quota),
        cmocka_unit_test(version_2),
        cmocka_unit_test(version_1),
        cmocka_unit_test(broken_files_limit_nothing),
        cmocka_unit_test(the_environment_lowers_the_default),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
