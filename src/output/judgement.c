#include "src/output/judgement.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/samples.h"

enum { SHOWN = 10, NAME = 24 /* characters of a name that a table shows */ };

enum hg_status hg_judgement_make(struct hg_judgement *out, struct hg_model *model, const struct hg_dataset *dataset,
                                 size_t most)
{
    struct hg_judgement judgement = {.model = model, .dataset = dataset};
    enum hg_status status = HG_OK;
    if (hg_model_kind(model) == HG_MLP) {
        HG_TRY_OR_CLEANUP(hg_model_confusion(model, dataset, most, &judgement.confusion));
    } else {
        const size_t count = hg_dataset_count(dataset);
        HG_TRY_OR_CLEANUP(hg_allocate(&judgement.worst, most < count ? most : count, "the worst samples"));
        HG_TRY_OR_CLEANUP(hg_model_largest_losses(model, dataset, most, judgement.worst, &judgement.worst_count));
    }
    *out = judgement;
    judgement = (struct hg_judgement){.worst = NULL}; /* the caller's */

cleanup:
    hg_judgement_free(&judgement);
    return status;
}

void hg_judgement_free(struct hg_judgement *judgement)
{
    hg_confusion_free(&judgement->confusion);
    free(judgement->worst);
    judgement->worst = NULL;
}

/* The name of a class or its number, in out[NAME + 1]. */
static const char *class_text(char *out, const struct hg_judgement *j, size_t class)
{
    const char *const *names = hg_model_class_names(j->model);
    if (names)
        snprintf(out, NAME + 1, "%s", names[class]);
    else
        snprintf(out, NAME + 1, "%zu", class);
    return out;
}

static int widest_name(const struct hg_judgement *j)
{
    char text[NAME + 1];
    size_t widest = 0;
    for (size_t c = 0; c < j->confusion.classes; ++c) {
        const size_t length = strlen(class_text(text, j, c));
        widest = length > widest ? length : widest;
    }
    return (int)widest;
}

/* Columns of the terminal; what is no terminal has room for the usual ones. */
static size_t width_of_output(void)
{
    enum { USUAL = 100 };
    struct winsize window;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : USUAL;
}

static void print_ratio(double ratio)
{
    if (isfinite(ratio))
        printf("  %7.2f %%", 100 * ratio);
    else
        printf("  %9s", "-");
}

static void print_scores(const struct hg_judgement *j, int width)
{
    char text[NAME + 1];
    printf("\n%-*s  %9s  %9s  %9s  %9s\n", width, "class", "precision", "recall", "F1", "samples");
    for (size_t c = 0; c < j->confusion.classes; ++c) {
        const struct hg_class_score *score = &j->confusion.scores[c];
        printf("%-*s", width, class_text(text, j, c));
        print_ratio(score->precision);
        print_ratio(score->recall);
        print_ratio(score->f1);
        printf("  %9zu\n", score->support);
    }
}

static void print_matrix(const struct hg_judgement *j, int width)
{
    char text[NAME + 1];
    const size_t classes = j->confusion.classes;
    const int digits = snprintf(NULL, 0, "%zu", j->confusion.samples);
    const int cell = digits > widest_name(j) ? digits : widest_name(j);
    const size_t needed = (size_t)width + classes * ((size_t)cell + 2);
    if (needed > width_of_output()) {
        printf("\nThe confusion matrix needs %zu columns; --json has it as `confusion`.\n", needed);
        return;
    }
    printf("\n%-*s  taken for\n%-*s", width, "", width, "class");
    for (size_t c = 0; c < classes; ++c)
        printf("  %*s", cell, class_text(text, j, c));
    putchar('\n');
    for (size_t truth = 0; truth < classes; ++truth) {
        printf("%-*s", width, class_text(text, j, truth));
        for (size_t c = 0; c < classes; ++c)
            printf("  %*zu", cell, j->confusion.counts[truth * classes + c]);
        putchar('\n');
    }
}

static const char *file_of(const struct hg_judgement *j, size_t index)
{
    const char *file = hg_dataset_sample_name(j->dataset, index);
    return file ? file : "";
}

static void print_mistakes(const struct hg_judgement *j, int width)
{
    char truth[NAME + 1], predicted[NAME + 1];
    const struct hg_confusion *confusion = &j->confusion;
    if (confusion->mistake_count == 0)
        return;
    printf("\nThe most confident of %zu mistakes:\n%10s  %-*s  %-*s  probability\n",
           confusion->samples - confusion->correct, "sample", width, "is", width, "taken for");
    for (size_t i = 0; i < confusion->mistake_count && i < SHOWN; ++i) {
        const struct hg_mistake *m = &confusion->mistakes[i];
        printf("%10zu  %-*s  %-*s  %9.2f %%%s%s\n", m->index, width, class_text(truth, j, m->truth), width,
               class_text(predicted, j, m->predicted), 100 * (double)m->predicted_probability,
               *file_of(j, m->index) ? "  " : "", file_of(j, m->index));
    }
}

