/* A model card (https://huggingface.co/docs/hub/model-cards): what a model is, what it was trained on and how, how good
 * it is, and what that does not say. */
#include "host/export/card.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/formats/names.h"
#include "host/runs/run.h"
#include "host/runs/trained_model.h"
#include "host/training/recipe.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The metrics of the epoch whose weights these are. That is the last one, however far the weights' own epoch is behind,
 * where a limit of steps ended training within an epoch. */
static enum hg_status read_metrics(struct hg_card *card)
{
    const struct hg_train_options *options = &card->config.options;
    const struct hg_model_info *info = &card->model->info;
    struct hg_history history;
    HG_TRY(hg_history_read(&history, card->model->run));
    const struct hg_metrics *kept = hg_history_kept(&history, options->keep);
    const bool limited = kept && options->steps && kept->step >= options->steps;
    for (size_t i = 0; i < history.count; ++i)
        if (!limited && info->has_epoch && history.epochs[i].epoch == info->epoch)
            kept = &history.epochs[i];
    if (kept)
        card->metrics = *kept;
    hg_history_free(&history);
    return HG_OK;
}

/* The datasets, and what the model makes of the test set. */
static enum hg_status try_data(struct hg_card *card)
{
    struct hg_model *model = NULL;
    struct hg_data_options given = {.header = HG_HEADER_AUTO};
    struct hg_input_scale scale;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_model_load(&model, card->model->run, "auto", 0));
    hg_model_complete_reading(&given, model, &card->config.options, &scale);
    HG_TRY_OR_CLEANUP(hg_dataset_load_with(&card->train, card->config.data, HG_TRAIN, &given));
    if (!card->config.options.test)
        goto cleanup;
    HG_TRY_OR_CLEANUP(hg_dataset_load_with(&card->test, card->config.data, HG_TEST, &given));
    if (card->model->info.kind == HG_MLP)
        HG_TRY_OR_CLEANUP(hg_model_confusion(model, card->test, 0, &card->confusion));
cleanup:
    hg_model_free(model);
    return status;
}

static void drop_data(struct hg_card *card)
{
    hg_confusion_free(&card->confusion);
    hg_dataset_free(card->test);
    hg_dataset_free(card->train);
    card->test = card->train = NULL;
}

/* A card can do without the data, which may have been moved or changed since. */
static enum hg_status read_data(struct hg_card *card)
{
    const enum hg_status status = try_data(card);
    if (status == HG_OK || status == HG_INTERNAL)
        return status;
    drop_data(card);
    return *card->model->note ? HG_OK
                              : hg_string_format(card->model->note,
                                                 "the card has no fingerprint of the data and "
                                                 "no results by class: %s",
                                                 hg_message());
}

static enum hg_status gather(struct hg_card *card)
{
    char *file;
    HG_TRY(hg_run_path(&file, card->model->run, "config.json"));
    const enum hg_status status = hg_run_config_read(&card->config, file);
    free(file);
    HG_TRY(status);
    const struct hg_train_options *options = &card->config.options;
    card->data = card->config.data ? last_part(card->config.data) : "data";
    struct hg_train_options shown = *options;
    if (shown.init)
        shown.init = last_part(shown.init);
    HG_TRY(hg_recipe_command(&card->command, &shown, card->data));
    if (card->model->info.class_names)
        HG_TRY(hg_names_lines(&card->class_names, card->model->info.class_names));
    HG_TRY(read_metrics(card));
    return read_data(card);
}

/* The text in memory, with a decimal point whatever the locale is. */
static enum hg_status print(char **text, size_t *size, const struct hg_card *card, const char *out)
{
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    FILE *memory = plain ? open_memstream(text, size) : NULL;
    if (!memory) {
        if (plain)
            freelocale(plain);
        return hg_fail_out_of_memory(out);
    }
    const locale_t before = uselocale(plain);
    hg_card_print(memory, card);
    uselocale(before);
    freelocale(plain);
    const bool failed = ferror(memory) != 0;
    return fclose(memory) != 0 || failed ? hg_fail_out_of_memory(out) : HG_OK;
}

enum hg_status hg_export_card(const char *out, const struct hg_export_model *model)
{
    struct hg_card card = {.model = model};
    char *text = NULL;
    size_t size;
    enum hg_status status;
    if (!model->run)
        return hg_fail(HG_USAGE, "format: a card tells how a run was trained; give the run's directory");
    HG_TRY_OR_CLEANUP(gather(&card));
    HG_TRY_OR_CLEANUP(print(&text, &size, &card, out));
    status = hg_file_replace(out, &(struct iovec){text, size}, 1);
cleanup:
    free(text);
    drop_data(&card);
    free(card.class_names);
    free(card.command);
    hg_run_config_free(&card.config);
    return status;
}
