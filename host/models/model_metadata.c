/* The metadata of a file of weights: what the model is. */
#include <assert.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "host/formats/names.h"
#include "host/models/model_file.h"
#include "kernels/base/try.h"

const char *const hg_model_names[] = {[HG_MLP] = "mlp", [HG_AUTOENCODER] = "autoencoder", NULL};
static const char *const activations[] = {[HG_MLP] = "swish", [HG_AUTOENCODER] = "linear", NULL};
static const char *const numbers_names[] = {[HG_NUMBERS_PIXELS] = "bytes/255", [HG_NUMBERS_VALUES] = "values"};
static const char *const kept_names[] = {"last", "best", NULL};

static void add_text(struct hg_model_metadata *m, const char *key, const char *value)
{
    assert(m->count < HG_MODEL_FACTS);
    m->rows[m->count++] = (struct hg_metadata){key, value};
}

static void add_count(struct hg_model_metadata *m, const char *key, uint64_t value)
{
    assert(m->count < HG_MODEL_FACTS);
    snprintf(m->text[m->count], HG_MODEL_FACT_SIZE, "%" PRIu64, value);
    add_text(m, key, m->text[m->count]);
}

/* 17 digits bring a double back to the bit; the decimal point is a point in every locale. */
static void add_real(struct hg_model_metadata *m, const char *key, double value)
{
    assert(m->count < HG_MODEL_FACTS);
    char *text = m->text[m->count];
    snprintf(text, HG_MODEL_FACT_SIZE, "%.17g", value);
    char *point = strchr(text, *localeconv()->decimal_point);
    if (point)
        *point = '.';
    add_text(m, key, text);
}

static void add_input(struct hg_model_metadata *m, const struct hg_input_scale *input)
{
    add_text(m, "input", numbers_names[input->numbers]);
    add_real(m, "input_mean", input->mean);
    add_real(m, "input_deviation", input->deviation);
    add_real(m, "input_least", input->least);
    add_real(m, "input_largest", input->largest);
}

void hg_model_metadata_fill(struct hg_model_metadata *m, const struct hg_model_info *info)
{
    m->count = 0;
    add_text(m, "format", "pt"); /* tells libraries on top of the format that the layout is PyTorch's */
    add_text(m, "handgrad", hg_version());
    add_text(m, "model", hg_model_names[info->kind]);
    add_text(m, "activation", activations[info->kind]);
    add_count(m, "features", info->features);
    add_count(m, "hidden", info->hidden);
    if (info->kind == HG_MLP)
        add_count(m, "classes", info->classes);
    if (info->input.numbers != HG_NUMBERS_UNKNOWN)
        add_input(m, &info->input);
    if (info->image.height > 0) {
        add_count(m, "height", info->image.height);
        add_count(m, "width", info->image.width);
        add_count(m, "channels", info->image.channels);
    }
    if (info->columns)
        add_text(m, "columns", info->columns);
    if (info->class_names)
        add_text(m, "class_names", info->class_names);
    if (info->has_epoch) {
        add_count(m, "epoch", info->epoch);
        add_text(m, "kept", kept_names[info->is_best]);
    }
}

/* ---- reading ---- */

/* A file whose metadata are being read. */
struct source {
    const struct hg_safetensors *file;
    const char *path;
};

static enum hg_status bad_fact(const struct source *s, const char *key, const char *value, const char *expected)
{
    return hg_fail(HG_BAD_DATA, "%s: its metadata has %s '%.40s', expected %s; it may be a newer version's", s->path,
                   key, value ? value : "(none)", expected);
}

/* *out: which of the names the fact is; untouched where the file does not state it. */
static enum hg_status read_choice(const struct source *s, const char *key, const char *const *names, size_t count,
                                  const char *expected, unsigned *out)
{
    const char *value = hg_safetensors_metadata(s->file, key);
    if (!value)
        return HG_OK;
    for (unsigned i = 0; i < count; ++i) {
        if (names[i] && strcmp(value, names[i]) == 0) {
            *out = i;
            return HG_OK;
        }
    }
    return bad_fact(s, key, value, expected);
}

static enum hg_status read_count(const struct source *s, const char *key, uint64_t *out, bool *found)
{
    const char *value = hg_safetensors_metadata(s->file, key);
    *found = value != NULL;
    if (!value)
        return HG_OK;
    const size_t length = strlen(value);
    if (length == 0 || length > 18 || strspn(value, "0123456789") != length)
        return bad_fact(s, key, value, "a whole number");
    *out = strtoull(value, NULL, 10);
    return HG_OK;
}

