/* The exact solution of an autoencoder as a run: eval, encode, reconstruct and whatever else takes a trained one take
 * it, too. It has no checkpoint, since nothing was trained that could go on. */
#include <stdlib.h>

#include "handgrad/dataset.h"
#include "host/runs/saved_model.h"
#include "kernels/base/try.h"

static enum hg_status write_weights(const char *directory, const struct hg_dataset *dataset, size_t latent,
                                    const double *w)
{
    struct hg_model_info info;
    struct hg_saved_names names;
    char *path = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_saved_model_of_data(&info, &names, HG_AUTOENCODER, dataset));
    info.hidden = latent;
    hg_dataset_scale(dataset, &info.input);
    HG_TRY_OR_CLEANUP(hg_run_path(&path, directory, "model.safetensors"));
    status = hg_model_file_write(path, &info, w);
cleanup:
    hg_saved_names_free(&names);
    free(path);
    return status;
}

enum hg_status hg_run_write_solution(const char *directory, const struct hg_train_options *options, const char *data,
                                     const struct hg_dataset *dataset, const double *w)
{
    struct hg_run *run;
    enum hg_status status;
    HG_TRY(hg_run_create(&run, directory));
    HG_TRY_OR_CLEANUP(hg_run_write_config(run, options, data));
    HG_TRY_OR_CLEANUP(write_weights(directory, dataset, options->hidden, w));
    hg_run_close(run);
    return HG_OK;

cleanup:
    hg_run_discard(run);
    return status;
}
