/* One C99 header with the weights and the functions that compute with them. It needs the standard library alone, keeps
 * no memory, and takes each unit's sum on its own, so that no function has an array of the size of the model. */
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "host/export/export.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"

static const char mlp_functions[] =
    "\n/* The scores of the classes. */\n"
    "static inline void @_logits(const float x[@_FEATURES], float logits[@_CLASSES])\n"
    "{\n"
    "    for (size_t c = 0; c < @_CLASSES; ++c)\n"
    "        logits[c] = @_fc2_bias[c];\n"
    "    for (size_t j = 0; j < @_HIDDEN; ++j) {\n"
    "        float a = 0;\n"
    "        for (size_t d = 0; d < @_FEATURES; ++d)\n"
    "            a += @_fc1_weight[j * @_FEATURES + d] * x[d];\n"
    "        a = a / @_UNIT + @_fc1_bias[j];\n"
    "        const float h = a / (1.0f + expf(-a));\n"
    "        for (size_t c = 0; c < @_CLASSES; ++c)\n"
    "            logits[c] += @_fc2_weight[c * @_HIDDEN + j] * h;\n"
    "    }\n"
    "}\n"
    "\n/* The probabilities of the classes. */\n"
    "static inline void @_probabilities(const float x[@_FEATURES], float p[@_CLASSES])\n"
    "{\n"
    "    @_logits(x, p);\n"
    "    float largest = p[0], sum = 0;\n"
    "    for (size_t c = 1; c < @_CLASSES; ++c)\n"
    "        largest = p[c] > largest ? p[c] : largest;\n"
    "    for (size_t c = 0; c < @_CLASSES; ++c)\n"
    "        sum += p[c] = expf(p[c] - largest);\n"
    "    for (size_t c = 0; c < @_CLASSES; ++c)\n"
    "        p[c] /= sum;\n"
    "}\n"
    "\n/* The most likely class. */\n"
    "static inline size_t @_predict(const float x[@_FEATURES])\n"
    "{\n"
    "    float logits[@_CLASSES];\n"
    "    size_t best = 0;\n"
    "    @_logits(x, logits);\n"
    "    for (size_t c = 1; c < @_CLASSES; ++c)\n"
    "        best = logits[c] > logits[best] ? c : best;\n"
    "    return best;\n"
    "}\n";

static const char autoencoder_functions[] =
    "\nstatic inline float @_unit(const float x[@_FEATURES], size_t i)\n"
    "{\n"
    "    float sum = 0;\n"
    "    for (size_t d = 0; d < @_FEATURES; ++d)\n"
    "        sum += @_encoder_weight[i * @_FEATURES + d] * x[d];\n"
    "    return sum / @_UNIT;\n"
    "}\n"
    "\n/* The code W x. */\n"
    "static inline void @_encode(const float x[@_FEATURES], float code[@_HIDDEN])\n"
    "{\n"
    "    for (size_t i = 0; i < @_HIDDEN; ++i)\n"
    "        code[i] = @_unit(x, i);\n"
    "}\n"
    "\n/* W' code; it is to be multiplied by @_UNIT for the numbers that x has. */\n"
    "static inline void @_decode(const float code[@_HIDDEN], float out[@_FEATURES])\n"
    "{\n"
    "    for (size_t d = 0; d < @_FEATURES; ++d)\n"
    "        out[d] = 0;\n"
    "    for (size_t i = 0; i < @_HIDDEN; ++i)\n"
    "        for (size_t d = 0; d < @_FEATURES; ++d)\n"
    "            out[d] += code[i] * @_encoder_weight[i * @_FEATURES + d];\n"
    "}\n";

/* `text` with each @ replaced by the model's name. */
static void put(FILE *to, const char *name, const char *text)
{
    for (const char *c = text; *c; ++c)
        if (*c == '@')
            fputs(name, to);
        else
            putc(*c, to);
}

