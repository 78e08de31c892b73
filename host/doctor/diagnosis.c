#include "host/doctor/diagnosis.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "handgrad/options.h"
#include "host/doctor/examine.h"
#include "host/training/trainer.h"
#include "kernels/base/try.h"

void hg_find(struct hg_diagnosis *diagnosis, enum hg_severity severity, const char *name, const char *format, ...)
{
    size_t at = diagnosis->finding_count++;
    assert(at < HG_FINDINGS);
    for (; at > 0 && diagnosis->findings[at - 1].severity > severity; --at)
        diagnosis->findings[at] = diagnosis->findings[at - 1];
    struct hg_finding *finding = &diagnosis->findings[at];
    finding->severity = severity;
    finding->name = name;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
}

const char *hg_feature_name(char *out, size_t size, const struct hg_dataset *dataset, size_t feature)
{
    const char *const *columns = hg_dataset_columns(dataset);
    const size_t width = hg_dataset_width(dataset), channels = hg_dataset_channels(dataset);
    if (columns)
        snprintf(out, size, "\"%s\"", columns[feature]);
    else if (hg_dataset_height(dataset))
        snprintf(out, size, "pixel (%zu, %zu)", feature / channels / width, feature / channels % width);
    else
        snprintf(out, size, "feature %zu", feature + 1);
    return out;
}

const char *hg_class_name(char *out, size_t size, const struct hg_dataset *dataset, size_t label)
{
    const char *const *names = hg_dataset_class_names(dataset);
    if (names)
        snprintf(out, size, "\"%s\"", names[label]);
    else
        snprintf(out, size, "%zu", label);
    return out;
}

size_t hg_diagnosis_count(const struct hg_diagnosis *diagnosis, enum hg_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnosis->finding_count; ++i)
        count += diagnosis->findings[i].severity == severity;
    return count;
}

/* What training would refuse, in its own words. False: it would not. */
static bool refused(struct hg_diagnosis *diagnosis, enum hg_model_kind model, const char *name)
{
    struct hg_train_options options;
    hg_train_options_default(&options, model);
    options.hidden = 1;
    if (hg_trainer_require_fit(&options, diagnosis->train, diagnosis->test) == HG_OK)
        return false;
    hg_find(diagnosis, HG_FINDING_ERROR, name, "%s", hg_message());
    return true;
}

enum hg_status hg_diagnose(struct hg_diagnosis *out, const struct hg_dataset *train, const struct hg_dataset *test,
                           int threads)
{
    *out = (struct hg_diagnosis){.train = train, .test = test, .first_loss = NAN};
    const bool fits = !refused(out, HG_AUTOENCODER, "autoencoder_refused");
    if (!fits)
        out->test = NULL; /* the splits cannot be compared */
    HG_TRY(hg_examine_rows(out));
    HG_TRY(hg_examine_features(out));
    if (hg_dataset_labels(train)) {
        hg_examine_labels(out);
        if (fits && !refused(out, HG_MLP, "mlp_refused"))
            HG_TRY(hg_examine_mlp(out, threads));
    } else
        hg_find(out, HG_FINDING_NOTE, "no_labels",
                "there are no labels: the autoencoder can be trained, a classifier not");
    return hg_examine_autoencoder(out, threads);
}
