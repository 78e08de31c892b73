#include "host/export/export.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/models/tensors.h"
#include "host/runs/run.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

#define FORMAT_NAME(NAME, name, ending, function) [HG_EXPORT_##NAME] = (name),
const char *const hg_export_format_names[] = {[HG_EXPORT_AUTO] = "auto", HG_EXPORT_FORMATS(FORMAT_NAME) NULL};
const char *const hg_export_part_names[] = {
    [HG_PART_ALL] = "all", [HG_PART_ENCODER] = "encoder", [HG_PART_DECODER] = "decoder", NULL};

struct format {
    const char *ending;
    enum hg_status (*write)(const char *out, const struct hg_export_model *model);
};
#define FORMAT_ROW(NAME, name, ending, function) [HG_EXPORT_##NAME] = {(ending), (function)},
static const struct format formats[] = {HG_EXPORT_FORMATS(FORMAT_ROW)};
enum { FORMATS = sizeof formats / sizeof *formats };

bool hg_export_takes_pixels(const struct hg_export_model *model)
{
    return model->info.input.numbers == HG_NUMBERS_PIXELS && model->part != HG_PART_DECODER;
}

const char *hg_export_input_words(const struct hg_export_model *model)
{
    if (model->part == HG_PART_DECODER)
        return "codes, as the encoder makes them";
    return hg_export_takes_pixels(model) ? "pixels from 0 to 255, which are divided by 255 inside"
                                         : "the numbers of the data, as they are";
}

static enum hg_status choose_format(enum hg_export_format *out, const char *path)
{
    const size_t length = strlen(path);
    for (size_t i = HG_EXPORT_AUTO + 1; i < FORMATS; ++i) {
        const size_t tail = strlen(formats[i].ending);
        if (length > tail && strcmp(path + length - tail, formats[i].ending) == 0) {
            *out = (enum hg_export_format)i;
            return HG_OK;
        }
    }
    return hg_fail(HG_USAGE,
                   "out: '%s' has the ending of no format; end it in .onnx, .safetensors, .npz, .h or .md, or give a "
                   "format",
                   path);
}

static bool is_identifier(const char *name)
{
    bool valid = isalpha((unsigned char)*name);
    for (; valid && *name; ++name)
        valid = isalnum((unsigned char)*name) || *name == '_';
    return valid;
}

/* The last part of the run's path without its ending; what an identifier cannot have becomes _. */
static enum hg_status choose_name(char **out, const char *given, const char *run)
{
    if (given)
        return is_identifier(given)
                   ? hg_string_copy(out, given)
                   : hg_fail(HG_USAGE, "name: '%s' is no identifier; give letters, digits and _, a letter first",
                             given);
    size_t end = strlen(run);
    while (end > 0 && run[end - 1] == '/')
        --end;
    size_t begin = end;
    while (begin > 0 && run[begin - 1] != '/')
        --begin;
    static const char ending[] = ".safetensors";
    if (end - begin > strlen(ending) && strncmp(run + end - strlen(ending), ending, strlen(ending)) == 0)
        end -= strlen(ending);
    const bool begins_well = end > begin && isalpha((unsigned char)run[begin]);
    HG_TRY(hg_string_format(out, "%s%.*s", begins_well ? "" : "model_", (int)(end - begin), run + begin));
    for (char *c = *out; *c; ++c)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return HG_OK;
}

static enum hg_status check_part(const struct hg_export_options *options, enum hg_export_format format,
                                 enum hg_model_kind kind)
{
    if (options->part == HG_PART_ALL)
        return HG_OK;
    if (kind == HG_MLP)
        return hg_fail(HG_USAGE, "part: a classifier has no %s; leave the part out",
                       hg_export_part_names[options->part]);
    if (format != HG_EXPORT_ONNX)
        return hg_fail(HG_USAGE, "part: only ONNX has the parts apart; the other formats have all of them in one file");
    return HG_OK;
}

/* The caller frees *values and *weights, whatever the status. */
static enum hg_status read_weights(double **values, float **weights, struct hg_export_model *model,
                                   const struct hg_model_file *file)
{
    const size_t count = hg_trainer_values(&model->spec);
    HG_TRY(hg_allocate(values, count, file->path));
    HG_TRY(hg_allocate(weights, count, file->path));
    HG_TRY(hg_model_file_read(file, &model->spec, *values));
    for (size_t i = 0; i < count; ++i)
        (*weights)[i] = (float)(*values)[i];
    model->values = *values;
    const float *at = *weights;
    for (size_t i = 0; i < hg_tensor_count(model->spec.kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&model->spec, i);
        model->weights[i] = at;
        at += shape.rows * shape.cols;
    }
    return HG_OK;
}

/* `run` is NULL where the weights were given as a file. */
static enum hg_status write_model(char **note, const struct hg_model_file *file, const char *name, const char *run,
                                  const char *out, enum hg_export_format format,
                                  const struct hg_export_options *options)
{
    struct hg_export_model model = {.info = file->info,
                                    .spec = hg_model_spec(&file->info),
                                    .name = name,
                                    .run = run,
                                    .note = note,
                                    .part = options->part};
    double *values = NULL;
    float *weights = NULL;
    enum hg_status status;
    model.info.columns = hg_safetensors_metadata(file->tensors, "columns");
    model.info.class_names = hg_safetensors_metadata(file->tensors, "class_names");
    HG_TRY_OR_CLEANUP(check_part(options, format, model.info.kind));
    HG_TRY_OR_CLEANUP(read_weights(&values, &weights, &model, file));
    if (*file->note)
        HG_TRY_OR_CLEANUP(hg_string_format(note, "%s: %s", file->path, file->note));
    HG_TRY_OR_CLEANUP(formats[format].write(out, &model));
cleanup:
    free(weights);
    free(values);
    return status;
}

enum hg_status hg_export(char **note_out, const char *run, const char *out, const struct hg_export_options *given)
{
    static const struct hg_export_options usual = {.name = NULL};
    const struct hg_export_options *options = given ? given : &usual;
    enum hg_export_format format = options->format;
    struct hg_model_file file = {.tensors = NULL};
    char *in_run = NULL, *name = NULL, *note = NULL;
    struct stat st;
    enum hg_status status = HG_OK;
    if (format == HG_EXPORT_AUTO)
        HG_TRY_OR_CLEANUP(choose_format(&format, out));
    HG_TRY_OR_CLEANUP(choose_name(&name, options->name, run));
    const bool is_run = stat(run, &st) == 0 && S_ISDIR(st.st_mode);
    if (is_run) {
        HG_TRY_OR_CLEANUP(hg_run_path(&in_run, run, "model.safetensors"));
        HG_TRY_OR_CLEANUP(hg_run_require_other(run, out));
    }
    const char *weights = is_run ? in_run : run;
    if (hg_file_same(weights, out))
        HG_TRY_OR_CLEANUP(hg_fail(HG_USAGE, "out: %s holds the weights themselves; give another name", out));
    HG_TRY_OR_CLEANUP(hg_model_file_open(&file, weights));
    HG_TRY_OR_CLEANUP(write_model(&note, &file, name, is_run ? run : NULL, out, format, options));
cleanup:
    hg_model_file_close(&file);
    free(name);
    free(in_run);
    if (note_out)
        *note_out = note;
    else
        free(note);
    return status;
}
