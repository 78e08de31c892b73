#include "src/output/picture_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/base/descriptor.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

#define ENDING ".png"

static bool is_own(const char *name)
{
    const size_t digits = strspn(name, "0123456789");
    return digits > 0 && strcmp(name + digits, ENDING) == 0;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Whether there is a directory at `path`, of whose files none is anybody else's. */
static enum hg_status check_old(bool *exists, const char *path)
{
    struct stat info;
    *exists = stat(path, &info) == 0;
    if (!*exists)
        return HG_OK;
    DIR *entries = opendir(path);
    if (!entries)
        return hg_fail(HG_CANNOT_CREATE, "%s: %s", path, strerror(errno));
    enum hg_status status = HG_OK;
    for (const struct dirent *entry; status == HG_OK && (entry = readdir(entries));)
        if (!is_dots(entry->d_name) && !is_own(entry->d_name))
            status = hg_fail(HG_CANNOT_CREATE,
                             "%s: holds %s, which is no picture of a sample; give a directory that is empty or missing",
                             path, entry->d_name);
    closedir(entries);
    return status;
}

/* Nothing but the pictures: other files stay, and the directory with them. */
static void remove_pictures(const char *path)
{
    DIR *entries = opendir(path);
    if (!entries)
        return;
    for (const struct dirent *entry; (entry = readdir(entries));)
        if (is_own(entry->d_name))
            unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
    rmdir(path);
}

enum hg_status hg_picture_directory_open(struct hg_picture_directory *out, const char *path)
{
    bool exists;
    size_t length = strlen(path);
    enum hg_status status = HG_OK;
    *out = (struct hg_picture_directory){0};
    while (length > 1 && path[length - 1] == '/')
        --length;
    HG_TRY_OR_CLEANUP(hg_string_format(&out->path, "%.*s", (int)length, path));
    HG_TRY_OR_CLEANUP(check_old(&exists, out->path));
    HG_TRY_OR_CLEANUP(hg_string_format(&out->temporary, "%s" HG_FILE_TEMPORARY "XXXXXX", out->path));
    const mode_t mask = umask(0);
    umask(mask);
    if (!mkdtemp(out->temporary) || chmod(out->temporary, 0777 & ~mask) != 0)
        status = hg_fail(HG_CANNOT_CREATE, "%s: cannot be created: %s", out->path, strerror(errno));

cleanup:
    if (status != HG_OK)
        hg_picture_directory_discard(out);
    return status;
}

static enum hg_status write_file(const char *path, const void *bytes, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return hg_fail(HG_CANNOT_CREATE, "%s: cannot be created: %s", path, strerror(errno));
    enum hg_status status = hg_descriptor_write(fd, path, bytes, size);
    if (close(fd) != 0 && errno != EINTR && status == HG_OK)
        status = hg_fail(HG_IO, "%s: writing failed: %s", path, strerror(errno));
    return status;
}

enum hg_status hg_picture_directory_add(struct hg_picture_directory *directory, size_t index,
                                        const struct hg_picture *picture)
{
    char *file = NULL;
    void *bytes = NULL;
    size_t size;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_string_format(&file, "%s/%05zu" ENDING, directory->temporary, index));
    HG_TRY_OR_CLEANUP(hg_png_encode(&bytes, &size, picture, file));
    HG_TRY_OR_CLEANUP(write_file(file, bytes, size));

cleanup:
    free(bytes);
    free(file);
    return status;
}

/* One wait for all the files instead of one for each. */
static enum hg_status synchronise(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return hg_fail(HG_IO, "%s: %s", path, strerror(errno));
    const enum hg_status status =
        syncfs(fd) == 0 ? HG_OK : hg_fail(HG_IO, "%s: writing to disk failed: %s", path, strerror(errno));
    close(fd);
    return status;
}

/* A directory that is not empty cannot be replaced by one call: the old one is moved aside and, on failure, back. */
static enum hg_status put_in_place(const struct hg_picture_directory *directory)
{
    bool exists;
    char *aside;
    enum hg_status status = HG_OK;
    HG_TRY(check_old(&exists, directory->path));
    HG_TRY(hg_string_format(&aside, "%s.old", directory->temporary));
    if (exists && rename(directory->path, aside) != 0) {
        status = hg_fail(HG_CANNOT_CREATE, "%s: cannot be replaced: %s", directory->path, strerror(errno));
    } else if (rename(directory->temporary, directory->path) != 0) {
        status = hg_fail(HG_CANNOT_CREATE, "%s: cannot be replaced: %s", directory->path, strerror(errno));
        if (exists && rename(aside, directory->path) != 0)
            status = hg_fail_within(status, "%s (what was there before is %s)", hg_message(), aside);
    } else if (exists) {
        remove_pictures(aside);
    }
    free(aside);
    return status;
}

enum hg_status hg_picture_directory_commit(struct hg_picture_directory *directory)
{
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(synchronise(directory->temporary));
    HG_TRY_OR_CLEANUP(put_in_place(directory));
    free(directory->temporary);
    directory->temporary = NULL;
    HG_TRY_OR_CLEANUP(hg_directory_synchronise(directory->path));

cleanup:
    hg_picture_directory_discard(directory);
    return status;
}

void hg_picture_directory_discard(struct hg_picture_directory *directory)
{
    if (directory->temporary)
        remove_pictures(directory->temporary);
    free(directory->temporary);
    free(directory->path);
    *directory = (struct hg_picture_directory){0};
}
