/* What `eval` says beyond the loss: a classifier's confusion matrix and mistakes, an autoencoder's worst samples. */
#ifndef HANDGRAD_SRC_OUTPUT_JUDGEMENT_H
#define HANDGRAD_SRC_OUTPUT_JUDGEMENT_H

#include "handgrad/model.h"
#include "src/output/json.h"

/* Of a classifier `confusion`, of an autoencoder the `worst_count` samples of largest loss. */
struct hg_judgement {
    const struct hg_model *model;
    const struct hg_dataset *dataset;
    struct hg_confusion confusion;
    struct hg_sample_loss *worst;
    size_t worst_count;
};

/* Looks for at most `most` mistakes or worst samples; `model` and `dataset` must outlive it. Status as
 * hg_model_confusion. */
enum hg_status hg_judgement_make(struct hg_judgement *out, struct hg_model *model, const struct hg_dataset *dataset,
                                 size_t most);
/* All zero is fine. */
void hg_judgement_free(struct hg_judgement *judgement);

/* Tables on standard output: scores of each class, the confusion matrix where it is not wider than the terminal, and
 * the first mistakes or worst samples. */
void hg_judgement_print(const struct hg_judgement *judgement);

/* Members of the object: confusion, classes and mistakes; or worst. */
void hg_judgement_describe(const struct hg_judgement *judgement, struct hg_json *json);

/* The mistakes or worst samples, of which there must be some, as a sheet: images with what they are and were taken for;
 * reconstructions below and their losses. HG_BAD_DATA: samples are no images. Else as hg_sheet_write. */
enum hg_status hg_judgement_draw(const struct hg_judgement *judgement, struct hg_model *model, const char *file);

#endif
