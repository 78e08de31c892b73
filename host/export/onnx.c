/* ONNX (https://onnx.ai), operator set 13: the network as a graph of standard operators with the weights inside. The
 * numbers of fields are those of onnx.proto. Any number of samples at once; pixels are divided by 255 by the graph. */
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "host/export/export.h"
#include "host/formats/protobuf.h"
#include "kernels/base/file.h"
#include "kernels/base/try.h"

enum { IR_VERSION = 7, OPERATOR_SET = 13, FLOAT = 1 /* TensorProto.FLOAT */, ATTRIBUTE_INT = 2 };

/* A protobuf message is smaller than 2 GiB; what is not weights takes less than the difference. */
#define MOST_BYTES ((size_t)0x7f000000)

enum { INPUTS = 4 };

static void add_node(struct hg_protobuf *graph, const char *operator, const char * const inputs[INPUTS],
                     const char *output, const char *attribute, uint64_t value)
{
    struct hg_protobuf node = {.bytes = NULL};
    for (size_t i = 0; i < INPUTS && inputs[i]; ++i)
        hg_protobuf_text(&node, 1, inputs[i]);
    hg_protobuf_text(&node, 2, output);
    hg_protobuf_text(&node, 3, output);
    hg_protobuf_text(&node, 4, operator);
    if (attribute) {
        struct hg_protobuf entry = {.bytes = NULL};
        hg_protobuf_text(&entry, 1, attribute);
        hg_protobuf_integer(&entry, 3, value);
        hg_protobuf_integer(&entry, 20, ATTRIBUTE_INT);
        hg_protobuf_message(&node, 5, &entry);
    }
    hg_protobuf_message(graph, 1, &node);
}
#define INPUTS_OF(...) ((const char *const[INPUTS]){__VA_ARGS__})

static void add_tensor(struct hg_protobuf *graph, const char *name, size_t rows, size_t cols, const float *values)
{
    struct hg_protobuf tensor = {.bytes = NULL};
    if (rows > 0)
        hg_protobuf_integer(&tensor, 1, rows);
    if (cols > 0)
        hg_protobuf_integer(&tensor, 1, cols);
    hg_protobuf_integer(&tensor, 2, FLOAT);
    hg_protobuf_text(&tensor, 8, name);
    hg_protobuf_bytes(&tensor, 9, values, (rows ? rows : 1) * (cols ? cols : 1) * sizeof *values);
    hg_protobuf_message(graph, 5, &tensor);
}

enum { GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };

/* [batch, cols], where the batch may be of any size. */
static void add_value(struct hg_protobuf *graph, unsigned field, const char *name, size_t cols, const char *words)
{
    struct hg_protobuf batch = {.bytes = NULL}, width = {.bytes = NULL}, shape = {.bytes = NULL},
                       tensor = {.bytes = NULL}, type = {.bytes = NULL}, value = {.bytes = NULL};
    hg_protobuf_text(&batch, 2, "batch");
    hg_protobuf_integer(&width, 1, cols);
    hg_protobuf_message(&shape, 1, &batch);
    hg_protobuf_message(&shape, 1, &width);
    hg_protobuf_integer(&tensor, 1, FLOAT);
    hg_protobuf_message(&tensor, 2, &shape);
    hg_protobuf_message(&type, 1, &tensor);
    hg_protobuf_text(&value, 1, name);
    hg_protobuf_message(&value, 2, &type);
    hg_protobuf_text(&value, 3, words);
    hg_protobuf_message(graph, field, &value);
}

/* Adds the input, and returns the name of what the first layer takes. */
static const char *add_input(struct hg_protobuf *graph, const struct hg_export_model *model)
{
    static const float white = 255;
    add_value(graph, GRAPH_INPUT, "input", model->info.features, hg_export_input_words(model));
    if (!hg_export_takes_pixels(model))
        return "input";
    add_tensor(graph, "white", 0, 0, &white);
    add_node(graph, "Div", INPUTS_OF("input", "white"), "x", NULL, 0);
    return "x";
}

