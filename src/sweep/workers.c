/* The processes of a sweep: each run is this program again, started without a shell. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/models/model_file.h"
#include "host/runs/run.h"
#include "kernels/backend.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/progress.h"
#include "src/paths.h"
#include "src/signals.h"
#include "src/sweep/sweep.h"

enum { LOG_LIMIT = 1 << 24 };

/* What a sweep under way knows beside its runs. */
struct crew {
    struct hg_sweep *sweep;
    int lock;
    size_t jobs, running, ended, wanted; /* ended, wanted: of the runs that this call trains */
    double began;
    sigset_t watched, before;
    int signal; /* the first that came */
};

/* One thread a run, so that the weights do not depend on how many cores the machine has. */
static size_t threads_of(const struct hg_point *point)
{
    return point->options.threads ? (size_t)point->options.threads : 1;
}

static bool uses_gpu(const struct hg_point *point)
{
    const struct hg_backend *cuda = hg_backend_find("cuda");
    struct hg_device_info info;
    const char *name = point->options.backend;
    return cuda && (strcmp(name, "cuda") == 0 || (strcmp(name, "auto") == 0 && cuda->probe(&info) == HG_OK));
}

/* A container's quota counts, which the affinity mask does not know. */
static size_t cores(void)
{
    const struct hg_backend *cpu = hg_backend_find("cpu");
    struct hg_device_info info;
    return cpu && cpu->probe(&info) == HG_OK && info.cores > 0 ? info.cores : 1;
}

static size_t jobs_by_machine(const struct hg_sweep *sweep)
{
    size_t threads = 1;
    for (size_t i = 0; i < sweep->point_count; ++i) {
        if (uses_gpu(&sweep->points[i]))
            return 1;
        threads = threads_of(&sweep->points[i]) > threads ? threads_of(&sweep->points[i]) : threads;
    }
    return cores() > threads ? cores() / threads : 1;
}

/* In the child, between fork and exec, where only async-signal-safe calls are allowed. */
static void become(const struct crew *crew, char *const *arguments, const char *log, pid_t parent)
{
    setpgid(0, 0); /* the terminal's Ctrl-C goes to the parent alone, which passes it on once */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(HG_INTERNAL);
    const int nothing = open("/dev/null", O_RDWR), to = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (nothing < 0 || to < 0)
        _exit(HG_CANNOT_CREATE);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(to, STDERR_FILENO);
    fcntl(crew->lock, F_SETFD, 0);
    sigprocmask(SIG_SETMASK, &crew->before, NULL);
    execv("/proc/self/exe", arguments);
    _exit(HG_UNAVAILABLE);
}

static enum hg_status start(struct crew *crew, struct hg_sweep_run *run)
{
    const struct hg_point *point = &crew->sweep->points[run->point];
    char *config = NULL, *checkpoint = NULL, seed[32], threads[32];
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_run_path(&config, run->directory, "config.json"));
    HG_TRY_OR_CLEANUP(hg_run_path(&checkpoint, run->directory, "checkpoint.safetensors"));
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    snprintf(threads, sizeof threads, "%zu", threads_of(point));
    const bool resumed = hg_paths_exist(checkpoint);
    if (!resumed)
        unlink(config); /* of a run that was killed before its first checkpoint */
    const char *model = hg_model_names[point->options.model];
    const char *fresh[] = {"handgrad", "train", model,          "--config",  point->config, "--seed",
                           seed,       "--out", run->directory, "--threads", threads,       NULL};
    const char *again[] = {"handgrad", "resume", run->directory, "--threads", threads, NULL};
    unlink(run->log);
    const pid_t parent = getpid();
    run->process = fork();
    if (run->process == 0)
        become(crew, (char *const *)(resumed ? again : fresh), run->log, parent);
    if (run->process < 0)
        status = hg_fail(HG_INTERNAL, "a process could not be started: %s", strerror(errno));
    else {
        run->state = HG_RUN_RUNS;
        ++crew->running;
    }
cleanup:
    free(checkpoint);
    free(config);
    return status;
}

/* The last line of the log, as the program reports a failure, without its beginning "handgrad train mlp: ". */
static enum hg_status read_reason(struct hg_sweep_run *run, int code)
{
    char *text = NULL;
    if (WIFSIGNALED(code))
        return hg_string_format(&run->reason, "ended by signal %d", WTERMSIG(code));
    if (hg_file_read(&text, NULL, run->log, LOG_LIMIT) != HG_OK)
        return hg_string_format(&run->reason, "exit code %d", WEXITSTATUS(code));
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    const char *line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    const char *message = strncmp(line, "handgrad", strlen("handgrad")) == 0 ? strstr(line, ": ") : NULL;
    const enum hg_status status = hg_string_copy(&run->reason, message ? message + 2 : line);
    free(text);
    return status;
}

static enum hg_status read_result(const struct hg_sweep *sweep, struct hg_sweep_run *run)
{
    struct hg_history history;
    HG_TRY(hg_history_read(&history, run->directory));
    const struct hg_metrics *kept = hg_history_kept(&history, sweep->points[run->point].options.keep);
    enum hg_status status = HG_OK;
    run->state = HG_RUN_FINISHED;
    if (kept)
        run->metrics = *kept;
    else
        status = hg_fail(HG_BAD_DATA, "%s/metrics.jsonl: has no epoch", run->directory);
    hg_history_free(&history);
    return status;
}

