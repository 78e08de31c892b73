#include "src/train_options.h"

#define AT(field) offsetof(struct hg_train_settings, field)

static const char a_whole_number[] = "a whole number such as 10";
static const char *const gradients[] = {"exact", "encoder", "decoder", NULL};
static const char *const schedules[] = {"constant", "cosine", "step", NULL};
static const char *const inputs[] = {"auto", "dense", "sparse", NULL};
static const char *const precisions[] = {"fp32", "tf32", NULL};

const struct hg_option hg_mlp_options[] = {
    {HG_OPTION_GROUP, .name = "Model"},
    {HG_OPTION_SIZE, "hidden", "N", AT(options.hidden), .help = "hidden units", .expected = a_whole_number},
    {.name = NULL},
};

const struct hg_option hg_autoencoder_options[] = {
    {HG_OPTION_GROUP, .name = "Model"},
    {HG_OPTION_SIZE, "latent", "N", AT(options.hidden), .help = "latent units, at most the pixels of a sample",
     .expected = a_whole_number},
    {HG_OPTION_CHOICE, "gradient", "exact|encoder|decoder", AT(options.gradient),
     .help = "exact: what the loss needs, both uses of W. encoder: 2W(W'W - I)XX', the well-known formula, which is "
             "not the "
             "gradient of the loss. decoder: Oja's subspace rule",
     .choices = gradients},
    {.name = NULL},
};

const struct hg_option hg_training_options[] = {
    {HG_OPTION_GROUP, .name = "Data"},
    {HG_OPTION_TEXT, "data", "DIR", AT(data), .help = "directory of MNIST, NPY or CSV files, each as it is or .gz",
     .expected = "a directory", .preset = "data/mnist"},
    {HG_OPTION_SIZE, "limit", "N", AT(options.limit), .help = "train on the first N samples only",
     .expected = a_whole_number, .preset = "all"},
    {HG_OPTION_REAL, "validation-fraction", "F", AT(options.validation_fraction),
     .help = "hold out this last part of the training samples", .expected = "a number from 0 to below 1, such as 0.1"},
    {HG_OPTION_FLAG, "test", NULL, AT(test), .help = "train without a test set"},

    {HG_OPTION_GROUP, .name = "Learning"},
    {HG_OPTION_SIZE, "epochs", "N", AT(options.epochs), .help = "passes over the training samples",
     .expected = a_whole_number},
    {HG_OPTION_SIZE, "steps", "N", AT(options.steps), .help = "stop after N steps, even within an epoch",
     .expected = a_whole_number, .preset = "when the epochs are done"},
    {HG_OPTION_SIZE, "batch-size", "N", AT(options.batch_size),
     .help = "samples of a step; 0: all of them in each step", .expected = "a whole number such as 128"},
    {HG_OPTION_REAL, "lr", "X", AT(options.lr), .help = "learning rate", .expected = "a positive number such as 0.1",
     .preset = "by the size of the data; 0.3 (mlp) or 0.01 (autoencoder) on MNIST"},
    {HG_OPTION_CHOICE, "lr-schedule", "constant|cosine|step", AT(options.lr_schedule),
     .help = "how the rate falls: not at all, along a cosine to 0, or to a tenth at half and again at three quarters "
             "of the "
             "run",
     .choices = schedules},
    {HG_OPTION_SIZE, "warmup-epochs", "N", AT(options.warmup_epochs),
     .help = "epochs in which the rate first rises from 0", .expected = a_whole_number},
    {HG_OPTION_REAL, "momentum", "X", AT(options.momentum), .help = "of SGD, as in PyTorch",
     .expected = "a number from 0 to below 1"},
    {HG_OPTION_FLAG, "nesterov", NULL, AT(options.nesterov), .help = "whether momentum is Nesterov's"},
    {HG_OPTION_REAL, "weight-decay", "X", AT(options.weight_decay), .help = "L2 penalty, as in PyTorch",
     .expected = "a number such as 0.0001"},
    {HG_OPTION_SIZE, "early-stopping", "N", AT(options.early_stopping),
     .help = "stop after N epochs without a better validation loss", .expected = a_whole_number, .preset = "never"},

    {HG_OPTION_GROUP, .name = "Reproducing"},
    {HG_OPTION_SEED, "seed", "N", AT(options.seed), .help = "of the initial weights and the order of the samples",
     .expected = a_whole_number},
    {HG_OPTION_TEXT, "init", "FILE", AT(options.init),
     .help = "initial weights, a .safetensors file such as model.safetensors", .expected = "a file"},
    {HG_OPTION_FLAG, "shuffle", NULL, AT(options.shuffle), .help = "take the samples in the order of the file"},
    {HG_OPTION_TEXT, "config", "FILE", AT(config),
     .help = "take every option from a run's config.json; options given here come on top",
     .expected = "a config.json of a run"},

    {HG_OPTION_GROUP, .name = "Output"},
    {HG_OPTION_TEXT, "out", "RUN", AT(out), .help = "directory to make for the run",
     .expected = "a directory that does not exist", .preset = "runs/MODEL, runs/MODEL-2, ..."},
    {.name = NULL},
};

