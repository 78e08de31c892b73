/* What lies in a directory. */
#ifndef HANDGRAD_HOST_DATA_LISTING_H
#define HANDGRAD_HOST_DATA_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

struct hg_name_list {
    char **names; /* each and the list are owned */
    size_t count, capacity;
};

/* Adds a copy. HG_INTERNAL: out of memory. */
enum hg_status hg_name_list_add(struct hg_name_list *list, const char *name);
void hg_name_list_free(struct hg_name_list *list);

/* The names of the files and of the folders in a directory, each in the order of their bytes, without hidden ones. */
struct hg_listing {
    struct hg_name_list files, folders;
};

/* HG_NO_INPUT, HG_IO, HG_INTERNAL. */
enum hg_status hg_listing_read(struct hg_listing *out, const char *directory);
void hg_listing_free(struct hg_listing *listing);

#endif