static void add_mlp(struct hg_protobuf *graph, const struct hg_export_model *model)
{
    const struct hg_model_info *info = &model->info;
    const char *x = add_input(graph, model);
    for (size_t i = 0; i < HG_MLP_TENSORS; ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&model->spec, i);
        add_tensor(graph, shape.name, shape.vector ? 0 : shape.rows, shape.cols, model->weights[i]);
    }
    add_node(graph, "Gemm", INPUTS_OF(x, "fc1.weight", "fc1.bias"), "a", "transB", 1);
    add_node(graph, "Sigmoid", INPUTS_OF("a"), "s", NULL, 0);
    add_node(graph, "Mul", INPUTS_OF("a", "s"), "h", NULL, 0);
    add_node(graph, "Gemm", INPUTS_OF("h", "fc2.weight", "fc2.bias"), "logits", "transB", 1);
    add_node(graph, "Softmax", INPUTS_OF("logits"), "probabilities", "axis", 1);
    add_value(graph, GRAPH_OUTPUT, "logits", info->classes, "the scores of the classes");
    add_value(graph, GRAPH_OUTPUT, "probabilities", info->classes, "the probabilities of the classes");
}

static void add_autoencoder(struct hg_protobuf *graph, const struct hg_export_model *model)
{
    const struct hg_model_info *info = &model->info;
    add_tensor(graph, "encoder.weight", info->hidden, info->features, model->weights[0]);
    if (model->part == HG_PART_DECODER) {
        add_value(graph, GRAPH_INPUT, "code", info->hidden, hg_export_input_words(model));
    } else {
        const char *x = add_input(graph, model);
        add_node(graph, "Gemm", INPUTS_OF(x, "encoder.weight"), "code", "transB", 1);
        add_value(graph, GRAPH_OUTPUT, "code", info->hidden, "W x");
    }
    if (model->part != HG_PART_ENCODER) {
        add_node(graph, "Gemm", INPUTS_OF("code", "encoder.weight"), "reconstruction", NULL, 0);
        add_value(graph, GRAPH_OUTPUT, "reconstruction", info->features,
                  info->input.numbers == HG_NUMBERS_PIXELS ? "W'W x, in units of pixel / 255" : "W'W x");
    }
}

/* The facts that model.safetensors states too, but for the one on its own layout. */
static void add_metadata(struct hg_protobuf *file, const struct hg_export_model *model)
{
    struct hg_model_metadata metadata;
    hg_model_metadata_fill(&metadata, &model->info);
    for (size_t i = 0; i < metadata.count; ++i) {
        struct hg_protobuf entry = {.bytes = NULL};
        if (strcmp(metadata.rows[i].key, "format") == 0)
            continue;
        hg_protobuf_text(&entry, 1, metadata.rows[i].key);
        hg_protobuf_text(&entry, 2, metadata.rows[i].value);
        hg_protobuf_message(file, 14, &entry);
    }
}

enum hg_status hg_export_onnx(const char *out, const struct hg_export_model *model)
{
    struct hg_protobuf file = {.bytes = NULL}, graph = {.bytes = NULL}, operators = {.bytes = NULL};
    size_t bytes = 0;
    for (size_t i = 0; i < hg_tensor_count(model->spec.kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&model->spec, i);
        bytes += shape.rows * shape.cols * sizeof(float);
    }
    if (bytes > MOST_BYTES)
        return hg_fail(HG_BAD_DATA,
                       "%s: the weights take %zu bytes, and an ONNX file holds less than 2 GiB; export to "
                       "safetensors",
                       out, bytes);
    if (model->info.kind == HG_MLP)
        add_mlp(&graph, model);
    else
        add_autoencoder(&graph, model);
    hg_protobuf_text(&graph, 2, model->name);
    hg_protobuf_integer(&file, 1, IR_VERSION);
    hg_protobuf_text(&file, 2, "handgrad");
    hg_protobuf_text(&file, 3, hg_version());
    hg_protobuf_text(&file, 6, hg_export_input_words(model));
    hg_protobuf_message(&file, 7, &graph);
    hg_protobuf_integer(&operators, 2, OPERATOR_SET);
    hg_protobuf_message(&file, 8, &operators);
    add_metadata(&file, model);
    enum hg_status status = file.status;
    if (status == HG_OK)
        status = hg_file_replace(out, &(struct iovec){file.bytes, file.size}, 1);
    free(file.bytes);
    return status;
}
