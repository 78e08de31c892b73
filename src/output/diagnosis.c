#include "src/output/diagnosis.h"

#include <math.h>
#include <stdio.h>

#include "host/data/dataset.h"
#include "src/output/json.h"

static const char *const severity_names[] = {
    [HG_FINDING_ERROR] = "error", [HG_FINDING_WARNING] = "warning", [HG_FINDING_NOTE] = "note"};

static const char *element_name(const struct hg_dataset *dataset)
{
    return hg_dataset_samples(dataset)->element == HG_U8 ? "bytes" : "floats";
}

/* ---- as text ---- */

static void print_split(const struct hg_diagnosis *g, const char *title, const struct hg_dataset *dataset,
                        const struct hg_split_facts *facts, const struct hg_command *command)
{
    char shape[64], words[1024];
    if (hg_dataset_height(dataset))
        snprintf(shape, sizeof shape, "%zu x %zu pixels%s", hg_dataset_height(dataset), hg_dataset_width(dataset),
                 hg_dataset_channels(dataset) == 3 ? " in colour" : "");
    else
        snprintf(shape, sizeof shape, "%zu features", hg_dataset_features(dataset));
    printf("%-12s%s\n            %zu samples of %s, %s\n", title, hg_dataset_name(dataset), facts->count, shape,
           element_name(dataset));
    if (*hg_dataset_note(dataset))
        printf("            %s\n", hg_command_message(words, sizeof words, command, hg_dataset_note(dataset)));
    printf("  numbers   from %.4g to %.4g, mean %.4g, deviation %.4g; %.1f %% are not zero\n", facts->scale.least,
           facts->scale.largest, facts->scale.mean, facts->scale.deviation, 100 * facts->density);
    printf("  repeats   %zu samples repeat an earlier one", facts->repeats.count);
    if (dataset == g->test)
        printf(", %zu a training sample", g->across.count);
    putchar('\n');
}

/* The share of each class, or where there are many, of the most and the least frequent. */
static void print_labels(const struct hg_diagnosis *g, const struct hg_split_facts *facts)
{
    enum { LISTED = 12 };
    const size_t classes = hg_dataset_classes(g->train);
    size_t least = g->majority;
    char name[128];
    for (size_t c = 0; c < classes; ++c)
        if (facts->labels[c] > 0 && (facts->labels[least] == 0 || facts->labels[c] < facts->labels[least]))
            least = c;
    printf("  classes   %zu: ", classes);
    if (classes <= LISTED)
        for (size_t c = 0; c < classes; ++c)
            printf("%s%s %.1f %%", c ? ", " : "", hg_class_name(name, sizeof name, g->train, c),
                   100 * (double)facts->labels[c] / (double)facts->count);
    else {
        printf("from %zu samples of %s", facts->labels[least], hg_class_name(name, sizeof name, g->train, least));
        printf(" to %zu of %s", facts->labels[g->majority], hg_class_name(name, sizeof name, g->train, g->majority));
    }
    putchar('\n');
}

static void print_trial(const struct hg_trial *trial)
{
    if (trial->samples == 0)
        return;
    printf("  few       %zu samples by heart: ", trial->samples);
    if (trial->diverged)
        puts("diverges");
    else
        printf("loss %.4g to %.4g in %zu steps%s", trial->first_loss, trial->last_loss, trial->steps,
               isnan(trial->accuracy) ? "" : ", ");
    if (!trial->diverged && !isnan(trial->accuracy))
        printf("%.0f %% right", 100 * trial->accuracy);
    if (!trial->diverged)
        putchar('\n');
}

static void print_mlp(const struct hg_diagnosis *g)
{
    char name[128];
    const double classes = (double)hg_dataset_classes(g->train);
    if (classes < 2)
        return;
    printf("\nclassifier  to beat: always %s is right on %.2f %% of the training samples",
           hg_class_name(name, sizeof name, g->train, g->majority),
           100 * (double)g->of_train.labels[g->majority] / (double)g->of_train.count);
    if (g->test && hg_dataset_labels(g->test))
        printf(", %.2f %% of the test samples",
               100 * (double)g->of_test.labels[g->majority] / (double)g->of_test.count);
    printf("\n            and the shares of the classes for probabilities have loss %.4g\n", g->majority_loss);
    if (!isnan(g->first_loss))
        printf("  start     loss %.4g at the first weights; ln %.0f = %.4g knows nothing\n", g->first_loss, classes,
               log(classes));
    print_trial(&g->mlp);
}

static void print_autoencoder(const struct hg_diagnosis *g)
{
    printf("\nautoencoder to beat: the mean of the samples has loss %.5g, nothing (W = 0) has %.5g\n", g->loss_of_mean,
           g->loss_of_zero);
    if (g->optimum_count)
        printf("  optimum   latent units and the least loss possible:\n           ");
    for (size_t i = 0; i < g->optimum_count; ++i)
        printf(" %zu: %.4g%s", g->optima[i].latent, g->optima[i].loss, i + 1 < g->optimum_count ? "," : "\n");
    print_trial(&g->autoencoder);
}

