#include "kernels/reference/reference.h"

static void copy_sample(const struct hg_samples *samples, size_t index, size_t b, struct hg_matrix x,
                        struct hg_labels labels, struct hg_matrix squares)
{
    const size_t first = index * samples->features;
    real sum = 0;
    for (size_t d = 0; x.data && d < samples->features; ++d) {
        const real value = samples->element == HG_U8 ? ((const uint8_t *)samples->values)[first + d] / (real)255
                                                     : ((const float *)samples->values)[first + d];
        AT(x, b, d) = value;
        sum += value * value;
    }
    if (labels.data)
        labels.data[b] = samples->labels[index];
    if (squares.data)
        AT(squares, 0, b) = sum;
}

enum hg_status REF(next_batch)(struct hg_context *ctx, const struct hg_data *data, size_t rows, struct hg_matrix x,
                               struct hg_labels labels, struct hg_matrix squares)
{
    const uint32_t *order = hg_host_next_rows(ref_context(ctx), rows);
    for (size_t b = 0; x.data && b < rows; ++b)
        copy_sample(&data->samples, order[b], b, x, labels, squares);
    return HG_OK;
}

enum hg_status REF(load_rows)(struct hg_context *ctx, const struct hg_data *data, size_t first, struct hg_matrix x,
                              struct hg_labels labels, struct hg_matrix squares)
{
    ref_context(ctx)->scalars[HG_MEAN] = 1 / (double)x.rows;
    for (size_t b = 0; b < x.rows; ++b)
        copy_sample(&data->samples, first + b, b, x, labels, squares);
    return HG_OK;
}
