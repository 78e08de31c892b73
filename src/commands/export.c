#include <stdlib.h>

#include "host/export/export.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"

#define AT(field) .name = #field, .offset = offsetof(struct export_settings, field)

struct export_settings {
    const char *out, *name;
    enum hg_export_format format;
    enum hg_export_part part;
};

static const struct hg_option options[] = {
    {HG_OPTION_TEXT, AT(out), .argument = "FILE", .what = "a file", .help = "the file to write; it must be given",
     .preset = "none"},
    {HG_OPTION_CHOICE, AT(format), .choices = hg_export_format_names,
     .help = "auto goes by the ending of FILE: .onnx, .safetensors, .npz, .h, .md"},
    {HG_OPTION_CHOICE, AT(part), .choices = hg_export_part_names, .help = "of an autoencoder, in ONNX"},
    {HG_OPTION_TEXT, AT(name), .argument = "NAME", .what = "a name",
     .help = "of the graph, and what the names in C begin with", .preset = "made from RUN"},
    {.name = NULL},
};

static enum hg_status export_model(int argc, char **argv)
{
    struct export_settings settings = {.out = NULL};
    struct hg_arguments arguments;
    char *note;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_export, argc, argv, &settings, &done));
    if (done)
        return HG_OK;
    if (!settings.out)
        return hg_fail(HG_USAGE, "--out: give the file to write, such as --out model.onnx");
    const struct hg_export_options chosen = {settings.format, settings.part, settings.name};
    const enum hg_status status = hg_export(&note, arguments.operands[0], settings.out, &chosen);
    if (status == HG_OK && note)
        hg_command_note(&hg_command_export, note);
    free(note);
    return status;
}

const struct hg_command hg_command_export = {
    .name = "export",
    .operands = {"RUN"},
    .summary = "a trained model as a file of another program: ONNX, safetensors, NPZ, C; a model card",
    .description = "RUN is a run's directory or a .safetensors file. The formats:\n"
                   "  onnx          a graph for ONNX Runtime and others, for any number of samples at once\n"
                   "  safetensors   the weights, as PyTorch names and shapes them\n"
                   "  npz           the same for NumPy\n"
                   "  c             one C99 header with the weights and functions that need nothing else\n"
                   "  card          a model card in Markdown: data, recipe, results, limits; names no path\n"
                   "In ONNX and C a model of pixels takes them as they are in files, from 0 to 255.\n\n"
                   "Example:\n"
                   "  handgrad export runs/mlp --out digits.onnx\n\n"
                   "Writes the file of --out, which is replaced as a whole.",
    .tables = {options},
    .run = export_model,
};
