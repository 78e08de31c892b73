#include "src/output/svg_render.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static const char PROGRAM[] = "rsvg-convert";

/* Runs the program, found by PATH and without a shell, on two open files, and waits. *exit_code: -1 where a signal
 * ended it. */
static enum hg_status run(char *const arguments[], int input, int output, int *exit_code)
{
    posix_spawn_file_actions_t actions;
    pid_t process;
    int state, failure;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return hg_fail_out_of_memory("starting a program");
    failure = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    failure = failure ? failure : posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    failure = failure ? failure : posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    failure = failure ? failure : posix_spawnp(&process, PROGRAM, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure == ENOENT)
        return hg_fail(
            HG_UNAVAILABLE,
            "a picture as PNG is made by %s, which is not installed; install librsvg2-bin, or give a name that "
            "ends in .svg",
            PROGRAM);
    if (failure)
        return hg_fail(HG_UNAVAILABLE, "%s: %s", PROGRAM, strerror(failure));
    while (waitpid(process, &state, 0) < 0)
        if (errno != EINTR)
            return hg_fail(HG_IO, "%s: %s", PROGRAM, strerror(errno));
    *exit_code = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
    return *exit_code == 127 /* what spawning gives where it learns too late */
               ? hg_fail(HG_UNAVAILABLE, "%s cannot be started", PROGRAM)
               : HG_OK;
}

/* Files without names, so that nothing is left whatever ends this process. */
static enum hg_status open_files(FILE **input, FILE **output)
{
    *input = tmpfile();
    *output = tmpfile();
    return *input && *output ? HG_OK : hg_fail(HG_CANNOT_CREATE, "a temporary file: %s", strerror(errno));
}

static void close_files(FILE *input, FILE *output)
{
    if (input)
        fclose(input);
    if (output)
        fclose(output);
}

enum hg_status hg_svg_renderer_require(void)
{
    FILE *input = NULL, *output = NULL;
    int exit_code;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(open_files(&input, &output));
    status = run((char *const[]){(char *)PROGRAM, "--version", NULL}, fileno(input), fileno(output), &exit_code);
cleanup:
    close_files(input, output);
    return status;
}

static enum hg_status read_all(FILE *from, char **out, size_t *size)
{
    const off_t end = lseek(fileno(from), 0, SEEK_END);
    if (end <= 0)
        return hg_fail(HG_IO, "%s wrote no picture", PROGRAM);
    *size = (size_t)end;
    HG_TRY(hg_allocate(out, *size, "a picture"));
    return pread(fileno(from), *out, *size, 0) == end ? HG_OK : hg_fail(HG_IO, "%s: %s", PROGRAM, strerror(errno));
}

enum hg_status hg_svg_render(const char *file, const char *svg, size_t length)
{
    FILE *input = NULL, *output = NULL;
    char *png = NULL;
    size_t size = 0;
    int exit_code;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(open_files(&input, &output));
    if (fwrite(svg, 1, length, input) != length || fflush(input) != 0 || lseek(fileno(input), 0, SEEK_SET) != 0)
        HG_TRY_OR_CLEANUP(hg_fail(HG_IO, "a temporary file: %s", strerror(errno)));
    HG_TRY_OR_CLEANUP(run((char *const[]){(char *)PROGRAM, "--format=png", "--zoom=2", NULL}, fileno(input),
                          fileno(output), &exit_code));
    if (exit_code != 0)
        HG_TRY_OR_CLEANUP(
            hg_fail(HG_IO, "%s: %s could not draw the picture; give a name that ends in .svg", file, PROGRAM));
    HG_TRY_OR_CLEANUP(read_all(output, &png, &size));
    status = hg_file_replace(file, &(struct iovec){png, size}, 1);
cleanup:
    free(png);
    close_files(input, output);
    return status;
}