/* The first of the three that there is. */
static void tell_best_known(const double values[3], const char *format, double factor)
{
    static const char *const names[] = {"validation", "test", "training"};
    size_t i = 0;
    while (i < 2 && isnan(values[i]))
        ++i;
    fprintf(stderr, format, names[i], factor * values[i]);
}

static void tell(const struct crew *crew, const struct hg_sweep_run *run)
{
    const struct hg_sweep *sweep = crew->sweep;
    const struct hg_metrics *m = &run->metrics;
    char left[32];
    if (sweep->settings->quiet)
        return;
    const double each = (hg_progress_now() - crew->began) / (double)crew->ended;
    hg_progress_duration(left, sizeof left, each * (double)(crew->wanted - crew->ended));
    fprintf(stderr, "%zu/%zu  %s%sseed %llu  ", crew->ended, crew->wanted, sweep->points[run->point].name,
            *sweep->points[run->point].name ? "  " : "", (unsigned long long)run->seed);
    if (run->state == HG_RUN_FAILED)
        fprintf(stderr, "failed: %s", run->reason);
    else if (sweep->points[run->point].options.model == HG_MLP)
        tell_best_known((const double[]){m->validation_accuracy, m->test_accuracy, m->train_accuracy}, "%s %.2f %%",
                        100);
    else
        tell_best_known((const double[]){m->validation_loss, m->test_loss, m->train_loss}, "%s loss %.5g", 1);
    fprintf(stderr, "  left %s\n", left);
}

static enum hg_status finish(struct crew *crew, struct hg_sweep_run *run, int code)
{
    --crew->running;
    if (crew->signal && !(WIFEXITED(code) && WEXITSTATUS(code) == 0)) {
        run->state = HG_RUN_WAITS; /* stopped with its run saved */
        return HG_OK;
    }
    ++crew->ended;
    if (WIFEXITED(code) && WEXITSTATUS(code) == 0) {
        HG_TRY(read_result(crew->sweep, run));
        HG_TRY(hg_file_replace_text(run->mark, ""));
    } else {
        run->state = HG_RUN_FAILED;
        HG_TRY(read_reason(run, code));
    }
    tell(crew, run);
    return HG_OK;
}

static enum hg_status collect(struct crew *crew)
{
    int code;
    for (pid_t process; (process = waitpid(-1, &code, WNOHANG)) > 0;)
        for (size_t i = 0; i < crew->sweep->run_count; ++i)
            if (crew->sweep->runs[i].state == HG_RUN_RUNS && crew->sweep->runs[i].process == process)
                HG_TRY(finish(crew, &crew->sweep->runs[i], code));
    return HG_OK;
}

/* A first signal makes the children save and end, a second one ends them at once, as in training. */
static void pass_on(struct crew *crew, int signal)
{
    crew->signal = crew->signal ? crew->signal : signal;
    for (size_t i = 0; i < crew->sweep->run_count; ++i)
        if (crew->sweep->runs[i].state == HG_RUN_RUNS)
            kill(crew->sweep->runs[i].process, SIGTERM);
}

static enum hg_status work(struct crew *crew)
{
    struct hg_sweep *sweep = crew->sweep;
    size_t next = 0;
    for (;;) {
        for (; !crew->signal && crew->running < crew->jobs && next < sweep->run_count; ++next)
            if (sweep->runs[next].state == HG_RUN_WAITS)
                HG_TRY(start(crew, &sweep->runs[next]));
        if (crew->running == 0)
            return HG_OK;
        const int signal = sigwaitinfo(&crew->watched, NULL);
        if (signal > 0 && signal != SIGCHLD)
            pass_on(crew, signal);
        HG_TRY(collect(crew));
    }
}

/* Signals are waited for, not handled; one that was ignored when the program started stays so, as nohup wants it. */
static void watch(struct crew *crew)
{
    static const int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    sigemptyset(&crew->watched);
    sigaddset(&crew->watched, SIGCHLD);
    for (size_t i = 0; i < sizeof stopping / sizeof *stopping; ++i) {
        struct sigaction action;
        sigaction(stopping[i], NULL, &action);
        if (action.sa_handler != SIG_IGN)
            sigaddset(&crew->watched, stopping[i]);
    }
    signal(SIGCHLD, SIG_DFL); /* ignored, it would leave nothing to wait for */
    sigprocmask(SIG_BLOCK, &crew->watched, &crew->before);
}

enum hg_status hg_sweep_train(struct hg_sweep *sweep, int lock)
{
    struct crew crew = {.sweep = sweep, .lock = lock, .began = hg_progress_now()};
    crew.jobs = sweep->settings->jobs ? sweep->settings->jobs : jobs_by_machine(sweep);
    for (size_t i = 0; i < sweep->run_count; ++i) {
        if (hg_paths_exist(sweep->runs[i].mark))
            HG_TRY(read_result(sweep, &sweep->runs[i]));
        else
            ++crew.wanted;
    }
    watch(&crew);
    enum hg_status status = work(&crew);
    if (status != HG_OK) { /* of this process, a full disk for instance: no child is left behind */
        pass_on(&crew, SIGTERM);
        while (waitpid(-1, NULL, 0) > 0)
            ;
    } else if (crew.signal)
        status = hg_fail(hg_signals_status(crew.signal),
                         "stopped by a signal; every run is saved. The same command goes on with them");
    sigprocmask(SIG_SETMASK, &crew.before, NULL);
    return status;
}
