/* The codes that a trained autoencoder makes of samples. */
#include "kernels/base/try.h"
#include "src/commands/apply.h"
#include "src/commands/table.h"

static const struct hg_option options[] = {
    {HG_OPTION_TEXT, HG_APPLY_AT(out), .argument = "FILE", .what = "a file", .help = "a .csv or .npy file to write",
     .preset = "standard output"},
    {.name = NULL},
};

static enum hg_status encode(int argc, char **argv)
{
    struct hg_apply apply = {.command = &hg_command_encode,
                             .kind = HG_AUTOENCODER,
                             .endings = "end in .csv or .npy; a code is no picture, but reconstruct makes one of it",
                             .formats = {[HG_ARRAY_CSV] = true, [HG_ARRAY_NPY] = true}};
    bool done = false;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_apply_open(&apply, argc, argv, &done));
    if (!done)
        HG_TRY_OR_CLEANUP(hg_apply_write_array(&apply, "z", hg_model_hidden(apply.model), hg_model_forward));

cleanup:
    hg_apply_close(&apply);
    return status;
}

const struct hg_command hg_command_encode = {
    .name = "encode",
    .operands = {"RUN", "FILE ..."},
    .summary = "the codes W x of a trained autoencoder for the samples of a file",
    .description = "One line a sample, one column a latent unit.\n" HG_APPLY_SAMPLES "Example:\n"
                   "  handgrad encode runs/autoencoder data/mnist --out codes.npy\n\n"
                   "Writes nothing but the file of --out.",
    .tables = {options, hg_apply_options},
    .run = encode,
};
