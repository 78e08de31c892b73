#include "kernels/base/writer.h"

#include <assert.h>
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

enum { BUFFER = 1 << 16 };

/* Creates a file beside `path` that no other process uses, with a file's usual permissions. The caller frees *name. */
static enum hg_status open_temporary(int *out, char **name, const char *path)
{
    enum { ATTEMPTS = 1000 }; /* crashed processes with our process id may have left names behind */
    for (int attempt = 0; attempt < ATTEMPTS; ++attempt) {
        HG_TRY(hg_string_format(name, "%s" HG_FILE_TEMPORARY "%ld-%d", path, (long)getpid(), attempt));
        *out = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*out >= 0)
            return HG_OK;
        const int error = errno;
        free(*name);
        *name = NULL;
        if (error != EEXIST)
            return hg_fail(HG_CANNOT_CREATE, "%s: cannot be created: %s", path, strerror(error));
    }
    return hg_fail(HG_CANNOT_CREATE, "%s: cannot be created: remove the files %s" HG_FILE_TEMPORARY "*", path, path);
}

static enum hg_status open_special(int *out, const char *path)
{
    *out = open(path, O_WRONLY | O_CLOEXEC);
    return *out >= 0 ? HG_OK : hg_fail(HG_CANNOT_CREATE, "%s: %s", path, strerror(errno));
}

enum hg_status hg_writer_open(struct hg_writer *out, const char *path)
{
    struct hg_writer writer = {.fd = -1};
    struct stat info;
    enum hg_status status = HG_OK;
    *out = writer;
    const bool special = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    if (special && S_ISDIR(info.st_mode))
        return hg_fail(HG_CANNOT_CREATE, "%s: is a directory", path);
    HG_TRY_OR_CLEANUP(hg_string_copy(&writer.name, path));
    HG_TRY_OR_CLEANUP(hg_allocate(&writer.buffer, BUFFER, path));
    HG_TRY_OR_CLEANUP(special ? open_special(&writer.fd, path) : open_temporary(&writer.fd, &writer.temporary, path));
    *out = writer;
    writer = (struct hg_writer){.fd = -1}; /* the caller's */

cleanup:
    hg_writer_discard(&writer);
    return status;
}

enum hg_status hg_writer_attach(struct hg_writer *out, int fd, const char *name)
{
    struct hg_writer writer = {.fd = -1};
    enum hg_status status = HG_OK;
    *out = writer;
    HG_TRY_OR_CLEANUP(hg_string_copy(&writer.name, name));
    HG_TRY_OR_CLEANUP(hg_allocate(&writer.buffer, BUFFER, name));
    writer.fd = fd;
    writer.attached = true;
    *out = writer;
    writer = (struct hg_writer){.fd = -1}; /* the caller's */

cleanup:
    hg_writer_discard(&writer);
    return status;
}

static enum hg_status flush(struct hg_writer *writer)
{
    const size_t used = writer->used;
    writer->used = 0;
    return hg_descriptor_write(writer->fd, writer->name, writer->buffer, used);
}

enum hg_status hg_writer_write(struct hg_writer *writer, const void *data, size_t size)
{
    if (size > BUFFER - writer->used)
        HG_TRY(flush(writer));
    if (size >= BUFFER)
        return hg_descriptor_write(writer->fd, writer->name, data, size);
    if (size > 0)
        memcpy(writer->buffer + writer->used, data, size);
    writer->used += size;
    return HG_OK;
}

enum hg_status hg_writer_text(struct hg_writer *writer, const char *text)
{
    return hg_writer_write(writer, text, strlen(text));
}

enum hg_status hg_writer_room(struct hg_writer *writer, size_t size, char **room)
{
    assert(size <= HG_WRITER_ROOM);
    if (size > BUFFER - writer->used)
        HG_TRY(flush(writer));
    *room = writer->buffer + writer->used;
    return HG_OK;
}

void hg_writer_advance(struct hg_writer *writer, size_t size)
{
    assert(size <= BUFFER - writer->used);
    writer->used += size;
}

/* Closes the descriptor, and renames what was written to. */
static enum hg_status put_in_place(struct hg_writer *writer)
{
    HG_TRY(hg_descriptor_synchronise(writer->fd, writer->name));
    const int closed = close(writer->fd);
    writer->fd = -1;
    if (closed != 0 && errno != EINTR)
        return hg_fail(HG_IO, "%s: writing failed: %s", writer->name, strerror(errno));
    if (rename(writer->temporary, writer->name) != 0)
        return hg_fail(HG_CANNOT_CREATE, "%s: cannot be replaced: %s", writer->name, strerror(errno));
    free(writer->temporary);
    writer->temporary = NULL;
    return hg_directory_synchronise(writer->name);
}

enum hg_status hg_writer_commit(struct hg_writer *writer)
{
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(flush(writer));
    if (writer->temporary)
        HG_TRY_OR_CLEANUP(put_in_place(writer));

cleanup:
    hg_writer_discard(writer);
    return status;
}

void hg_writer_discard(struct hg_writer *writer)
{
    if (writer->fd >= 0 && !writer->attached)
        close(writer->fd);
    if (writer->temporary)
        unlink(writer->temporary);
    free(writer->temporary);
    free(writer->buffer);
    free(writer->name);
    *writer = (struct hg_writer){.fd = -1};
}

static enum hg_status write_parts(struct hg_writer *writer, const struct iovec *parts, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        HG_TRY(hg_writer_write(writer, parts[i].iov_base, parts[i].iov_len));
    return HG_OK;
}

enum hg_status hg_file_replace(const char *path, const struct iovec *parts, size_t count)
{
    struct hg_writer writer;
    enum hg_status status = HG_OK;
    HG_TRY(hg_writer_open(&writer, path));
    HG_TRY_OR_CLEANUP(write_parts(&writer, parts, count));
    HG_TRY_OR_CLEANUP(hg_writer_commit(&writer));

cleanup:
    hg_writer_discard(&writer);
    return status;
}

enum hg_status hg_file_replace_text(const char *path, const char *text)
{
    const struct iovec part = {(void *)text, strlen(text)};
    return hg_file_replace(path, &part, 1);
}