/* A function that gives the classes' names, where they have names. */
static void put_class_names(FILE *to, const char *model, const char *names)
{
    put(to, model,
        "\n/* The name of a class, in UTF-8. */\nstatic inline const char *@_class_name(size_t c)\n{\n"
        "    static const char *const names[@_CLASSES] = {\n        \"");
    for (const char *c = names; *c; ++c) {
        if (*c == '\n')
            fputs("\",\n        \"", to);
        else if (isalnum((unsigned char)*c) || *c == ' ')
            putc(*c, to);
        else /* no quote, backslash, trigraph or byte that a compiler might read in another encoding */
            fprintf(to, "\\%03o", (unsigned char)*c);
    }
    fputs("\",\n    };\n    return names[c];\n}\n", to);
}

/* Nine digits bring a float back to the bit. The decimal point is a point, whatever the locale. */
static void put_number(FILE *to, float value)
{
    char text[32];
    snprintf(text, sizeof text, "%.8ef", (double)value);
    char *point = strchr(text, *localeconv()->decimal_point);
    if (point)
        *point = '.';
    fputs(text, to);
}

static void put_tensor(FILE *to, const char *model, const struct hg_tensor_shape *shape, const float *values)
{
    enum { IN_A_LINE = 6 };
    const size_t count = shape->rows * shape->cols;
    fprintf(to, "\nstatic const float %s_", model);
    for (const char *c = shape->name; *c; ++c)
        putc(*c == '.' ? '_' : *c, to);
    fprintf(to, "[%zu] = {", count);
    for (size_t i = 0; i < count; ++i) {
        fputs(i % IN_A_LINE == 0 ? "\n    " : " ", to);
        put_number(to, values[i]);
        if (i + 1 < count)
            putc(',', to);
    }
    fputs("\n};\n", to);
}

static void put_header(FILE *to, const struct hg_export_model *model)
{
    const struct hg_model_info *info = &model->info;
    fprintf(to, "/* %s: %s, written by handgrad %s. C99, C11 and C++11; needs the standard library (-lm) alone.\n *\n",
            model->name, info->kind == HG_MLP ? "a two-layer Swish classifier" : "a tied linear autoencoder",
            hg_version());
    fprintf(to, " * An input x is %zu numbers: %s.\n", info->features, hg_export_input_words(model));
    fprintf(to, " * Nothing is allocated. Arrays on the stack: %zu bytes. Safe to call from several threads. */\n",
            info->classes * sizeof(float));
    put(to, model->name, "#ifndef @_MODEL\n#define @_MODEL\n\n");
    fprintf(to, "%s#include <stddef.h>\n\n", info->kind == HG_MLP ? "#include <math.h>\n" : "");
    fprintf(to, "enum { %s_FEATURES = %zu, %s_HIDDEN = %zu", model->name, info->features, model->name, info->hidden);
    if (info->kind == HG_MLP)
        fprintf(to, ", %s_CLASSES = %zu", model->name, info->classes);
    fprintf(to, " };\n\n/* What an input is divided by. */\nstatic const float %s_UNIT = %s;\n", model->name,
            hg_export_takes_pixels(model) ? "255.0f" : "1.0f");
}

enum hg_status hg_export_c(const char *out, const struct hg_export_model *model)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return hg_fail_out_of_memory(out);
    put_header(memory, model);
    for (size_t i = 0; i < hg_tensor_count(model->spec.kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&model->spec, i);
        put_tensor(memory, model->name, &shape, model->weights[i]);
    }
    put(memory, model->name, model->info.kind == HG_MLP ? mlp_functions : autoencoder_functions);
    if (model->info.kind == HG_MLP && model->info.class_names)
        put_class_names(memory, model->name, model->info.class_names);
    fputs("\n#endif\n", memory);
    const bool failed = ferror(memory) != 0;
    if (fclose(memory) != 0 || failed) {
        free(text);
        return hg_fail_out_of_memory(out);
    }
    const enum hg_status status = hg_file_replace(out, &(struct iovec){text, size}, 1);
    free(text);
    return status;
}
