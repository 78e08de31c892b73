/* Texts that are paths, and so may be any bytes, in JSON, which must be UTF-8: what is UTF-8 stands for itself,
 * anything else is written as a file: URI with %XX for the bytes that JSON could not hold. */
#ifndef HANDGRAD_HOST_FORMATS_URI_H
#define HANDGRAD_HOST_FORMATS_URI_H

#include "handgrad/status.h"

/* The text itself, or a URI where it is not UTF-8 or would be taken for one. The caller frees *out. HG_INTERNAL: out of
 * memory. */
enum hg_status hg_uri_encode(char **out, const char *text);

/* The text that hg_uri_encode was given; of another text or URI, what it says. The caller frees *out. */
enum hg_status hg_uri_decode(char **out, const char *text);

#endif
