#include "host/training/schedule.h"

#include <math.h>

double hg_schedule_rate(const struct hg_train_options *options, size_t epoch_steps, size_t step)
{
    const double pi = 3.141592653589793238462643;
    const size_t warmup = options->warmup_epochs * epoch_steps;
    const size_t total = options->epochs * epoch_steps;
    if (step < warmup)
        return options->lr * (double)(step + 1) / (double)warmup;

    switch (options->lr_schedule) {
    case HG_LR_CONSTANT:
        break;
    case HG_LR_COSINE:
        return options->lr * 0.5 * (1 + cos(pi * (double)(step - warmup) / (double)(total - warmup)));
    case HG_LR_STEP: {
        const size_t epoch = step / epoch_steps;
        if (4 * epoch >= 3 * options->epochs)
            return options->lr * 0.01;
        if (2 * epoch >= options->epochs)
            return options->lr * 0.1;
        break;
    }
    }
    return options->lr;
}