void hg_diagnosis_print(const struct hg_diagnosis *g, const struct hg_command *command)
{
    char words[1024];
    print_split(g, "training", g->train, &g->of_train, command);
    printf("  constant  %zu of %zu features\n", g->constant_features, hg_dataset_features(g->train));
    if (hg_dataset_labels(g->train))
        print_labels(g, &g->of_train);
    if (g->test) {
        print_split(g, "test", g->test, &g->of_test, command);
        if (hg_dataset_labels(g->test))
            print_labels(g, &g->of_test);
    }
    print_mlp(g);
    print_autoencoder(g);
    putchar('\n');
    for (size_t i = 0; i < g->finding_count; ++i)
        printf("%-8s %s\n", severity_names[g->findings[i].severity],
               hg_command_message(words, sizeof words, command, g->findings[i].text));
    const size_t errors = hg_diagnosis_count(g, HG_FINDING_ERROR), warnings = hg_diagnosis_count(g, HG_FINDING_WARNING);
    if (errors + warnings == 0)
        puts("Nothing is amiss.");
    else
        printf("%zu error%s, %zu warning%s.\n", errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

/* ---- as JSON ---- */

static void add_split(struct hg_json *json, const char *name, const struct hg_dataset *dataset,
                      const struct hg_split_facts *facts)
{
    struct hg_json *object = hg_json_object(json, name);
    double counts[256];
    for (size_t c = 0; c < hg_dataset_classes(dataset); ++c)
        counts[c] = (double)facts->labels[c];
    hg_json_text(object, "file", hg_dataset_name(dataset));
    hg_json_text(object, "note", hg_dataset_note(dataset));
    hg_json_number(object, "samples", (double)facts->count);
    hg_json_number(object, "features", (double)hg_dataset_features(dataset));
    hg_json_number(object, "height", (double)hg_dataset_height(dataset));
    hg_json_number(object, "width", (double)hg_dataset_width(dataset));
    hg_json_number(object, "channels", (double)hg_dataset_channels(dataset));
    hg_json_text(object, "elements", element_name(dataset));
    hg_json_number(object, "least", facts->scale.least);
    hg_json_number(object, "largest", facts->scale.largest);
    hg_json_number(object, "mean", facts->scale.mean);
    hg_json_number(object, "deviation", facts->scale.deviation);
    hg_json_number(object, "density", facts->density);
    hg_json_number(object, "blank", (double)facts->blank);
    hg_json_number(object, "repeats", (double)facts->repeats.count);
    hg_json_number(object, "conflicting_repeats", (double)facts->repeats.conflicts);
    if (hg_dataset_labels(dataset))
        hg_json_numbers(object, "class_counts", counts, hg_dataset_classes(dataset));
}

static void add_trial(struct hg_json *json, const struct hg_trial *trial)
{
    if (trial->samples == 0)
        return;
    struct hg_json *object = hg_json_object(json, "few_by_heart");
    hg_json_number(object, "samples", (double)trial->samples);
    hg_json_number(object, "steps", (double)trial->steps);
    hg_json_bool(object, "diverged", trial->diverged);
    hg_json_number(object, "first_loss", trial->first_loss);
    hg_json_number(object, "last_loss", trial->last_loss);
    hg_json_number(object, "least_loss", trial->least_loss);
    hg_json_number(object, "accuracy", trial->accuracy);
}

static void add_models(struct hg_json *json, const struct hg_diagnosis *g)
{
    if (hg_dataset_labels(g->train)) {
        struct hg_json *mlp = hg_json_object(json, "mlp");
        hg_json_number(mlp, "majority_class", (double)g->majority);
        hg_json_number(mlp, "majority_loss", g->majority_loss);
        hg_json_number(mlp, "majority_accuracy", (double)g->of_train.labels[g->majority] / (double)g->of_train.count);
        if (g->test && hg_dataset_labels(g->test))
            hg_json_number(mlp, "majority_test_accuracy",
                           (double)g->of_test.labels[g->majority] / (double)g->of_test.count);
        hg_json_number(mlp, "first_loss", g->first_loss);
        add_trial(mlp, &g->mlp);
    }
    struct hg_json *autoencoder = hg_json_object(json, "autoencoder");
    hg_json_number(autoencoder, "loss_of_zero", g->loss_of_zero);
    hg_json_number(autoencoder, "loss_of_mean", g->loss_of_mean);
    for (size_t i = 0; i < g->optimum_count; ++i) {
        struct hg_json *row = hg_json_append(autoencoder, "optima");
        hg_json_number(row, "latent", (double)g->optima[i].latent);
        hg_json_number(row, "optimum", g->optima[i].loss);
    }
    add_trial(autoencoder, &g->autoencoder);
}

enum hg_status hg_diagnosis_print_json(const struct hg_diagnosis *g, const struct hg_command *command)
{
    char words[1024];
    struct hg_json *json = hg_json_create();
    add_split(json, "training", g->train, &g->of_train);
    if (g->test) {
        add_split(json, "test", g->test, &g->of_test);
        hg_json_number(json, "test_samples_in_training", (double)g->across.count);
    }
    hg_json_number(json, "constant_features", (double)g->constant_features);
    add_models(json, g);
    hg_json_array(json, "findings");
    for (size_t i = 0; i < g->finding_count; ++i) {
        struct hg_json *object = hg_json_append(json, "findings");
        hg_json_text(object, "severity", severity_names[g->findings[i].severity]);
        hg_json_text(object, "name", g->findings[i].name);
        hg_json_text(object, "text", hg_command_message(words, sizeof words, command, g->findings[i].text));
    }
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}
