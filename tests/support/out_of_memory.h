/* What the tests of a lack of memory share. Their common claim: whichever allocation of a whole operation fails, be it
 * handgrad's or cJSON's, the operation ends in HG_INTERNAL with a message that says so and a trace that names a place
 * in the sources; it crashes nowhere and, which the builds with address sanitizer check, leaks nothing. */
#ifndef HANDGRAD_TESTS_SUPPORT_OUT_OF_MEMORY_H
#define HANDGRAD_TESTS_SUPPORT_OUT_OF_MEMORY_H

#include <stddef.h>

#include "handgrad/status.h"

/* Of the images that out_of_memory_begin writes. */
enum { SAMPLES = 40, SIDE = 4 };

/* Group set-up for cmocka: a temporary directory with a training and a test set of images in three classes, the labels
 * compressed; cJSON's allocations fail, too, from here on. Torn down by temporary_remove. */
int out_of_memory_begin(void **state);
/* The path of that directory. */
const char *out_of_memory_data(void);

/* One operation from its beginning to its end, with everything that it made released. */
typedef enum hg_status operation_function(const void *argument);

/* Lets each allocation of the operation fail in turn. `tolerated`: how many of them it may do without. */
void survives(operation_function *operation, const void *argument, size_t tolerated);

#endif
