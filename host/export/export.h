/* Trained models as files of other programs. Each format is a row of HG_EXPORT_FORMATS and a file of its own. */
#ifndef HANDGRAD_HOST_EXPORT_EXPORT_H
#define HANDGRAD_HOST_EXPORT_EXPORT_H

#include "host/models/model_file.h"
#include "host/models/network.h"

/* ROW(NAME, name, ending, function) */
#define HG_EXPORT_FORMATS(ROW)                                                                                         \
    ROW(ONNX, "onnx", ".onnx", hg_export_onnx)                                                                         \
    ROW(SAFETENSORS, "safetensors", ".safetensors", hg_export_safetensors)                                             \
    ROW(NPZ, "npz", ".npz", hg_export_npz)                                                                             \
    ROW(C, "c", ".h", hg_export_c)

#define HG_EXPORT_VALUE(NAME, name, ending, function) HG_EXPORT_##NAME,
enum hg_export_format { HG_EXPORT_AUTO, HG_EXPORT_FORMATS(HG_EXPORT_VALUE) };
#undef HG_EXPORT_VALUE

enum hg_export_part { HG_PART_ALL, HG_PART_ENCODER, HG_PART_DECODER };

/* "auto", "onnx", ... and "all", "encoder", "decoder", NULL; indexed by the enums. */
extern const char *const hg_export_format_names[], *const hg_export_part_names[];

struct hg_export_options {
    enum hg_export_format format; /* HG_EXPORT_AUTO: by the ending of the file's name */
    enum hg_export_part part;     /* of an autoencoder, in ONNX */
    const char *name;             /* of the model, an identifier of C; NULL: made from the run's name */
};

/* Writes the model of `run`, a run's directory or a .safetensors file, to `out`, which is replaced as a whole. *note,
 * which the caller frees, is one line on what had to be assumed of the weights, or NULL. Status: HG_USAGE (an ending
 * that no format has, a part that the model or the format has not, a name that is no identifier, `out` is the weights
 * themselves), HG_BAD_DATA (malformed weights, or too many for the format), HG_NO_INPUT, HG_CANNOT_CREATE, HG_IO,
 * HG_INTERNAL. */
enum hg_status hg_export(char **note, const char *run, const char *out, const struct hg_export_options *options);

/* ---- for the formats ---- */

/* A model in memory. */
struct hg_export_model {
    struct hg_model_info info;
    struct hg_network_spec spec;
    const char *name;
    enum hg_export_part part;
    const double *values;                 /* every parameter, in canonical order (hg_network_set_all) */
    const float *weights[HG_MAX_TENSORS]; /* the same, in the order of hg_tensor_shape */
};

/* Pixels come to the exported network as they are in files, from 0 to 255, and it divides them by 255 itself. */
bool hg_export_takes_pixels(const struct hg_export_model *model);
/* What an input is, in words. */
const char *hg_export_input_words(const struct hg_export_model *model);

#define HG_EXPORT_FUNCTION(NAME, name, ending, function)                                                               \
    enum hg_status function(const char *out, const struct hg_export_model *model);
HG_EXPORT_FORMATS(HG_EXPORT_FUNCTION)
#undef HG_EXPORT_FUNCTION

#endif
