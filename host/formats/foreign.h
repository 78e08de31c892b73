/* Files of other kinds that people bring as data: recognised by their first bytes, so that a message can say what to
 * do. */
#ifndef HANDGRAD_HOST_FORMATS_FOREIGN_H
#define HANDGRAD_HOST_FORMATS_FOREIGN_H

#include <stddef.h>

#include "handgrad/status.h"

enum { HG_FOREIGN_SIZE = 64 };

/* HG_BAD_DATA where the file `path` begins like one of a kind that handgrad does not read: the message names the kind
 * and says how to convert it. HG_OK: nothing is known against it. `bytes` are its first, decompressed, of which
 * HG_FOREIGN_SIZE are enough. */
enum hg_status hg_foreign_refuse(const char *path, const void *bytes, size_t size);

/* The same for a file that has not been read; where it cannot be read, nothing is known against it. */
enum hg_status hg_foreign_refuse_file(const char *path);

#endif
