/* Faults of the operating system, planted by the loader: a program that is started with LD_PRELOAD=libhg_faults.so
 * meets one at its n-th call of those that can leave something half done.
 *
 *   HANDGRAD_FAULT=kill:N          SIGKILL instead of call N
 *   HANDGRAD_FAULT=ERRNO:N         call N fails; ERRNO is a name of the table below
 *   HANDGRAD_FAULT=short:N         call N, if it writes, writes one byte
 *   HANDGRAD_FAULT_LOG=FILE        gets the name of the call, and its path if it has one
 *
 * Counted are the calls of handgrad's own code but those that print; the C library's calls of itself do not pass the
 * loader. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum fault { NO_FAULT, KILL, SHORT, FAIL };

static enum fault kind;
static int error;
static long at;
static atomic_long calls;

static const struct {
    const char *name;
    int value;
} errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT}, {"EFBIG", EFBIG}, {"EROFS", EROFS},
              {"EACCES", EACCES}, {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}, {"EINTR", EINTR}};

__attribute__((constructor)) static void read_environment(void)
{
    const char *text = getenv("HANDGRAD_FAULT");
    const char *number = text ? strchr(text, ':') : NULL;
    if (!number)
        return;
    const size_t length = (size_t)(number - text);
    at = strtol(number + 1, NULL, 10);
    if (strncmp(text, "kill", length) == 0)
        kind = KILL;
    else if (strncmp(text, "short", length) == 0)
        kind = SHORT;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; ++i)
        if (strlen(errors[i].name) == length && strncmp(text, errors[i].name, length) == 0) {
            kind = FAIL;
            error = errors[i].value;
        }
}

/* By system calls, which are not counted. */
static void log_call(const char *call, const char *path)
{
    const char *file = getenv("HANDGRAD_FAULT_LOG");
    char text[512];
    const int fd = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    const int length = snprintf(text, sizeof text, "%s %s\n", call, path ? path : "");
    if (fd < 0)
        return;
    if (syscall(SYS_write, fd, text, length) == length)
        syscall(SYS_close, fd);
}

/* Whether this call is the one that fails; errno is set then. */
static bool strikes(const char *call, const char *path)
{
    if (kind == NO_FAULT || atomic_fetch_add(&calls, 1) + 1 != at)
        return false;
    log_call(call, path);
    if (kind == KILL)
        raise(SIGKILL);
    errno = error;
    return true;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size)
{
    if (fd > STDERR_FILENO && strikes("write", NULL)) {
        if (kind == FAIL)
            return -1;
        size = size > 1 ? 1 : size;
    }
    return NEXT(write)(fd, data, size);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return strikes("open", path) && kind == FAIL ? -1 : NEXT(open)(path, flags, mode);
}

int fsync(int fd)
{
    return strikes("fsync", NULL) && kind == FAIL ? -1 : NEXT(fsync)(fd);
}

int rename(const char *from, const char *to)
{
    return strikes("rename", to) && kind == FAIL ? -1 : NEXT(rename)(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    return strikes("mkdir", path) && kind == FAIL ? -1 : NEXT(mkdir)(path, mode);
}

int unlink(const char *path)
{
    return strikes("unlink", path) && kind == FAIL ? -1 : NEXT(unlink)(path);
}

int ftruncate(int fd, off_t size)
{
    return strikes("ftruncate", NULL) && kind == FAIL ? -1 : NEXT(ftruncate)(fd, size);
}

int close(int fd)
{
    /* A failing close has closed the descriptor all the same. */
    const bool fails = strikes("close", NULL) && kind == FAIL;
    const int result = NEXT(close)(fd);
    if (fails)
        errno = error;
    return fails ? -1 : result;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    return fd >= 0 && strikes("mmap", NULL) && kind == FAIL ? MAP_FAILED
                                                            : NEXT(mmap)(address, size, protection, flags, fd, offset);
}
