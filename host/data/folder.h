/* Directories of pictures: those in the directory itself, or in one folder a class. */
#ifndef HANDGRAD_HOST_DATA_FOLDER_H
#define HANDGRAD_HOST_DATA_FOLDER_H

#include "handgrad/dataset.h"
#include "host/formats/format.h"

/* Where the pictures of one split lie. A directory of which every folder is called train, test, val or the like has
 * parts; any other one is all training samples. */
struct hg_folder {
    char *path;         /* NULL: there is no such part */
    bool parts;         /* the directory has parts */
    bool undivided;     /* it has no parts but may hold pictures: all of them are training samples */
    bool classes;       /* they lie in one folder a class */
    const char *stands; /* the part that stands for the one that was asked for: "val"; NULL: it is that one */
};

/* HG_NO_INPUT, HG_IO, HG_INTERNAL. */
enum hg_status hg_folder_find(struct hg_folder *out, const char *directory, enum hg_split split);
void hg_folder_free(struct hg_folder *folder);

/* Its pictures in the order of their names; where they lie in classes and are to be `labelled`, also the labels, and
 * the names of the classes unless these are 0, 1, 2 ... Where there are no pictures, *out has no samples. HG_BAD_DATA:
 * one that cannot be read; more than 256 classes, or one that training did not have; a name that is not UTF-8. Else as
 * hg_pictures_read. */
enum hg_status hg_folder_read(struct hg_table *out, const struct hg_folder *folder, bool labelled,
                              const struct hg_data_options *given);

#endif
