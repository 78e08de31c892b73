/* Markdown after metadata in YAML. No path of this machine is in it, and names from the data cannot become markup. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "host/data/fingerprint.h"
#include "host/export/card.h"
#include "host/models/tensors.h"
#include "host/training/option_table.h"

static bool is_mlp(const struct hg_card *card)
{
    return card->model->info.kind == HG_MLP;
}

static bool has_images(const struct hg_card *card)
{
    return card->model->info.image.height > 0;
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 127;
}

/* A string of YAML in double quotes. */
static void put_yaml(FILE *to, const char *text)
{
    putc('"', to);
    for (const char *c = text; *c; ++c) {
        if (is_control(*c))
            fprintf(to, "\\x%02x", (unsigned)*c);
        else
            fprintf(to, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    putc('"', to);
}

/* One line of plain text: in Markdown any punctuation of ASCII may stand behind a backslash. */
static void put_text(FILE *to, const char *text)
{
    for (const char *c = text; *c; ++c) {
        if (is_control(*c))
            putc(' ', to);
        else
            fprintf(to, strchr("\\`*_{}[]<>()#+!|&~$", *c) ? "\\%c" : "%c", *c);
    }
}

static void put_class(FILE *to, const struct hg_card *card, size_t class)
{
    if (card->class_names)
        put_text(to, card->class_names[class]);
    else
        fprintf(to, "%zu", class);
}

/* ---- metadata ---- */

static void put_result(FILE *to, const char *type, double value)
{
    if (isfinite(value))
        fprintf(to, "    - type: %s\n      value: %.6g\n", type, value);
}

static void put_metadata(FILE *to, const struct hg_card *card)
{
    const struct hg_metrics *m = &card->metrics;
    const char *task = !is_mlp(card)      ? "feature-extraction"
                       : has_images(card) ? "image-classification"
                                          : "tabular-classification";
    fprintf(to, "---\nlibrary_name: handgrad\npipeline_tag: %s\ntags:\n- handgrad\n- %s\n", task,
            hg_model_names[card->model->info.kind]);
    fputs("# license: add the one under which you share the weights\n", to);
    if (m->epoch && isfinite(m->test_loss)) {
        fprintf(to, "model-index:\n- name: %s\n  results:\n  - task:\n      type: %s\n    dataset:\n      type: ",
                card->model->name, task);
        put_yaml(to, card->data);
        fputs("\n      name: ", to);
        put_yaml(to, card->data);
        fputs("\n      split: test\n    metrics:\n", to);
        put_result(to, "accuracy", m->test_accuracy);
        put_result(to, "loss", m->test_loss);
    }
    fputs("---\n", to);
}

/* ---- sections ---- */

static void put_model(FILE *to, const struct hg_card *card)
{
    const struct hg_model_info *info = &card->model->info;
    const struct hg_input_scale *input = &info->input;
    fprintf(to, "\n# %s\n\n", card->model->name);
    if (is_mlp(card))
        fprintf(to, "A two-layer Swish classifier: %zu inputs, %zu hidden units, %zu classes;", info->features,
                info->hidden, info->classes);
    else
        fprintf(to, "A tied linear autoencoder, W'W x: %zu inputs, %zu latent units;", info->features, info->hidden);
    fprintf(to, " %zu parameters in float32.\n\nAn input is %zu numbers", hg_trainer_values(&card->model->spec),
            info->features);
    if (has_images(card))
        fprintf(to, ", an image of height %zu, width %zu and %zu channel%s", info->image.height, info->image.width,
                info->image.channels, info->image.channels > 1 ? "s" : "");
    fprintf(to, ": %s. In training they had mean %.4g and standard deviation %.4g, and lay between %.4g and %.4g.\n",
            input->numbers == HG_NUMBERS_PIXELS ? "pixels from 0 to 255, each divided by 255"
                                                : "the numbers of the data, as they are",
            input->mean, input->deviation, input->least, input->largest);
    if (!is_mlp(card))
        return;
    fputs("\nThe classes, in the order of the outputs: ", to);
    for (size_t c = 0; c < info->classes; ++c) {
        fputs(c ? ", " : "", to);
        put_class(to, card, c);
    }
    fputs(".\n", to);
}

static void put_dataset(FILE *to, const char *part, const struct hg_dataset *dataset)
{
    char print[HG_FINGERPRINT];
    if (dataset)
        fprintf(to, "| %s | %zu | %zu | `%s` |\n", part, hg_dataset_count(dataset), hg_dataset_features(dataset),
                hg_dataset_fingerprint(print, dataset));
}

static void put_data(FILE *to, const struct hg_card *card)
{
    const struct hg_train_options *o = &card->config.options;
    fputs("\n## Data\n\n", to);
    put_text(to, card->data);
    if (o->limit)
        fprintf(to, ", of which training took %zu samples", o->limit);
    if (o->validation_fraction > 0)
        fprintf(to, "; %g %% of the training samples were held out", 100 * o->validation_fraction);
    fputs(".\n", to);
    if (!card->train) {
        fputs("The files were not to be had when this card was written, so it has no fingerprint of them.\n", to);
        return;
    }
    fputs("\n| part | samples | numbers in each | fingerprint |\n| --- | --- | --- | --- |\n", to);
    put_dataset(to, "training", card->train);
    put_dataset(to, "test", card->test);
    fputs("\nThe fingerprint has CRC-32 of the samples and of the labels, as they were when this card was written.\n",
          to);
}

static void put_recipe(FILE *to, const struct hg_card *card)
{
    const struct hg_train_options *o = &card->config.options;
    const char *version = card->config.version;
    fprintf(to, "\n## Recipe\n\nTrained by handgrad %s on the backend `%s`; this card is by handgrad %s. ",
            version ? version : "of an unknown version", o->backend, hg_version());
    if (card->metrics.epoch == 0) {
        fputs("The weights are not the result of steps: they are the exact solution, from the eigenvectors of the "
              "data's second "
              "moment (`handgrad optimum`).\n",
              to);
        return;
    }
    fprintf(to,
            "The weights are those of epoch %zu, after %zu steps%s. Anew, with your copy of the data "
            "(not where options were changed when a run was resumed):\n",
            card->metrics.epoch, card->metrics.step,
            card->model->info.is_best ? ", which had the least loss on the samples held out" : "");
    fputs("\n    ", to);
    for (const char *c = card->command; *c; ++c)
        putc(is_control(*c) ? '?' : *c, to);
    fputs("\n\n| option | value |\n| --- | --- |\n", to);
    for (const struct hg_option *option = hg_train_option_table; option->name; ++option) {
        char value[HG_OPTION_WORDS];
        if (option->unsaved || option->kind == HG_OPTION_TEXT || !(option->applies & 1U << o->model))
            continue;
        fprintf(to, "| `%s` | %s |\n", option->name, hg_option_value(value, option, o));
    }
}

static void put_losses(FILE *to, const char *part, double loss, double accuracy)
{
    if (!isfinite(loss))
        return;
    fprintf(to, "| %s | %.6g |", part, loss);
    if (isfinite(accuracy))
        fprintf(to, " %.2f %% |", 100 * accuracy);
    putc('\n', to);
}

/* A row a class: how good it is at it, and which other class it takes it for most often. */
static void put_confusion(FILE *to, const struct hg_card *card)
{
    const struct hg_confusion *confusion = &card->confusion;
    fputs("\nBy class, on the test set:\n\n| class | samples | precision | recall | F1 | most often taken for |\n"
          "| --- | --- | --- | --- | --- | --- |\n",
          to);
    for (size_t truth = 0; truth < confusion->classes; ++truth) {
        const struct hg_class_score *score = &confusion->scores[truth];
        const double ratios[] = {score->precision, score->recall, score->f1};
        const size_t *row = confusion->counts + truth * confusion->classes;
        size_t other = truth;
        for (size_t c = 0; c < confusion->classes; ++c)
            if (c != truth && row[c] > (other == truth ? 0 : row[other]))
                other = c;
        fputs("| ", to);
        put_class(to, card, truth);
        fprintf(to, " | %zu |", score->support);
        for (size_t i = 0; i < sizeof ratios / sizeof *ratios; ++i)
            isnan(ratios[i]) ? fputs(" |", to) : fprintf(to, " %.2f %% |", 100 * ratios[i]);
        if (other != truth) {
            putc(' ', to);
            put_class(to, card, other);
            fprintf(to, " (%zu)", row[other]);
        }
        fputs(" |\n", to);
    }
}

static void put_results(FILE *to, const struct hg_card *card)
{
    const struct hg_metrics *m = &card->metrics;
    if (m->epoch == 0)
        return;
    fprintf(to, "\n## Results\n\n| part | mean loss |%s\n| --- | --- |%s\n", is_mlp(card) ? " accuracy |" : "",
            is_mlp(card) ? " --- |" : "");
    put_losses(to, is_mlp(card) ? "training, over the steps of the epoch" : "training", m->train_loss,
               m->train_accuracy);
    put_losses(to, "held out", m->validation_loss, m->validation_accuracy);
    put_losses(to, "test", m->test_loss, m->test_accuracy);
    fputs(is_mlp(card) ? "\nThe loss is the cross-entropy, in nats.\n" : "\nThe loss is 1/2 |W'W x - x|^2.\n", to);
    if (isfinite(m->optimality_distance))
        fprintf(to, "No weights of this size have a training loss below %.6g; these are %.3g above it.\n",
                m->train_loss - m->optimality_distance, m->optimality_distance);
    if (card->confusion.classes)
        put_confusion(to, card);
}

static void put_limits(FILE *to, const struct hg_card *card)
{
    const struct hg_metrics *m = &card->metrics;
    fputs(
        "\n## Limits\n\n- All that is known of it is on this page: it was measured on samples of the same origin as "
        "those "
        "it was trained on, and on nothing else. Expect it to do worse on data that were gathered, scaled or framed in "
        "another way.\n",
        to);
    if (is_mlp(card)) {
        fputs(
            "- It names one of its classes whatever it is shown, also where none is right. Its probabilities were not "
            "checked against frequencies: a high one is no promise.\n",
            to);
        if (isfinite(m->test_loss))
            fputs(
                "- Where options or runs were chosen by the test set's figures, these are better than new samples will "
                "give.\n",
                to);
        else
            fputs("- No test set was used, so there is no figure for samples that had no part in training.\n", to);
    } else {
        fputs("- It is linear: what it can learn is the subspace of the largest principal components, and its latent "
              "units "
              "are no more than coordinates in it.\n",
              to);
        if (strcmp(card->config.options.gradient, "exact") != 0)
            fputs("- It was trained along something else than the gradient of its loss (the option `gradient`), so "
                  "that the "
                  "loss may be far from the least possible.\n",
                  to);
    }
    fputs("- It was not examined for bias, misuse or attacks.\n\n## Licence\n\nNone is stated. Choose one, and write "
          "it here "
          "and at the top, before you share the weights; the licence of the data may have a say in it.\n",
          to);
}

void hg_card_print(FILE *to, const struct hg_card *card)
{
    put_metadata(to, card);
    put_model(to, card);
    put_data(to, card);
    put_recipe(to, card);
    put_results(to, card);
    put_limits(to, card);
}
