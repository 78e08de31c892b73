/* The samples that an autoencoder reconstructs worst. */
#include <stdlib.h>

#include "host/runs/ranking.h"
#include "host/runs/trained_model.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* In double, since the loss of a sample that is reconstructed well is a sum of small differences. */
static double loss_of(const float *x, const float *reconstruction, size_t features)
{
    double sum = 0;
    for (size_t d = 0; d < features; ++d) {
        const double difference = (double)reconstruction[d] - (double)x[d];
        sum += difference * difference;
    }
    return sum / 2;
}

enum hg_status hg_model_largest_losses(struct hg_model *model, const struct hg_dataset *dataset, size_t most,
                                       struct hg_sample_loss *losses, size_t *count)
{
    const size_t samples = hg_dataset_count(dataset), features = hg_dataset_features(dataset);
    struct hg_ranking ranking;
    float *x = NULL, *reconstructions = NULL;
    enum hg_status status = HG_OK;
    HG_TRY(hg_ranking_create(&ranking, most < samples ? most : samples, sizeof *losses, losses));
    HG_TRY_OR_CLEANUP(hg_allocate(&x, features, "a sample"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&reconstructions, HG_MODEL_ROWS, features * sizeof *x, "reconstructions"));
    for (size_t first = 0; first < samples; first += HG_MODEL_ROWS) {
        const size_t rows = samples - first < HG_MODEL_ROWS ? samples - first : HG_MODEL_ROWS;
        HG_TRY_OR_CLEANUP(hg_model_reconstruct(model, dataset, first, rows, reconstructions));
        for (size_t b = 0; b < rows; ++b) {
            hg_dataset_sample(dataset, first + b, x);
            const struct hg_sample_loss item = {first + b, loss_of(x, reconstructions + b * features, features)};
            hg_ranking_add(&ranking, item.loss, &item);
        }
    }
    *count = ranking.count;

cleanup:
    free(reconstructions);
    free(x);
    hg_ranking_free(&ranking);
    return status;
}
