/* A directory for the files of one test program: group set-up and tear-down for cmocka, and ways to fill it. */
#ifndef HANDGRAD_TESTS_SUPPORT_TEMPORARY_H
#define HANDGRAD_TESTS_SUPPORT_TEMPORARY_H

#include <stddef.h>

int temporary_create(void **state);
int temporary_remove(void **state);

/* The path of `name` within the directory: valid until the eighth call after this one. */
const char *temporary_path(const char *name);

/* Makes a file of these bytes; a name that ends in .gz is compressed. Returns its path, as temporary_path. */
const char *temporary_write(const char *name, const void *bytes, size_t size);

/* The same for an .npy file of that version, dictionary and data. */
const char *temporary_write_npy(const char *name, int version, const char *dictionary, const void *data, size_t size);

/* A ZIP archive of one member, stored: the content of the file `from`. */
const char *temporary_write_zip(const char *name, const char *member, const char *from);
/* The number of entries in the directory. */
size_t temporary_count(void);

#endif
