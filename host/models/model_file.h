/* What a model is, as its file says: docs/FORMATS.md, model.safetensors. */
#ifndef HANDGRAD_HOST_MODELS_MODEL_FILE_H
#define HANDGRAD_HOST_MODELS_MODEL_FILE_H

#include "handgrad/dataset.h"
#include "handgrad/options.h"
#include "host/formats/array.h"
#include "host/formats/safetensors.h"
#include "kernels/network.h"

/* "mlp", "autoencoder", NULL; indexed by enum hg_model_kind. */
extern const char *const hg_model_names[];

struct hg_model_info {
    enum hg_model_kind kind;
    size_t features, hidden, classes; /* classes 0: an autoencoder */
    struct hg_input_scale input;      /* of the training samples; HG_NUMBERS_UNKNOWN: the file does not say */
    struct hg_image_shape image;
    /* Names of the features, and of the classes, a line each; NULL: none. Not read: hg_model_names_read */
    const char *columns, *class_names;
    bool has_epoch; /* the weights come of training */
    uint64_t epoch; /* epochs done */
    bool is_best;   /* kept for its validation loss, not because it was the last */
};

/* ---- writing ---- */

enum { HG_MODEL_FACTS = 19, HG_MODEL_FACT_SIZE = 32 };

/* The metadata of a file of weights. `rows` point into `text`. */
struct hg_model_metadata {
    struct hg_metadata rows[HG_MODEL_FACTS];
    char text[HG_MODEL_FACTS][HG_MODEL_FACT_SIZE];
    size_t count;
};
void hg_model_metadata_fill(struct hg_model_metadata *metadata, const struct hg_model_info *info);

/* Replaces `path`, as a whole, by the model's weights as float32.
 *
 *   values  in: all parameters, in canonical order (hg_network_set_all), finite as floats */
enum hg_status hg_model_file_write(const char *path, const struct hg_model_info *info, const double *values);

/* ---- reading ---- */

enum { HG_MODEL_NOTE_SIZE = 512 };

struct hg_model_file {
    struct hg_safetensors *tensors;
    char *path;
    struct hg_model_info info;
    const struct hg_tensor *parameters[HG_MAX_TENSORS]; /* in the order of hg_tensor_shape */
    char note[HG_MODEL_NOTE_SIZE];                      /* one line: what had to be assumed or converted; "": nothing */
};

/* Opens a file of weights, handgrad's or another program's, and finds out what model it holds: from the metadata, else
 * from the names and shapes of its tensors. HG_BAD_DATA where the two contradict each other, where a tensor is missing
 * or is one too many, or where the metadata says something handgrad does not know. Others as hg_safetensors_open. */
enum hg_status hg_model_file_open(struct hg_model_file *file, const char *path);
/* All parameters, in canonical order (hg_network_set_all), each finite. HG_BAD_DATA where the file's model is not that
 * of `spec`. */
enum hg_status hg_model_file_read(const struct hg_model_file *file, const struct hg_network_spec *spec, double *values);
/* Of a file that was opened, or is all zero. */
void hg_model_file_close(struct hg_model_file *file);

/* The facts that a file's metadata states, each checked by itself; *described is false, and *info untouched, where
 * there is none on what the model is. */
enum hg_status hg_model_metadata_read(struct hg_model_info *info, bool *described, const struct hg_safetensors *file,
                                      const char *path);

/* The names of the features ("columns") or of the classes ("class_names"), NULL-terminated, for the caller to free;
 * *out is NULL where the file has none. HG_BAD_DATA where they are not as many as `count`, if that is not 0. */
enum hg_status hg_model_names_read(char ***out, const struct hg_safetensors *file, const char *path, const char *key,
                                   size_t count);

/* The network that has these parameters. */
struct hg_network_spec hg_model_spec(const struct hg_model_info *info);

#endif
