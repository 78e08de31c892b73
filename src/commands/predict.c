/* The classes that a trained classifier gives samples. */
#include <stdlib.h>
#include <string.h>

#include "host/runs/trained_model.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/commands/apply.h"
#include "src/commands/table.h"
#include "src/output/csv.h"
#include "src/output/json.h"

#define AT HG_APPLY_AT

static const struct hg_option options[] = {
    {HG_OPTION_TEXT, AT(out), .argument = "FILE", .what = "a file",
     .help = "a .csv or .jsonl file to write, or an .npy of all classes' probabilities", .preset = "standard output"},
    {HG_OPTION_SIZE, AT(top), .least = 1, .example = "3",
     .help = "so many of the likeliest classes, with their probabilities"},
    {HG_OPTION_FLAG, AT(probabilities), .help = "those of all classes, too, in the order of the classes"},
    {HG_OPTION_FLAG, AT(json), .help = "instead of CSV one JSON object a sample, each on a line of its own"},
    {.name = NULL},
};

/* Where the predictions go, and room for those of one sample. */
struct predictions {
    struct hg_writer to;
    bool files; /* each sample has a file of its own */
    size_t classes;
    size_t *ranking; /* [classes]: the first settings.top by falling logit */
};

static const char *class_name(const struct hg_apply *apply, size_t class)
{
    const char *const *names = hg_model_class_names(apply->model);
    return names ? names[class] : NULL;
}

/* By the logits, which still differ where the probabilities are all 0 or 1; of equal ones the first class comes first.
 */
static void rank(const struct predictions *p, size_t top, const float *logits)
{
    size_t ranked = 0;
    for (size_t c = 0; c < p->classes; ++c) {
        size_t place = ranked;
        while (place > 0 && logits[c] > logits[p->ranking[place - 1]])
            --place;
        if (place == top)
            continue;
        ranked += ranked < top;
        memmove(p->ranking + place + 1, p->ranking + place, (ranked - place - 1) * sizeof *p->ranking);
        p->ranking[place] = c;
    }
}

static enum hg_status put_class(struct hg_writer *to, const struct hg_apply *apply, size_t class)
{
    const char *name = class_name(apply, class);
    return name ? hg_csv_put_text(to, name) : hg_csv_put_index(to, class);
}

static enum hg_status put_header(struct predictions *p, const struct apply_settings *s)
{
    HG_TRY(hg_writer_text(&p->to, p->files ? "file,class,probability" : "class,probability"));
    for (size_t k = 2; k <= s->top; ++k) {
        HG_TRY(hg_writer_text(&p->to, ",class"));
        HG_TRY(hg_csv_put_index(&p->to, k));
        HG_TRY(hg_writer_text(&p->to, ",probability"));
        HG_TRY(hg_csv_put_index(&p->to, k));
    }
    for (size_t c = 0; s->probabilities && c < p->classes; ++c) {
        HG_TRY(hg_writer_text(&p->to, ",p"));
        HG_TRY(hg_csv_put_index(&p->to, c));
    }
    return hg_writer_text(&p->to, "\n");
}

static enum hg_status put_row(struct predictions *p, const struct hg_apply *apply, size_t sample,
                              const float *probabilities)
{
    struct hg_writer *to = &p->to;
    if (p->files) {
        const char *file = hg_dataset_sample_name(apply->dataset, sample);
        HG_TRY(hg_csv_put_text(to, file ? file : ""));
        HG_TRY(hg_writer_text(to, ","));
    }
    for (size_t k = 0; k < apply->settings.top; ++k) {
        HG_TRY(hg_writer_text(to, k ? "," : ""));
        HG_TRY(put_class(to, apply, p->ranking[k]));
        HG_TRY(hg_writer_text(to, ","));
        HG_TRY(hg_csv_put_number(to, probabilities[p->ranking[k]]));
    }
    for (size_t c = 0; apply->settings.probabilities && c < p->classes; ++c) {
        HG_TRY(hg_writer_text(to, ","));
        HG_TRY(hg_csv_put_number(to, probabilities[c]));
    }
    return hg_writer_text(to, "\n");
}

static void describe_class(struct hg_json *json, const struct hg_apply *apply, size_t class, float probability)
{
    const char *name = class_name(apply, class);
    if (name)
        hg_json_text(json, "class", name);
    else
        hg_json_number(json, "class", (double)class);
    hg_json_float(json, "probability", probability);
}

