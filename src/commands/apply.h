/* What the commands share that apply a trained model to the samples of files: predict, encode, reconstruct. */
#ifndef HANDGRAD_SRC_COMMANDS_APPLY_H
#define HANDGRAD_SRC_COMMANDS_APPLY_H

#include "handgrad/model.h"
#include "handgrad/run.h"
#include "host/formats/format.h"
#include "src/command.h"
#include "src/output/array.h"

struct apply_settings {
    const char *out, *backend, *show;
    struct hg_data_options reading;
    size_t first, count;
    int threads;
    bool probabilities, json; /* of predict */
    size_t top;
};

#define HG_APPLY_AT(field) .name = #field, .offset = offsetof(struct apply_settings, field)

/* The options that all of them have. */
extern const struct hg_option hg_apply_options[];

/* A command under way. */
struct hg_apply {
    const struct hg_command *command;
    enum hg_model_kind kind;        /* that it needs */
    const char *endings;            /* of --out, in words */
    bool formats[HG_ARRAY_UNKNOWN]; /* that it writes, by enum hg_array_format */
    struct apply_settings settings;
    enum hg_array_format format;
    struct hg_model *model;
    struct hg_run_config config; /* of its run */
    struct hg_input_scale scale;
    struct hg_dataset *dataset;
};

/* Reads the arguments, the model and the samples; the fields before `settings` are the caller's. *done: help was asked
 * for. */
enum hg_status hg_apply_open(struct hg_apply *apply, int argc, char **argv, bool *done);
void hg_apply_close(struct hg_apply *apply);

/* What the model makes of samples first ... first + count - 1: hg_model_forward and its like. */
typedef enum hg_status hg_apply_compute(struct hg_model *model, const struct hg_dataset *dataset, size_t first,
                                        size_t count, float *out);
/* Takes the results [count][cols] of these samples; `to` is the caller's. */
typedef enum hg_status hg_apply_take(const struct hg_apply *apply, size_t first, size_t count, float *values, void *to);

/* Has the samples that were asked for computed and taken block by block, so that however many there are need no more
 * memory than a few. */
enum hg_status hg_apply_blocks(const struct hg_apply *apply, size_t cols, hg_apply_compute *compute,
                               hg_apply_take *take, void *to);

/* The results as they are, as a matrix whose columns are called COLUMN0 and so on. */
enum hg_status hg_apply_write_array(const struct hg_apply *apply, const char *column, size_t cols,
                                    hg_apply_compute *compute);

/* The files that they read, for --help. */
#define HG_APPLY_SAMPLES                                                                                               \
    "RUN is a run's directory or a .safetensors file. FILE is a file of samples (" HG_FORMAT_NAMES "),\n"              \
    "a directory of pictures, or that of a dataset, of which the test samples are taken; of pictures there may\n"      \
    "be several.\n\n"

#endif