const struct hg_option hg_resume_options[] = {
    {HG_OPTION_GROUP, .name = "Run"},
    {HG_OPTION_SIZE, "epochs", "N", AT(options.epochs), .help = "epochs in all, those already done included",
     .expected = a_whole_number, .preset = "as before"},
    {HG_OPTION_SIZE, "steps", "N", AT(options.steps), .help = "stop after N steps in all", .expected = a_whole_number,
     .preset = "as before"},
    {HG_OPTION_TEXT, "data", "DIR", AT(data),
     .help = "where the data is by now; the same data, or the run is another one", .expected = "a directory",
     .preset = "as before"},
    {HG_OPTION_FLAG, "test", NULL, AT(test), .help = "go on without a test set"},
    {.name = NULL},
};

const struct hg_option hg_running_options[] = {
    {HG_OPTION_SIZE, "checkpoint-every", "N", AT(options.checkpoint_every),
     .help = "epochs between checkpoints; 0: only the last epoch", .expected = a_whole_number},
    {HG_OPTION_FLAG, "json", NULL, AT(json), .help = "one JSON object on standard output instead of the summary"},
    {HG_OPTION_FLAG, "quiet", NULL, AT(quiet), .help = "say nothing but errors (and the JSON object)"},
    {HG_OPTION_FLAG, "timings", NULL, AT(options.timings),
     .help = "measure data, forward, backward, update and evaluation"},

    {HG_OPTION_GROUP, .name = "Machine"},
    {HG_OPTION_TEXT, "backend", "auto|cuda|cpu|reference", AT(options.backend),
     .help = "where to compute; auto: a GPU if one answers, else the CPU", .expected = "auto, cuda, cpu or reference"},
    {HG_OPTION_INT, "threads", "N", AT(options.threads), .help = "of the CPU", .expected = a_whole_number,
     .preset = "every core"},
    {HG_OPTION_CHOICE, "input", "auto|dense|sparse", AT(options.input),
     .help = "CPU: skip zero pixels (sparse) or not; auto: by their share", .choices = inputs},
    {HG_OPTION_CHOICE, "precision", "fp32|tf32", AT(precision), .help = "CUDA: of matrix products",
     .choices = precisions},
    {HG_OPTION_FLAG, "stream-data", NULL, AT(options.stream_data),
     .help = "CUDA: never keep the dataset on the device"},
    {HG_OPTION_FLAG, "graph", NULL, AT(options.graph),
     .help = "CUDA: launch each kernel by itself, not a step as one graph"},
    {.name = NULL},
};

void hg_train_settings_default(struct hg_train_settings *settings, enum hg_model_kind model)
{
    *settings = (struct hg_train_settings){.test = true};
    hg_train_options_default(&settings->options, model);
    settings->precision = settings->options.tf32;
}

void hg_train_settings_finish(struct hg_train_settings *settings)
{
    settings->options.tf32 = settings->precision;
}