static enum hg_status put_object(struct predictions *p, const struct hg_apply *apply, size_t sample,
                                 const float *probabilities)
{
    struct hg_json *json = hg_json_create();
    hg_json_number(json, "index", (double)sample);
    const char *file = hg_dataset_sample_name(apply->dataset, sample);
    if (file)
        hg_json_text(json, "file", file);
    describe_class(json, apply, p->ranking[0], probabilities[p->ranking[0]]);
    for (size_t k = 0; apply->settings.top > 1 && k < apply->settings.top; ++k)
        describe_class(hg_json_append(json, "top"), apply, p->ranking[k], probabilities[p->ranking[k]]);
    if (apply->settings.probabilities)
        hg_json_floats(json, "probabilities", p->classes, probabilities);
    const enum hg_status status = hg_json_write_line(json, &p->to);
    hg_json_free(json);
    return status;
}

static enum hg_status take(const struct hg_apply *apply, size_t first, size_t count, float *logits, void *to)
{
    struct predictions *p = to;
    for (size_t i = 0; i < count; ++i) {
        float *of_sample = logits + i * p->classes;
        rank(p, apply->settings.top, of_sample);
        hg_softmax(of_sample, p->classes);
        HG_TRY((apply->settings.json ? put_object : put_row)(p, apply, first + i, of_sample));
    }
    return HG_OK;
}

static bool have_files(const struct hg_apply *apply)
{
    for (size_t i = 0; i < apply->settings.count; ++i)
        if (hg_dataset_sample_name(apply->dataset, apply->settings.first + i))
            return true;
    return false;
}

static enum hg_status write_predictions(struct hg_apply *apply)
{
    struct predictions p = {.classes = hg_model_classes(apply->model), .files = have_files(apply)};
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_csv_open(&p.to, apply->settings.out));
    HG_TRY_OR_CLEANUP(hg_allocate(&p.ranking, p.classes, "the ranking of the classes"));
    if (!apply->settings.json)
        HG_TRY_OR_CLEANUP(put_header(&p, &apply->settings));
    HG_TRY_OR_CLEANUP(hg_apply_blocks(apply, p.classes, hg_model_outputs, take, &p));
    HG_TRY_OR_CLEANUP(hg_writer_commit(&p.to));

cleanup:
    hg_writer_discard(&p.to);
    free(p.ranking);
    return status;
}

static enum hg_status check_settings(struct hg_apply *apply)
{
    struct apply_settings *s = &apply->settings;
    const size_t classes = hg_model_classes(apply->model);
    if (s->top > classes)
        return hg_fail(HG_USAGE, "--top: %zu is more than the %zu classes of the model", s->top, classes);
    if (s->out && s->json && apply->format != HG_ARRAY_JSON)
        return hg_fail(HG_USAGE, "--json: %s is no file of JSON; give --out FILE.jsonl", s->out);
    s->json |= apply->format == HG_ARRAY_JSON;
    return HG_OK;
}

static enum hg_status predict(int argc, char **argv)
{
    struct hg_apply apply = {.command = &hg_command_predict,
                             .kind = HG_MLP,
                             .endings = "end in .csv, .jsonl or .npy",
                             .formats = {[HG_ARRAY_CSV] = true, [HG_ARRAY_NPY] = true, [HG_ARRAY_JSON] = true},
                             .settings = {.top = 1}};
    bool done = false;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_apply_open(&apply, argc, argv, &done));
    if (done)
        goto cleanup;
    HG_TRY_OR_CLEANUP(check_settings(&apply));
    HG_TRY_OR_CLEANUP(apply.format == HG_ARRAY_NPY
                          ? hg_apply_write_array(&apply, "p", hg_model_classes(apply.model), hg_model_forward)
                          : write_predictions(&apply));

cleanup:
    hg_apply_close(&apply);
    return status;
}

const struct hg_command hg_command_predict = {
    .name = "predict",
    .operands = {"RUN", "FILE ..."},
    .summary = "the classes a trained MLP gives the samples of a file",
    .description =
        "One line a sample: the class and its probability; before them the file, of pictures.\n" HG_APPLY_SAMPLES
        "Example:\n"
        "  handgrad predict runs/mlp data/mnist/t10k-images-idx3-ubyte.gz --count 5 --top 3\n\n"
        "Writes nothing but the file of --out.",
    .tables = {options, hg_apply_options},
    .run = predict,
};
