#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "handgrad/status.h"
#include "kernels/base/try.h"

enum { PLACES = 16, LINE_SIZE = 128 };

struct place {
    const char *file, *function;
    int line;
};

/* The latest failure of the thread. `depth` may exceed PLACES: what lies further out is counted but not kept. */
static _Thread_local struct {
    char message[1024];
    struct place places[PLACES];
    size_t depth;
} failure = {.message = "no failure"};

const char *hg_message(void)
{
    return failure.message;
}

const char *hg_trace(void)
{
    static _Thread_local char text[PLACES * LINE_SIZE + sizeof "...\n"];
    const size_t kept = failure.depth < PLACES ? failure.depth : PLACES;
    size_t used = 0;
    for (size_t i = 0; i < kept; ++i) {
        const struct place *place = &failure.places[i];
        char line[LINE_SIZE];
        snprintf(line, sizeof line, "%s:%d %s", place->file, place->line, place->function);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", line);
    }
    snprintf(text + used, sizeof text - used, "%s", failure.depth > PLACES ? "...\n" : "");
    return text;
}

void hg_trace_add(const char *file, int line, const char *function)
{
    if (failure.depth < PLACES)
        failure.places[failure.depth] = (struct place){file, function, line};
    ++failure.depth;
}

static void set_message(const char *format, va_list arguments)
{
    /* The arguments may point into the message being replaced, as when a caller adds context to it. */
    char text[sizeof failure.message];
    vsnprintf(text, sizeof text, format, arguments);
    /* A message may quote a file, whose control characters must not reach a terminal. */
    for (char *c = text; *c; ++c) {
        if (iscntrl((unsigned char)*c))
            *c = '?';
    }
    snprintf(failure.message, sizeof failure.message, "%s", text);
}

enum hg_status hg_fail_at(enum hg_status status, const char *file, int line, const char *function, const char *format,
                          ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_message(format, arguments);
    va_end(arguments);
    failure.depth = 0;
    hg_trace_add(file, line, function);
    return status;
}

enum hg_status hg_fail_within_at(enum hg_status status, const char *file, int line, const char *function,
                                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_message(format, arguments);
    va_end(arguments);
    hg_trace_add(file, line, function);
    return status;
}
