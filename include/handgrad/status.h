/* Status values: every fallible call returns one, and on failure leaves a message that the user can act on. */
#ifndef HANDGRAD_STATUS_H
#define HANDGRAD_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* The values are the exit codes of the program (sysexits.h where it has a name for the case). */
enum hg_status {
    HG_OK = 0,
    HG_CHECK_FAILED = 1,   /* a proof did not hold: gradcheck, crosscheck */
    HG_USAGE = 64,         /* an option or argument is wrong */
    HG_BAD_DATA = 65,      /* a file was read and is malformed */
    HG_NO_INPUT = 66,      /* a file or directory is missing or unreadable */
    HG_UNAVAILABLE = 69,   /* the backend asked for cannot run on this machine */
    HG_INTERNAL = 70,      /* out of memory, a device error, a defect of handgrad */
    HG_CANNOT_CREATE = 73, /* an output file or directory cannot be created */
    HG_IO = 74,            /* reading or writing failed half way */
    /* Stopped by a signal, with the run saved: 128 + the signal's number. */
    HG_HUNG_UP = 129,     /* SIGHUP: the terminal was closed */
    HG_INTERRUPTED = 130, /* SIGINT */
    HG_TERMINATED = 143,  /* SIGTERM */
    HG_OUT_OF_TIME = 152  /* SIGXCPU: a limit on processor time */
};

/* The message of the calling thread's latest failure: which file or option, what was wrong, what to do.
 * Never NULL; valid until that thread's next failure. */
const char *hg_message(void);

/* Where that failure arose and which calls it passed through, from the origin outwards, one place a line:
 * "kernels/base/file.c:24 open_for_reading". Empty before the first failure; cut short with "..." where there are very
 * many. Valid until the thread's next failure or call of hg_trace. For bug reports and debugging. */
const char *hg_trace(void);

/* Sets the calling thread's message (printf format) and returns `status`, so that a failure reads
 * `return hg_fail(HG_NO_INPUT, "%s: no such file", path);`. For implementers of backends and readers of files. */
#define hg_fail(status, ...) HG_STATUS(status, hg_fail_at((status), __FILE__, __LINE__, __func__, __VA_ARGS__))
/* The same for a failure that has a message and gets a better one, which may quote hg_message(): the trace still starts
 * where the failure arose. */
#define hg_fail_within(status, ...)                                                                                    \
    HG_STATUS(status, hg_fail_within_at((status), __FILE__, __LINE__, __func__, __VA_ARGS__))

/* What the two macros call. */
enum hg_status hg_fail_at(enum hg_status status, const char *file, int line, const char *function, const char *format,
                          ...) __attribute__((format(printf, 5, 6)));
enum hg_status hg_fail_within_at(enum hg_status status, const char *file, int line, const char *function,
                                 const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Static analysis cannot see that the status returned is the one given, and so never HG_OK. */
#ifdef __clang_analyzer__
#define HG_STATUS(status, call) ((void)(call), (status))
#else
#define HG_STATUS(status, call) (call)
#endif

#ifdef __cplusplus
}
#endif
#endif
