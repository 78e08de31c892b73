/* Folders whose names are those of classes. */
#ifndef HANDGRAD_HOST_DATA_CLASS_FOLDERS_H
#define HANDGRAD_HOST_DATA_CLASS_FOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/data/listing.h"

enum { HG_CLASSES_MAX = 256 };

/* The order in which they are classes: by their value where all are numbers, else by their bytes, in which they are
 * sorted already. *numbers: all are; *labels: they are the numbers 0, 1, 2 ..., which need no names. */
void hg_class_folders_order(struct hg_name_list *folders, bool *numbers, bool *labels);

/* HG_BAD_DATA: no name for a class, which is one line of UTF-8. */
enum hg_status hg_class_folder_check(const char *directory, const char *name);

/* The label of the class whose folder has that name, where training had the classes `names`; NULL: they were numbers.
 * HG_BAD_DATA: none of them. */
enum hg_status hg_class_folder_label(uint8_t *label, const char *directory, const char *name, const char *const *names);

#endif