void hg_judgement_print(const struct hg_judgement *j)
{
    enum { TAKEN_FOR = 9 /* the heading of a column of names */ };
    if (j->worst) {
        printf("\nReconstructed worst:\n%10s  %12s\n", "sample", "loss");
        for (size_t i = 0; i < j->worst_count && i < SHOWN; ++i)
            printf("%10zu  %12.6g%s%s\n", j->worst[i].index, j->worst[i].loss,
                   *file_of(j, j->worst[i].index) ? "  " : "", file_of(j, j->worst[i].index));
        return;
    }
    const int width = widest_name(j) > TAKEN_FOR ? widest_name(j) : TAKEN_FOR;
    print_scores(j, width);
    print_matrix(j, width);
    print_mistakes(j, width);
}

static void describe_class(struct hg_json *json, const char *member, const struct hg_judgement *j, size_t class)
{
    const char *const *names = hg_model_class_names(j->model);
    if (names)
        hg_json_text(json, member, names[class]);
    else
        hg_json_number(json, member, (double)class);
}

static void describe_sample(struct hg_json *json, const struct hg_judgement *j, size_t index)
{
    hg_json_number(json, "index", (double)index);
    if (*file_of(j, index))
        hg_json_text(json, "file", file_of(j, index));
}

void hg_judgement_describe(const struct hg_judgement *j, struct hg_json *json)
{
    const struct hg_confusion *confusion = &j->confusion;
    const size_t classes = confusion->classes;
    for (size_t i = 0; i < j->worst_count; ++i) {
        struct hg_json *worst = hg_json_append(json, "worst");
        describe_sample(worst, j, j->worst[i].index);
        hg_json_number(worst, "loss", j->worst[i].loss);
    }
    for (size_t c = 0; c < classes; ++c) {
        const struct hg_class_score *score = &confusion->scores[c];
        struct hg_json *one = hg_json_append(json, "classes");
        describe_class(one, "class", j, c);
        hg_json_number(one, "samples", (double)score->support);
        hg_json_number(one, "predicted", (double)score->predicted);
        hg_json_number(one, "correct", (double)score->correct);
        hg_json_number(one, "precision", score->precision);
        hg_json_number(one, "recall", score->recall);
        hg_json_number(one, "f1", score->f1);
        hg_json_append_counts(json, "confusion", classes, confusion->counts + c * classes);
    }
    if (!j->worst)
        hg_json_array(json, "mistakes");
    for (size_t i = 0; i < confusion->mistake_count; ++i) {
        const struct hg_mistake *m = &confusion->mistakes[i];
        struct hg_json *mistake = hg_json_append(json, "mistakes");
        describe_sample(mistake, j, m->index);
        describe_class(mistake, "truth", j, m->truth);
        hg_json_float(mistake, "truth_probability", m->truth_probability);
        describe_class(mistake, "predicted", j, m->predicted);
        hg_json_float(mistake, "predicted_probability", m->predicted_probability);
    }
}

/* Two lines: what it is and what it was taken for; or the sample and its loss. */
static enum hg_status make_label(char **out, const struct hg_judgement *j, size_t i)
{
    char truth[NAME + 1], predicted[NAME + 1];
    if (j->worst)
        return hg_string_format(out, "#%zu\n%.4g", j->worst[i].index, j->worst[i].loss);
    const struct hg_mistake *m = &j->confusion.mistakes[i];
    return hg_string_format(out, "%s, not %s\n%.2f%%", class_text(truth, j, m->truth),
                            class_text(predicted, j, m->predicted), 100 * (double)m->predicted_probability);
}

static size_t index_of(const struct hg_judgement *j, size_t i)
{
    return j->worst ? j->worst[i].index : j->confusion.mistakes[i].index;
}

enum hg_status hg_judgement_draw(const struct hg_judgement *j, struct hg_model *model, const char *file)
{
    const size_t features = hg_dataset_features(j->dataset);
    struct hg_sheet sheet = {.count = j->worst ? j->worst_count : j->confusion.mistake_count};
    float *images = NULL;
    char **labels = NULL;
    enum hg_status status = HG_OK;
    HG_TRY(hg_samples_show(&sheet, j->dataset));
    HG_TRY_OR_CLEANUP(hg_allocate(&labels, sheet.count, "the labels"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&images, 2 * sheet.count, features * sizeof *images, "the images"));
    for (size_t i = 0; i < sheet.count; ++i) {
        hg_dataset_sample(j->dataset, index_of(j, i), images + i * features);
        HG_TRY_OR_CLEANUP(make_label(&labels[i], j, i));
        if (j->worst)
            HG_TRY_OR_CLEANUP(
                hg_model_reconstruct(model, j->dataset, index_of(j, i), 1, images + (sheet.count + i) * features));
    }
    sheet.images = images;
    sheet.below = j->worst ? images + sheet.count * features : NULL;
    sheet.labels = (const char *const *)labels;
    HG_TRY_OR_CLEANUP(hg_sheet_write(file, &sheet));

cleanup:
    for (size_t i = 0; labels && i < sheet.count; ++i)
        free(labels[i]);
    free(labels);
    free(images);
    return status;
}
