#include "host/training/option_table.h"

#include "kernels/choose.h"

const char *const hg_gradient_names[] = {"exact", "encoder", "decoder", NULL};
const char *const hg_lr_schedule_names[] = {
    [HG_LR_CONSTANT] = "constant", [HG_LR_COSINE] = "cosine", [HG_LR_STEP] = "step", NULL};
const char *const hg_input_names[] = {
    [HG_INPUT_FORM_AUTO] = "auto", [HG_INPUT_FORM_DENSE] = "dense", [HG_INPUT_FORM_SPARSE] = "sparse", NULL};
const char *const hg_keep_names[] = {[HG_KEEP_BEST] = "best", [HG_KEEP_LAST] = "last", NULL};
const char *const hg_header_names[] = {[HG_HEADER_AUTO] = "auto", [HG_HEADER_YES] = "yes", [HG_HEADER_NO] = "no", NULL};
static const char *const split_order_names[] = {[HG_SPLIT_STRATIFIED] = "stratified", [HG_SPLIT_FILE] = "file", NULL};
static const char *const precision_names[] = {"fp32", "tf32", NULL};

/* Larger sizes are typing mistakes; and the product of any two sizes up to this fits into 64 bits. */
#define LARGEST_SIZE 0x1p31

#define AT(field) .name = #field, .offset = offsetof(struct hg_train_options, field)

