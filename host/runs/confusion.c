/* What a classifier takes for what. */
#include <math.h>
#include <stdlib.h>

#include "host/runs/ranking.h"
#include "host/runs/trained_model.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static double ratio(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

static void score_classes(struct hg_confusion *confusion)
{
    const size_t classes = confusion->classes;
    for (size_t c = 0; c < classes; ++c) {
        struct hg_class_score *score = &confusion->scores[c];
        score->correct = confusion->counts[c * classes + c];
        for (size_t other = 0; other < classes; ++other) {
            score->support += confusion->counts[c * classes + other];
            score->predicted += confusion->counts[other * classes + c];
        }
        score->precision = ratio(score->correct, score->predicted);
        score->recall = ratio(score->correct, score->support);
        score->f1 = ratio(2 * score->correct, score->support + score->predicted);
        confusion->samples += score->support;
        confusion->correct += score->correct;
    }
}

/* Counts sample `index`, of which the model says `logits`. */
static void count_sample(struct hg_confusion *confusion, struct hg_ranking *mistakes, size_t index, size_t truth,
                         float *logits)
{
    const size_t classes = confusion->classes;
    const size_t predicted = hg_predicted_class(logits, classes);
    ++confusion->counts[truth * classes + predicted];
    if (predicted == truth)
        return;
    hg_softmax(logits, classes);
    const struct hg_mistake mistake = {.index = index,
                                       .truth = truth,
                                       .predicted = predicted,
                                       .truth_probability = logits[truth],
                                       .predicted_probability = logits[predicted]};
    hg_ranking_add(mistakes, (double)mistake.predicted_probability, &mistake);
}

static enum hg_status allocate(struct hg_confusion *confusion, size_t mistakes)
{
    const size_t classes = confusion->classes;
    HG_TRY(hg_allocate(&confusion->counts, classes * classes, "the confusion matrix"));
    HG_TRY(hg_allocate(&confusion->scores, classes, "the scores of the classes"));
    return hg_allocate(&confusion->mistakes, mistakes, "the mistakes");
}

enum hg_status hg_model_confusion(struct hg_model *model, const struct hg_dataset *dataset, size_t mistakes,
                                  struct hg_confusion *out)
{
    if (hg_model_kind(model) != HG_MLP)
        return hg_fail(HG_USAGE, "an autoencoder confuses no classes; give a classifier's run");
    HG_TRY(hg_model_check_labels(model, dataset));
    const size_t samples = hg_dataset_count(dataset);
    const uint8_t *labels = hg_dataset_labels(dataset);
    struct hg_confusion confusion = {.classes = hg_model_classes(model)};
    struct hg_ranking ranking = {0};
    float *logits = NULL;
    enum hg_status status = HG_OK;
    mistakes = mistakes < samples ? mistakes : samples;
    HG_TRY_OR_CLEANUP(allocate(&confusion, mistakes));
    HG_TRY_OR_CLEANUP(hg_ranking_create(&ranking, mistakes, sizeof *confusion.mistakes, confusion.mistakes));
    HG_TRY_OR_CLEANUP(
        hg_allocate_bytes(&logits, HG_MODEL_ROWS, confusion.classes * sizeof *logits, "the model's answers"));
    for (size_t first = 0; first < samples; first += HG_MODEL_ROWS) {
        const size_t rows = samples - first < HG_MODEL_ROWS ? samples - first : HG_MODEL_ROWS;
        HG_TRY_OR_CLEANUP(hg_model_outputs(model, dataset, first, rows, logits));
        for (size_t b = 0; b < rows; ++b)
            count_sample(&confusion, &ranking, first + b, labels[first + b], logits + b * confusion.classes);
    }
    score_classes(&confusion);
    confusion.mistake_count = ranking.count;
    *out = confusion;
    confusion = (struct hg_confusion){0}; /* the caller's */

cleanup:
    free(logits);
    hg_ranking_free(&ranking);
    hg_confusion_free(&confusion);
    return status;
}

void hg_confusion_free(struct hg_confusion *confusion)
{
    free(confusion->counts);
    free(confusion->scores);
    free(confusion->mistakes);
    *confusion = (struct hg_confusion){0};
}
