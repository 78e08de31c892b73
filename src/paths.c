#include "src/paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/formats/format.h"
#include "host/formats/npz.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

bool hg_paths_exist(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

bool hg_paths_is_directory(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* `path` from the directory of this program, so that an installation, or a build, can be moved; "" where that is
 * unknown. */
static const char *beside_program(char out[PATH_MAX], const char *path)
{
    char program[PATH_MAX / 2];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    out[0] = '\0';
    if (length <= 0)
        return out;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash) {
        *slash = '\0';
        snprintf(out, PATH_MAX, "%s/%s", program, path);
    }
    return out;
}

/* The names of arrays that may follow an archive's stay as they are. */
static enum hg_status absolute(char **out, const char *given)
{
    const size_t length = hg_npz_file_length(given);
    char *file;
    HG_TRY(hg_string_format(&file, "%.*s", (int)(length > 0 ? length : strlen(given)), given));
    char *found = realpath(file, NULL);
    free(file);
    if (!found)
        return hg_fail(HG_NO_INPUT, "%s: %m; give a directory of " HG_FORMAT_NAMES " files with --data DIR", given);
    if (length == 0) {
        *out = found;
        return HG_OK;
    }
    const enum hg_status status = hg_string_format(out, "%s%s", found, given + length);
    free(found);
    return status;
}

enum hg_status hg_paths_data(char **out, const char *given)
{
    char installed[PATH_MAX], built[PATH_MAX];
    const char *candidates[] = {"data/mnist", beside_program(installed, HG_INSTALLED_DATA),
                                beside_program(built, "../data/mnist")}; /* the build is a directory of the source */
    for (size_t i = 0; !given && i < sizeof candidates / sizeof candidates[0]; ++i)
        if (hg_paths_is_directory(candidates[i]))
            given = candidates[i];
    if (!given)
        return hg_fail(HG_NO_INPUT,
                       "data/mnist: no such directory; give --data DIR, or get it with scripts/fetch_data");
    return absolute(out, given);
}

enum hg_status hg_paths_new_run(char **out, const char *name)
{
    for (unsigned number = 1; number < UINT_MAX; ++number) {
        HG_TRY(number == 1 ? hg_string_format(out, "runs/%s", name)
                           : hg_string_format(out, "runs/%s-%u", name, number));
        if (!hg_paths_exist(*out))
            return HG_OK;
        free(*out);
    }
    return hg_fail(HG_CANNOT_CREATE, "runs: no name is free; give --out RUN");
}
