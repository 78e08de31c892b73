/* Trained models as files of other programs (handgrad/export.h). Each format is a row of HG_EXPORT_FORMATS, in the
 * order of enum hg_export_format, and a file of its own. */
#ifndef HANDGRAD_HOST_EXPORT_EXPORT_H
#define HANDGRAD_HOST_EXPORT_EXPORT_H

#include "handgrad/export.h"
#include "host/models/model_file.h"
#include "host/models/network.h"

/* ROW(NAME, name, ending, function) */
#define HG_EXPORT_FORMATS(ROW)                                                                                         \
    ROW(ONNX, "onnx", ".onnx", hg_export_onnx)                                                                         \
    ROW(SAFETENSORS, "safetensors", ".safetensors", hg_export_safetensors)                                             \
    ROW(NPZ, "npz", ".npz", hg_export_npz)                                                                             \
    ROW(C, "c", ".h", hg_export_c)                                                                                     \
    ROW(CARD, "card", ".md", hg_export_card)

/* "auto", "onnx", ... and "all", "encoder", "decoder", NULL; indexed by the enums. */
extern const char *const hg_export_format_names[], *const hg_export_part_names[];

/* A model in memory. */
struct hg_export_model {
    struct hg_model_info info;
    struct hg_network_spec spec;
    const char *name;
    const char *run; /* its directory; NULL: the weights were given as a file */
    char **note;     /* what hg_export will tell, NULL as yet or allocated */
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
