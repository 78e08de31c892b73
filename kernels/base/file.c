#include "kernels/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/base/descriptor.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* ---- reading ---- */

static enum hg_status open_for_reading(int *out, struct stat *info, const char *path)
{
    /* O_NONBLOCK: a pipe that nobody writes to must not make us wait for ever before we refuse it. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return hg_fail(HG_NO_INPUT, "%s: %s", path, strerror(errno));
    if (fstat(fd, info) != 0) {
        const enum hg_status status = hg_fail(HG_IO, "%s: %s", path, strerror(errno));
        close(fd);
        return status;
    }
    if (!S_ISREG(info->st_mode)) {
        close(fd);
        return hg_fail(HG_NO_INPUT, "%s: is %s, not a file", path, S_ISDIR(info->st_mode) ? "a directory" : "special");
    }
    *out = fd;
    return HG_OK;
}

enum hg_status hg_file_map(struct hg_mapping *out, const char *path)
{
    int fd = -1;
    struct stat info;
    enum hg_status status = HG_OK;
    HG_TRY(open_for_reading(&fd, &info, path));

    struct hg_mapping mapping = {NULL, (size_t)info.st_size};
    if (mapping.size > 0) { /* mmap refuses an empty range */
        void *data = mmap(NULL, mapping.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED) {
            status = hg_fail(HG_IO, "%s: cannot be memory-mapped: %s", path, strerror(errno));
            goto cleanup;
        }
        mapping.data = data;
    }
    *out = mapping;

cleanup:
    close(fd);
    return status;
}

void hg_file_unmap(struct hg_mapping *mapping)
{
    if (mapping->data)
        munmap((void *)mapping->data, mapping->size);
    *mapping = (struct hg_mapping){NULL, 0};
}

enum hg_status hg_file_read(char **out, size_t *size, const char *path, size_t limit)
{
    struct hg_mapping mapping;
    char *text;
    enum hg_status status = HG_OK;
    HG_TRY(hg_file_map(&mapping, path));
    if (mapping.size > limit) {
        status = hg_fail(HG_BAD_DATA, "%s: has %zu bytes, more than the %zu that such a file may have", path,
                         mapping.size, limit);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(hg_allocate(&text, mapping.size + 1, path));
    if (mapping.size > 0)
        memcpy(text, mapping.data, mapping.size);
    *out = text;
    if (size)
        *size = mapping.size;

cleanup:
    hg_file_unmap(&mapping);
    return status;
}

/* ---- writing ---- */

void hg_file_remove_unfinished(const char *directory, const char *const names[], size_t count)
{
    DIR *entries = opendir(directory);
    if (!entries)
        return;
    for (const struct dirent *entry; (entry = readdir(entries));)
        for (size_t i = 0; i < count; ++i) {
            const size_t length = strlen(names[i]);
            if (strncmp(entry->d_name, names[i], length) == 0 &&
                strncmp(entry->d_name + length, HG_FILE_TEMPORARY, sizeof HG_FILE_TEMPORARY - 1) == 0)
                unlinkat(dirfd(entries), entry->d_name, 0);
        }
    closedir(entries);
}

static enum hg_status write_parts(int fd, const char *path, const struct iovec *parts, size_t count)
{
    for (size_t k = 0; k < count; ++k)
        HG_TRY(hg_descriptor_write(fd, path, parts[k].iov_base, parts[k].iov_len));
    return HG_OK;
}

static enum hg_status write_durably(int fd, const char *path, const struct iovec *parts, size_t count)
{
    HG_TRY(write_parts(fd, path, parts, count));
    return hg_descriptor_synchronise(fd, path);
}

static enum hg_status append(const char *path, const struct iovec *parts, size_t count, bool durably)
{
    const bool existed = access(path, F_OK) == 0;
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return hg_fail(HG_CANNOT_CREATE, "%s: cannot be created: %s", path, strerror(errno));
    const off_t end = lseek(fd, 0, SEEK_END);
    enum hg_status status = (durably ? write_durably : write_parts)(fd, path, parts, count);
    /* What follows half a line could not be read. */
    if (status != HG_OK && end >= 0 && ftruncate(fd, end) != 0)
        status = hg_fail_within(status, "%s (and the incomplete end could not be removed)", hg_message());
    close(fd);
    if (status == HG_OK && durably && !existed)
        status = hg_directory_synchronise(path);
    return status;
}

enum hg_status hg_file_append(const char *path, const struct iovec *parts, size_t count)
{
    return append(path, parts, count, false);
}

enum hg_status hg_file_append_line(const char *path, const char *line)
{
    const struct iovec parts[] = {{(void *)line, strlen(line)}, {"\n", 1}};
    return append(path, parts, 2, true);
}

static enum hg_status create_one_directory(const char *path, bool *created)
{
    struct stat info;
    *created = mkdir(path, 0777) == 0;
    if (*created) {
        const enum hg_status status = hg_directory_synchronise(path);
        if (status != HG_OK)
            rmdir(path);
        return status;
    }
    const int error = errno;
    if (error == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return HG_OK;
    return hg_fail(HG_CANNOT_CREATE, "%s: cannot be created: %s", path, strerror(error));
}

enum hg_status hg_directory_create(const char *path, bool *created)
{
    char *prefix;
    bool last = false;
    enum hg_status status = HG_OK;
    HG_TRY(hg_string_copy(&prefix, path));
    size_t length = strlen(prefix);
    while (length > 1 && prefix[length - 1] == '/')
        prefix[--length] = '\0';

    for (size_t i = 1; i < length; ++i) {
        if (prefix[i] != '/' || prefix[i - 1] == '/')
            continue;
        prefix[i] = '\0';
        HG_TRY_OR_CLEANUP(create_one_directory(prefix, &last));
        prefix[i] = '/';
    }
    HG_TRY_OR_CLEANUP(create_one_directory(prefix, &last));
    if (created)
        *created = last;

cleanup:
    free(prefix);
    return status;
}

bool hg_file_same(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}
