/* The lock of a run directory: a file in it that is locked by fcntl. The file holds the id of the process, for the
 * message to others that want the lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/runs/run.h"
#include "kernels/base/try.h"

static const char LOCK_FILE[] = ".lock";

/* The id of the process that holds the lock, read from the file; 0 if it is not there yet. */
static long holder(int fd)
{
    char text[32] = "";
    const ssize_t length = pread(fd, text, sizeof text - 1, 0);
    return length > 0 ? strtol(text, NULL, 10) : 0;
}

static enum hg_status refused(int fd, const char *directory)
{
    const long process = holder(fd);
    if (process > 0)
        return hg_fail(HG_CANNOT_CREATE, "%s: process %ld is training there; wait for it, or give another run",
                       directory, process);
    return hg_fail(HG_CANNOT_CREATE, "%s: another process is training there; wait for it, or give another run",
                   directory);
}

/* For the message to others; if it cannot be written, the lock holds all the same. */
static void write_number(int fd)
{
    char text[32];
    const int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
        return;
}

/* Whether `path` still names the open file: the last holder of the lock may have removed it meanwhile. */
static bool is_there(int fd, const char *path)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* *out is -1 if the file was removed while it was being locked: try again. */
static enum hg_status lock(int *out, const char *directory, const char *path)
{
    *out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*out < 0)
        return hg_fail(HG_CANNOT_CREATE, "%s: cannot be created: %s", path, strerror(errno));
    /* An open file description lock: unlike a lock of the process it also keeps two trainers of one process apart. On
     * a file system without locks training goes on without one. */
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    enum hg_status status = HG_OK;
    if (fcntl(*out, F_OFD_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES))
        status = refused(*out, directory);
    else if (is_there(*out, path))
        return HG_OK;
    close(*out);
    *out = -1;
    return status;
}

enum hg_status hg_run_lock(int *out, const char *directory)
{
    char *path = NULL;
    enum hg_status status;
    HG_TRY(hg_run_path(&path, directory, LOCK_FILE));
    do
        HG_TRY_OR_CLEANUP(lock(out, directory, path));
    while (*out < 0);
    write_number(*out);
cleanup:
    free(path);
    return status;
}

void hg_run_unlock(int lock, const char *directory)
{
    /* Removed while still locked: a process that opened it before, and gets the lock next, notices (is_there).
     * Allocates nothing, since memory may have run out. */
    const int parent = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0) {
        unlinkat(parent, LOCK_FILE, 0);
        close(parent);
    }
    close(lock);
}
