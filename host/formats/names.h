/* Lists of names, such as those of a table's columns or of classes: NULL-terminated, in one block of memory that free()
 * releases. */
#ifndef HANDGRAD_HOST_FORMATS_NAMES_H
#define HANDGRAD_HOST_FORMATS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

/* NULL has none. */
size_t hg_names_count(const char *const *names);

/* The fields of one line, as CSV separates them: blanks round a field are dropped, and so are double quotes, within
 * which a separator is part of the field and "" is a quote. Bytes that are not UTF-8 become question marks. */
enum hg_status hg_names_split(char ***out, const char *line, size_t length, char separator);

/* One such field, `length` bytes at `text`, written to `to`, which has room for that and a NUL; returns the address
 * behind the NUL. */
char *hg_names_field(char *to, const char *text, size_t length);

/* The lines of `text`, as they are. */
enum hg_status hg_names_lines(char ***out, const char *text);

/* Copies `count` names. */
enum hg_status hg_names_copy(char ***out, const char *const *names, size_t count);

/* The names with a newline, which no name contains, between them; the caller frees *out. */
enum hg_status hg_names_join(char **out, const char *const *names);

/* A sorted list in which a name is found quickly. */
struct hg_name {
    const char *text;
    size_t index; /* in the list it was made from */
};
/* Borrows the names; the caller frees *out. */
enum hg_status hg_names_sort(struct hg_name **out, const char *const *names, size_t count);
/* The first in the order of the list; NULL where there is none. */
const struct hg_name *hg_names_find(const struct hg_name *sorted, size_t count, const char *text);

#endif
