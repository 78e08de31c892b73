/* The parts of a model card: card.c gathers them, card_text.c writes them down. */
#ifndef HANDGRAD_HOST_EXPORT_CARD_H
#define HANDGRAD_HOST_EXPORT_CARD_H

#include <stdio.h>

#include "handgrad/model.h"
#include "handgrad/run.h"
#include "host/export/export.h"

struct hg_card {
    const struct hg_export_model *model;
    char **class_names; /* NULL: the classes are numbers */
    struct hg_run_config config;
    const char *data;          /* the last part of the dataset's path */
    char *command;             /* that trains the run anew */
    struct hg_metrics metrics; /* of the epoch whose weights these are; epoch 0: they were solved for */
    /* NULL, and nothing in confusion: the dataset was not to be had. */
    struct hg_dataset *train, *test;
    struct hg_confusion confusion; /* of a classifier, on the test set */
};

/* Writes the card. Numbers have the decimal point of the calling thread's locale. */
void hg_card_print(FILE *to, const struct hg_card *card);

#endif
