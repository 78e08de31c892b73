/* Options that several commands have. `type` is the struct of a command's settings, which has a field with the option's
 * name. */
#ifndef HANDGRAD_SRC_COMMON_OPTIONS_H
#define HANDGRAD_SRC_COMMON_OPTIONS_H

#include "host/formats/format.h"
#include "host/pictures/prepare.h"
#include "host/training/option_table.h"
#include "kernels/choose.h"
#include "src/command.h"

#define HG_DATA_OPTION(type, heading, otherwise)                                                                       \
    {                                                                                                                  \
        .kind = HG_OPTION_TEXT, .name = "data", .offset = offsetof(type, data), .argument = "DIR",                     \
        .what = "a directory", .group = (heading),                                                                     \
        .help = "directory of files such as MNIST's, or of pictures, one folder a class; or FILE.npz",                 \
        .preset = (otherwise)                                                                                          \
    }

/* How files are read: which column of a table is what, and the size of pictures. `type` has a struct hg_data_options,
 * reading. */
#define HG_READING_OPTIONS(type, heading)                                                                              \
    {.kind = HG_OPTION_TEXT,                                                                                           \
     .name = "label",                                                                                                  \
     .offset = offsetof(type, reading.label),                                                                          \
     .group = (heading),                                                                                               \
     HG_LABEL_ROW},                                                                                                    \
        {.kind = HG_OPTION_TEXT,                                                                                       \
         .name = "image_size",                                                                                         \
         .offset = offsetof(type, reading.image_size),                                                                 \
         .group = (heading),                                                                                           \
         HG_IMAGE_SIZE_ROW},                                                                                           \
        {.kind = HG_OPTION_TEXT,                                                                                       \
         .name = "skip_columns",                                                                                       \
         .offset = offsetof(type, reading.skip),                                                                       \
         .group = (heading),                                                                                           \
         HG_SKIP_COLUMNS_ROW},                                                                                         \
    {                                                                                                                  \
        .kind = HG_OPTION_CHOICE, .name = "header", .offset = offsetof(type, reading.header), .group = (heading),      \
        HG_HEADER_ROW                                                                                                  \
    }

/* How pictures become samples of a trained model; `type` also has a const char *show. */
#define HG_PREPARE_OPTIONS(type, heading)                                                                              \
    {.kind = HG_OPTION_CHOICE,                                                                                         \
     .name = "prepare",                                                                                                \
     .offset = offsetof(type, reading.prepare),                                                                        \
     .choices = hg_prepare_names,                                                                                      \
     .group = (heading),                                                                                               \
     .help = "of pictures: mnist finds the ink on them as MNIST was made, resize stretches them to the model's size, " \
             "none takes them as they are; auto: mnist if the model reads such digits"},                               \
    {                                                                                                                  \
        .kind = HG_OPTION_TEXT, .name = "show", .offset = offsetof(type, show), .argument = "FILE.png",                \
        .what = "a file", .group = (heading), .help = "write what the model saw, the first 100 samples, as a picture"  \
    }

/* `listed` is hg_backend_choices or the part of it that applies. */
#define HG_BACKEND_OPTION(type, heading, listed, explanation)                                                          \
    {                                                                                                                  \
        .kind = HG_OPTION_TEXT, .name = "backend", .offset = offsetof(type, backend), .choices = (listed),             \
        .group = (heading), .help = (explanation)                                                                      \
    }

#define HG_THREADS_OPTION(type, heading)                                                                               \
    {                                                                                                                  \
        .kind = HG_OPTION_INT, .name = "threads", .offset = offsetof(type, threads), .most = 1024, .group = (heading), \
        .help = "of the CPU", .preset = "every core"                                                                   \
    }

#define HG_JSON_OPTION(type, heading, instead_of)                                                                      \
    {                                                                                                                  \
        .kind = HG_OPTION_FLAG, .name = "json", .offset = offsetof(type, json), .group = (heading),                    \
        .help = "one JSON object on standard output instead of the " instead_of                                        \
    }

#endif
