/* Trained models as files of other programs: docs/FORMATS.md says what is in each. */
#ifndef HANDGRAD_EXPORT_H
#define HANDGRAD_EXPORT_H

#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum hg_export_format {
    HG_EXPORT_AUTO,        /* by the ending of the file's name, which is behind each of the others */
    HG_EXPORT_ONNX,        /* .onnx: a graph, operator set 13, for any number of samples at once */
    HG_EXPORT_SAFETENSORS, /* .safetensors: the weights under PyTorch's names, and the metadata */
    HG_EXPORT_NPZ,         /* .npz: the weights for NumPy, under the same names */
    HG_EXPORT_C,           /* .h: one C99 header with weights and functions, which needs the standard library alone */
    HG_EXPORT_CARD         /* .md: a model card: what the model is, for people and for Hugging Face */
};

/* Of an autoencoder, in ONNX. */
enum hg_export_part { HG_PART_ALL, HG_PART_ENCODER, HG_PART_DECODER };

/* All zero is the usual. */
struct hg_export_options {
    enum hg_export_format format;
    enum hg_export_part part;
    const char *name; /* of the model, an identifier of C; NULL: made from the run's name */
};

/* Writes the model of `run`, a run's directory or a .safetensors file, to the file `out`, which is replaced as a whole
 * or, on failure, left as it is. `options` may be NULL. *note, which the caller frees, is one line on what had to be
 * assumed of the weights, or NULL; `note` itself may be NULL.
 *
 * Status: HG_USAGE (an ending that no format has, a card of weights without a run, a part that the model or the format
 * has not, a name that is no identifier, `out` is the weights themselves or another file of the run), HG_BAD_DATA
 * (malformed weights, or too many for the format), HG_NO_INPUT (no such run), HG_CANNOT_CREATE, HG_IO, HG_INTERNAL. */
enum hg_status hg_export(char **note, const char *run, const char *out, const struct hg_export_options *options);

#ifdef __cplusplus
}
#endif
#endif
