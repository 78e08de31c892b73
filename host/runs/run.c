/* Run directories: making, opening and locking them. What is in them: config.c, metrics.c, events.c, checkpoint.c. */
#include "host/runs/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

struct hg_run {
    char *directory;
    char *events; /* hg_run_events */
    int lock;
    bool created;           /* by hg_run_create: this process wrote every file of the run */
    bool created_directory; /* false: the directory existed before */
};

static const char *const files[] = {
    "config.json", "metrics.jsonl", "checkpoint.safetensors",           "model.safetensors", "best.safetensors",
    "lr-find.csv", "lr-find.svg",   "events.out.tfevents.0001.handgrad"};
enum { FILES = sizeof files / sizeof *files };

enum hg_status hg_run_path(char **out, const char *run, const char *name)
{
    return hg_string_format(out, "%s/%s", run, name);
}

static enum hg_status exists_in(bool *exists, const char *directory, const char *name)
{
    char *path;
    struct stat info;
    HG_TRY(hg_run_path(&path, directory, name));
    *exists = lstat(path, &info) == 0;
    free(path);
    return HG_OK;
}

enum hg_status hg_run_has(bool *has, const struct hg_run *run, const char *name)
{
    return exists_in(has, run->directory, name);
}

char **hg_run_events(struct hg_run *run)
{
    return &run->events;
}

const char *hg_run_directory(const struct hg_run *run)
{
    return run->directory;
}

enum hg_status hg_run_require_none(const char *directory)
{
    for (size_t i = 0; i < FILES; ++i) {
        bool exists;
        HG_TRY(exists_in(&exists, directory, files[i]));
        if (exists)
            return hg_fail(
                HG_CANNOT_CREATE,
                "%s holds a run already (%s), which would be overwritten; give another directory, or continue that "
                "run with handgrad resume",
                directory, files[i]);
    }
    return HG_OK;
}

enum hg_status hg_run_require_other(const char *directory, const char *out)
{
    const char *slash = strrchr(out, '/'), *name = slash ? slash + 1 : out;
    char *parent;
    HG_TRY(slash ? hg_string_format(&parent, "%.*s", (int)(slash - out + 1), out) : hg_string_copy(&parent, "."));
    const bool in_run = hg_file_same(parent, directory);
    free(parent);
    for (size_t i = 0; in_run && i < FILES; ++i)
        if (strcmp(name, files[i]) == 0)
            return hg_fail(HG_USAGE, "out: %s is a file of the run itself; give another name", out);
    return HG_OK;
}

static enum hg_status open_run(struct hg_run **out, const char *directory)
{
    struct hg_run *run = NULL;
    enum hg_status status;
    HG_TRY(hg_allocate(&run, 1, "a run"));
    run->lock = -1;
    HG_TRY_OR_CLEANUP(hg_string_copy(&run->directory, directory));
    HG_TRY_OR_CLEANUP(hg_run_lock(&run->lock, directory));
    hg_file_remove_unfinished(directory, files, FILES);
    *out = run;
    return HG_OK;
cleanup:
    hg_run_close(run);
    return status;
}

enum hg_status hg_run_create(struct hg_run **out, const char *directory)
{
    struct hg_run *run = NULL;
    bool created_directory;
    HG_TRY(hg_run_require_none(directory)); /* before anything is made in it */
    HG_TRY(hg_directory_create(directory, &created_directory));
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(open_run(&run, directory));
    HG_TRY_OR_CLEANUP(hg_run_require_none(directory)); /* again, as no other process can make one any more */
    run->created = true;
    run->created_directory = created_directory;
    *out = run;
    return HG_OK;

cleanup:
    /* Another process may use the new directory by now; its lock file then makes rmdir fail, as it should. */
    hg_run_close(run);
    if (created_directory)
        rmdir(directory);
    return status;
}

enum hg_status hg_run_require(const char *directory)
{
    struct stat info;
    if (stat(directory, &info) != 0)
        return hg_fail(HG_NO_INPUT, "%s: %s; give the directory of a run", directory, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return hg_fail(HG_NO_INPUT, "%s: is a file; give the directory of a run", directory);
    bool is_run;
    HG_TRY(exists_in(&is_run, directory, files[0]));
    if (!is_run)
        return hg_fail(HG_NO_INPUT, "%s: holds no config.json, so no run; give the directory of a run", directory);
    return HG_OK;
}

enum hg_status hg_run_open(struct hg_run **out, const char *directory)
{
    HG_TRY(hg_run_require(directory));
    return open_run(out, directory);
}

enum hg_status hg_run_write_config(struct hg_run *run, const struct hg_train_options *options, const char *data)
{
    char *text = NULL, *path = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_run_config_text(&text, options, data));
    HG_TRY_OR_CLEANUP(hg_run_path(&path, run->directory, files[0]));
    HG_TRY_OR_CLEANUP(hg_file_replace_text(path, text));
cleanup:
    free(path);
    free(text);
    return status;
}

void hg_run_close(struct hg_run *run)
{
    if (!run)
        return;
    if (run->lock >= 0)
        hg_run_unlock(run->lock, run->directory);
    free(run->events);
    free(run->directory);
    free(run);
}

/* Allocates nothing: it also cleans up where memory has run out. */
static void remove_files(const struct hg_run *run)
{
    const int directory = open(run->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return;
    for (size_t i = 0; i < FILES; ++i)
        unlinkat(directory, files[i], 0);
    close(directory);
}

void hg_run_discard(struct hg_run *run)
{
    if (!run)
        return;
    if (run->created)
        remove_files(run);
    hg_run_unlock(run->lock, run->directory);
    run->lock = -1;
    if (run->created_directory)
        rmdir(run->directory);
    hg_run_close(run);
}
