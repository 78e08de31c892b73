/* What a trained autoencoder makes of samples: numbers, a sheet, or a directory of pictures. */
#include <math.h>
#include <stdlib.h>

#include "host/pictures/sheet.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/commands/apply.h"
#include "src/commands/table.h"
#include "src/output/picture_directory.h"
#include "src/output/samples.h"

static const struct hg_option options[] = {
    {HG_OPTION_TEXT, HG_APPLY_AT(out), .argument = "FILE", .what = "a file or directory",
     .help = "a .csv or .npy file to write; a .png, the originals over their reconstructions; or a directory, which "
             "gets a picture for each sample",
     .preset = "standard output"},
    {.name = NULL},
};

static enum hg_status write_sheet(const struct hg_apply *apply)
{
    const struct apply_settings *s = &apply->settings;
    const size_t features = hg_model_features(apply->model);
    struct hg_sheet sheet = {.count = s->count};
    float *originals = NULL, *reconstructions = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_samples_show(&sheet, apply->dataset));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&originals, s->count, features * sizeof *originals, "the originals"));
    HG_TRY_OR_CLEANUP(
        hg_allocate_bytes(&reconstructions, s->count, features * sizeof *reconstructions, "the reconstructions"));
    for (size_t i = 0; i < s->count; ++i)
        hg_dataset_sample(apply->dataset, s->first + i, originals + i * features);
    HG_TRY_OR_CLEANUP(hg_model_reconstruct(apply->model, apply->dataset, s->first, s->count, reconstructions));
    sheet.images = originals;
    sheet.below = reconstructions;
    HG_TRY_OR_CLEANUP(hg_sheet_write(s->out, &sheet));

cleanup:
    free(reconstructions);
    free(originals);
    return status;
}

/* A directory that is being written, and how numbers become the pixels of its pictures. */
struct pictures {
    struct hg_picture_directory directory;
    struct hg_picture picture;
    float dark, bright;
};

static enum hg_status take_pictures(const struct hg_apply *apply, size_t first, size_t count, float *values, void *to)
{
    struct pictures *p = to;
    const size_t numbers = hg_model_features(apply->model);
    for (size_t i = 0; i < count; ++i) {
        for (size_t d = 0; d < numbers; ++d)
            p->picture.pixels[d] = hg_picture_shade(values[i * numbers + d], p->dark, p->bright);
        HG_TRY(hg_picture_directory_add(&p->directory, first + i, &p->picture));
    }
    return HG_OK;
}

static enum hg_status write_directory(const struct hg_apply *apply)
{
    const char *out = apply->settings.out;
    struct hg_sheet shown = {.count = 1};
    struct pictures p = {0};
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_samples_show(&shown, apply->dataset));
    p.dark = shown.dark;
    p.bright = shown.bright;
    HG_TRY_OR_CLEANUP(hg_picture_create(&p.picture, shown.height, shown.width, shown.channels, out));
    HG_TRY_OR_CLEANUP(hg_picture_directory_open(&p.directory, out));
    HG_TRY_OR_CLEANUP(hg_apply_blocks(apply, hg_model_features(apply->model), hg_model_reconstruct, take_pictures, &p));
    HG_TRY_OR_CLEANUP(hg_picture_directory_commit(&p.directory));

cleanup:
    hg_picture_directory_discard(&p.directory);
    hg_picture_free(&p.picture);
    return status;
}

static enum hg_status write_reconstructions(const struct hg_apply *apply)
{
    if (apply->format == HG_ARRAY_PNG)
        return write_sheet(apply);
    if (apply->format == HG_ARRAY_DIRECTORY)
        return write_directory(apply);
    return hg_apply_write_array(apply, "x", hg_model_features(apply->model), hg_model_reconstruct);
}

static enum hg_status reconstruct(int argc, char **argv)
{
    struct hg_apply apply = {
        .command = &hg_command_reconstruct,
        .kind = HG_AUTOENCODER,
        .endings = "end in .csv, .npy or .png, or be a directory",
        .formats = {[HG_ARRAY_CSV] = true, [HG_ARRAY_NPY] = true, [HG_ARRAY_PNG] = true, [HG_ARRAY_DIRECTORY] = true}};
    bool done = false;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_apply_open(&apply, argc, argv, &done));
    if (!done)
        HG_TRY_OR_CLEANUP(write_reconstructions(&apply));

cleanup:
    hg_apply_close(&apply);
    return status;
}

const struct hg_command hg_command_reconstruct = {
    .name = "reconstruct",
    .operands = {"RUN", "FILE ..."},
    .summary = "what a trained autoencoder makes of the samples of a file",
    .description =
        "The reconstructions W'W x, as numbers or as pictures.\n" HG_APPLY_SAMPLES "Example:\n"
        "  handgrad reconstruct runs/autoencoder data/mnist --out sheet.png\n\n"
        "Writes nothing but the file or directory of --out. A directory is made where it is missing; one that holds\n"
        "anything but such pictures is refused.",
    .tables = {options, hg_apply_options},
    .run = reconstruct,
};
