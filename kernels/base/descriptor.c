#include "kernels/base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_descriptor_write(int fd, const char *name, const void *data, size_t size)
{
    const char *next = data;
    while (size > 0) {
        const ssize_t written = write(fd, next, size);
        if (written > 0) {
            next += written;
            size -= (size_t)written;
        } else if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1); /* failing or not: the next write tells */
        } else if (written == 0 || errno != EINTR) {
            return hg_fail(HG_IO, "%s: writing failed: %s", name, strerror(written < 0 ? errno : ENOSPC));
        }
    }
    return HG_OK;
}

/* EINVAL, EROFS: what cannot be synchronised (some file systems' directories, devices) needs no synchronising. */
enum hg_status hg_descriptor_synchronise(int fd, const char *name)
{
    while (fsync(fd) != 0) {
        if (errno == EINVAL || errno == EROFS)
            break;
        if (errno != EINTR)
            return hg_fail(HG_IO, "%s: writing to disk failed: %s", name, strerror(errno));
    }
    return HG_OK;
}

enum hg_status hg_directory_synchronise(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory;
    enum hg_status status = HG_OK;
    HG_TRY(slash ? hg_string_format(&directory, "%.*s", (int)(slash > path ? slash - path : 1), path)
                 : hg_string_copy(&directory, "."));
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        status = hg_descriptor_synchronise(fd, directory);
        close(fd);
    } else if (errno != EACCES) { /* a directory may be writable without being readable */
        status = hg_fail(HG_IO, "%s: %s", directory, strerror(errno));
    }
    free(directory);
    return status;
}
