#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "handgrad/status.h"

static _Thread_local char message[1024] = "no failure";

const char *hg_message(void)
{
    return message;
}

#undef hg_fail /* what static analysis sees instead */
enum hg_status hg_fail(enum hg_status status, const char *format, ...)
{
    /* The arguments may point into the message being replaced, as when a caller adds context to it. */
    char text[sizeof message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* A message may quote a file, and what a file holds must not steer a terminal. */
    for (char *c = text; *c; ++c) {
        if (iscntrl((unsigned char)*c))
            *c = '?';
    }
    snprintf(message, sizeof message, "%s", text);
    return status;
}