static enum hg_status read_size(const struct source *s, const char *key, size_t *out)
{
    uint64_t value = 0;
    bool found;
    HG_TRY(read_count(s, key, &value, &found));
    if (found && value == 0)
        return bad_fact(s, key, "0", "a number from 1 on");
    *out = (size_t)value;
    return HG_OK;
}

static enum hg_status read_real(const struct source *s, const char *key, double *out)
{
    const char *value = hg_safetensors_metadata(s->file, key);
    char text[HG_MODEL_FACT_SIZE], *stop = text;
    if (value && strlen(value) < sizeof text) {
        memcpy(text, value, strlen(value) + 1);
        char *point = strchr(text, '.');
        if (point)
            *point = *localeconv()->decimal_point;
        *out = strtod(text, &stop);
    }
    return stop != text && !*stop && isfinite(*out) ? HG_OK : bad_fact(s, key, value, "a finite number");
}

static enum hg_status read_input(const struct source *s, struct hg_input_scale *input)
{
    unsigned numbers = HG_NUMBERS_UNKNOWN;
    HG_TRY(read_choice(s, "input", numbers_names, sizeof numbers_names / sizeof *numbers_names,
                       "'bytes/255' or 'values'", &numbers));
    if (numbers == HG_NUMBERS_UNKNOWN)
        return HG_OK;
    input->numbers = (enum hg_numbers)numbers;
    HG_TRY(read_real(s, "input_mean", &input->mean));
    HG_TRY(read_real(s, "input_deviation", &input->deviation));
    HG_TRY(read_real(s, "input_least", &input->least));
    HG_TRY(read_real(s, "input_largest", &input->largest));
    if (input->least > input->largest || input->deviation < 0)
        return hg_fail(HG_BAD_DATA, "%s: its metadata has inputs from %g to %g with deviation %g, which cannot be",
                       s->path, input->least, input->largest, input->deviation);
    return HG_OK;
}

static enum hg_status read_image(const struct source *s, struct hg_image_shape *image, size_t features)
{
    size_t pixels;
    HG_TRY(read_size(s, "height", &image->height));
    HG_TRY(read_size(s, "width", &image->width));
    HG_TRY(read_size(s, "channels", &image->channels));
    const bool none = image->height == 0 && image->width == 0 && image->channels == 0;
    if (none || ((image->channels == 1 || image->channels == 3) &&
                 !__builtin_mul_overflow(image->height, image->width, &pixels) &&
                 features / image->channels == pixels && features % image->channels == 0))
        return HG_OK;
    return hg_fail(HG_BAD_DATA, "%s: its metadata has images of %zu x %zu pixels with %zu channels, and %zu features",
                   s->path, image->height, image->width, image->channels, features);
}

enum hg_status hg_model_metadata_read(struct hg_model_info *info, bool *described, const struct hg_safetensors *file,
                                      const char *path)
{
    const struct source s = {file, path};
    struct hg_model_info facts = {.features = 0};
    unsigned kind = HG_MLP, kept = 0;
    *described = hg_safetensors_metadata(file, "model") != NULL;
    if (!*described)
        return HG_OK;
    HG_TRY(read_choice(&s, "model", hg_model_names, 2, "'mlp' or 'autoencoder'", &kind));
    unsigned activation = kind;
    HG_TRY(read_choice(&s, "activation", activations, 2, activations[kind], &activation));
    if (activation != kind)
        return bad_fact(&s, "activation", activations[activation], activations[kind]);
    HG_TRY(read_size(&s, "features", &facts.features));
    HG_TRY(read_size(&s, "hidden", &facts.hidden));
    HG_TRY(read_size(&s, "classes", &facts.classes));
    HG_TRY(read_count(&s, "epoch", &facts.epoch, &facts.has_epoch));
    HG_TRY(read_choice(&s, "kept", kept_names, 2, "'best' or 'last'", &kept));
    HG_TRY(read_input(&s, &facts.input));
    HG_TRY(read_image(&s, &facts.image, facts.features));
    facts.kind = (enum hg_model_kind)kind;
    facts.is_best = kept == 1;
    *info = facts;
    return HG_OK;
}

enum hg_status hg_model_names_read(char ***out, const struct hg_safetensors *file, const char *path, const char *key,
                                   size_t count)
{
    const char *text = hg_safetensors_metadata(file, key);
    char **names = NULL;
    *out = NULL;
    if (!text)
        return HG_OK;
    HG_TRY(hg_names_lines(&names, text));
    const size_t found = hg_names_count((const char *const *)names);
    if (count > 0 && found != count) {
        free(names);
        return hg_fail(HG_BAD_DATA, "%s: its metadata has %zu %s, where the model has %zu", path, found, key, count);
    }
    *out = names;
    return HG_OK;
}
