#include "src/standard_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "kernels/base/descriptor.h"
#include "kernels/base/try.h"

static const char name[] = "standard output";

static char failure[256]; /* "": everything could be written */

static ssize_t write_all(void *cookie, const char *data, size_t size)
{
    (void)cookie;
    if (!*failure && hg_descriptor_write(STDOUT_FILENO, name, data, size) != HG_OK)
        snprintf(failure, sizeof failure, "%s", hg_message());
    return *failure ? 0 : (ssize_t)size;
}

void hg_standard_output_open(void)
{
    /* The lowest number that is free is the one that open takes. Standard output is opened for reading, so that writing
     * to it fails as it does where it is closed. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) < 0)
            return;
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_all});
    if (!stream)
        return; /* stdio's own does for most purposes */
    if (isatty(STDOUT_FILENO))
        setvbuf(stream, NULL, _IOLBF, 0);
    stdout = stream;
}

enum hg_status hg_standard_output_flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return HG_OK;
    return *failure ? hg_fail(HG_IO, "%s", failure) : hg_fail(HG_IO, "%s: writing failed", name);
}

enum hg_status hg_standard_output_attach(struct hg_writer *out)
{
    *out = (struct hg_writer){.fd = -1};
    HG_TRY(hg_standard_output_flush());
    return hg_writer_attach(out, STDOUT_FILENO, name);
}
