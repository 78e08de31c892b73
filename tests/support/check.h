/* What every cmocka test needs, and assertions on statuses. */
#ifndef HANDGRAD_TESTS_SUPPORT_CHECK_H
#define HANDGRAD_TESTS_SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs the ones above */

#include "handgrad/status.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A call that must succeed: its message is the test's where it does not. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        const enum hg_status check_status = (call);                                                                    \
        if (check_status != HG_OK)                                                                                     \
            fail_msg("%s: status %d: %s", #call, check_status, hg_message());                                          \
    } while (0)

/* A call that must fail with this status, and a message that holds the text. */
#define assert_fails(status, text, call)                                                                               \
    do {                                                                                                               \
        const enum hg_status check_status = (call);                                                                    \
        if (check_status != (status))                                                                                  \
            fail_msg("%s: status %d instead of %d: %s", #call, check_status, status, hg_message());                    \
        if (!strstr(hg_message(), text))                                                                               \
            fail_msg("%s: \"%s\" does not say \"%s\"", #call, hg_message(), text);                                     \
    } while (0)

#endif