const struct hg_option hg_train_option_table[] = {
    {HG_OPTION_CHOICE, AT(model), .choices = hg_model_names, .group = HG_GROUP_MODEL,
     .help = "which model; on the command line the word after train"},
    {HG_OPTION_SIZE, AT(hidden), .least = 1, .most = LARGEST_SIZE, .group = HG_GROUP_MODEL, .applies = HG_TO_BOTH,
     .help = "hidden units", .autoencoder_flag = "latent",
     .autoencoder_help = "latent units, at most the features of a sample"},
    {HG_OPTION_TEXT, AT(gradient), .choices = hg_gradient_names, .argument = "EXPR", .what = "a formula",
     .group = HG_GROUP_MODEL, .applies = HG_TO_AUTOENCODER,
     .help = "exact: what the loss needs, both uses of W. encoder: 2W(W'W - I)XX', the well-known formula, which is "
             "not the gradient of the loss. decoder: Oja's subspace rule. EXPR: a formula of yours over W, X and N, as "
             "handgrad check takes it "
             "(docs/FORMULAS.md), on the backend reference"},

    {HG_OPTION_SIZE, AT(epochs), .least = 1, .most = LARGEST_SIZE, .group = HG_GROUP_LEARNING,
     .applies = HG_TO_BOTH | HG_TO_RESUMED, .help = "passes over the training samples, in all"},
    {HG_OPTION_SIZE, AT(batch_size), .most = LARGEST_SIZE, .group = HG_GROUP_LEARNING, .applies = HG_TO_BOTH,
     .help = "samples of a step; 0: all of them in each step", .example = "128"},
    {HG_OPTION_REAL, AT(lr), .above = true, .nan_word = "auto", .infinity_word = "find", .group = HG_GROUP_LEARNING,
     .applies = HG_TO_BOTH,
     .help = "learning rate. auto: by the data, and with it the scale and the centre of the inputs. find: these, and "
             "the rate by a range test",
     .example = "0.1", .preset = "auto: 0.3 (mlp) or 0.01 (autoencoder) on MNIST"},
    {HG_OPTION_REAL, AT(input_scale), .above = true, .nan_word = "auto", .most = 0x1p48, .group = HG_GROUP_LEARNING,
     .applies = HG_TO_MLP,
     .help = "multiplies the gradient of fc1.weight by X^2: it learns as if the inputs were multiplied by X. auto: by "
             "the data, and whether to centre them, also where a rate is given",
     .example = "0.25"},
    {HG_OPTION_FLAG, AT(centre_inputs), .group = HG_GROUP_LEARNING, .applies = HG_TO_MLP,
     .help = "fc1 learns as if the mean of the inputs were taken off them"},
    {HG_OPTION_REAL, AT(momentum), .most = 1, .below = true, .nan_word = "auto", .group = HG_GROUP_LEARNING,
     .applies = HG_TO_BOTH, .help = "of SGD, as in PyTorch",
     .preset = "auto: 0.9; autoencoder with the rate by the data: up to 0.99"},
    {HG_OPTION_FLAG, AT(nesterov), .group = HG_GROUP_LEARNING, .applies = HG_TO_BOTH,
     .help = "Nesterov's form of momentum"},
    {HG_OPTION_REAL, AT(weight_decay), .group = HG_GROUP_LEARNING, .applies = HG_TO_BOTH,
     .help = "L2 penalty, as in PyTorch", .example = "0.0001"},
    {HG_OPTION_CHOICE, AT(lr_schedule), .choices = hg_lr_schedule_names, .group = HG_GROUP_LEARNING,
     .applies = HG_TO_BOTH,
     .help = "how the rate falls: not at all, along a cosine to 0, or to a tenth at half and again at three quarters "
             "of the run"},
    {HG_OPTION_SIZE, AT(warmup_epochs), .most = LARGEST_SIZE, .group = HG_GROUP_LEARNING, .applies = HG_TO_BOTH,
     .help = "epochs in which the rate first rises from 0"},

    {HG_OPTION_SEED, AT(seed), .most = HG_LARGEST_WHOLE, .group = HG_GROUP_REPRODUCING, .applies = HG_TO_BOTH,
     .help = "of the initial weights, the samples held out and the order of the others"},
    {HG_OPTION_FLAG, AT(shuffle), .group = HG_GROUP_REPRODUCING, .applies = HG_TO_BOTH,
     .help = "draw the order of the samples for each epoch, or take that of the file"},

    {HG_OPTION_SIZE, AT(steps), .group = HG_GROUP_LEARNING, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "stop after N steps in all, even within an epoch", .preset = "when the epochs are done"},
    {HG_OPTION_TEXT, AT(label), HG_LABEL_ROW, .group = HG_GROUP_DATA, .applies = HG_TO_BOTH},
    {HG_OPTION_TEXT, AT(skip_columns), HG_SKIP_COLUMNS_ROW, .group = HG_GROUP_DATA, .applies = HG_TO_BOTH},
    {HG_OPTION_CHOICE, AT(header), HG_HEADER_ROW, .group = HG_GROUP_DATA, .applies = HG_TO_BOTH},
    {HG_OPTION_TEXT, AT(image_size), HG_IMAGE_SIZE_ROW, .group = HG_GROUP_DATA, .applies = HG_TO_BOTH},
    {HG_OPTION_SIZE, AT(limit), .group = HG_GROUP_DATA, .applies = HG_TO_BOTH,
     .help = "take N of the training samples only", .preset = "all"},
    {HG_OPTION_REAL, AT(validation_fraction), .most = 1, .below = true, .group = HG_GROUP_DATA, .applies = HG_TO_BOTH,
     .help = "hold out this part of the training samples", .example = "0.1"},
    {HG_OPTION_CHOICE, AT(split_order), .choices = split_order_names, .group = HG_GROUP_DATA, .applies = HG_TO_BOTH,
     .help =
         "which samples these two take. stratified: drawn by the seed, for the MLP from each class its share. file: "
         "the first, and of these the last are held out"},
    {HG_OPTION_SIZE, AT(early_stopping), .group = HG_GROUP_LEARNING, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "stop after N epochs without a better validation loss; 0: never", .preset = "never"},
    {HG_OPTION_FLAG, AT(test), .group = HG_GROUP_DATA, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "evaluate on the test set after each epoch, or do without one"},
    {HG_OPTION_CHOICE, AT(keep), .choices = hg_keep_names, .group = HG_GROUP_OUTPUT,
     .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "whose weights model.safetensors holds: those of the epoch with the best validation loss (the last where "
             "nothing is held out), or of the last epoch"},
    {HG_OPTION_SIZE, AT(checkpoint_every), .group = HG_GROUP_OUTPUT, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "epochs between checkpoints; 0: only the last epoch"},
    {HG_OPTION_SIZE, AT(checkpoint_seconds), .group = HG_GROUP_OUTPUT, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "write a checkpoint, within an epoch too, where the last is this old; 0: by epochs alone"},
    {HG_OPTION_FLAG, AT(tensorboard), .group = HG_GROUP_OUTPUT, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "also write event files, which TensorBoard shows: the metrics and, of images, what is learnt"},
    {HG_OPTION_TEXT, AT(init), .argument = "FILE", .what = "a file", .group = HG_GROUP_REPRODUCING,
     .applies = HG_TO_BOTH, .help = "initial weights, a .safetensors file such as model.safetensors",
     .preset = "drawn from the seed"},

    {HG_OPTION_TEXT, AT(backend), .choices = hg_backend_choices, .group = HG_GROUP_MACHINE,
     .applies = HG_TO_BOTH | HG_TO_RESUMED, .help = "where to compute; auto: a GPU if one answers, else the CPU"},
    {HG_OPTION_INT, AT(threads), .most = 1024, .group = HG_GROUP_MACHINE, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "of the CPU", .preset = "every core"},
    {HG_OPTION_CHOICE, AT(input), .choices = hg_input_names, .group = HG_GROUP_MACHINE,
     .applies = HG_TO_BOTH | HG_TO_RESUMED, .help = "CPU: skip zero pixels (sparse) or not; auto: by their share"},
    {HG_OPTION_FLAG, AT(tf32), .flag = "precision", .choices = precision_names, .group = HG_GROUP_MACHINE,
     .applies = HG_TO_BOTH | HG_TO_RESUMED, .help = "CUDA: of matrix products"},
    {HG_OPTION_FLAG, AT(stream_data), .group = HG_GROUP_MACHINE, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "CUDA: never keep the dataset on the device"},
    {HG_OPTION_FLAG, AT(graph), .group = HG_GROUP_MACHINE, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "CUDA: launch a step as one graph, or each kernel by itself"},
    {HG_OPTION_FLAG, AT(timings), .unsaved = true, .group = HG_GROUP_OUTPUT, .applies = HG_TO_BOTH | HG_TO_RESUMED,
     .help = "measure data, forward, backward, update and evaluation"},
    {.name = NULL},
};
