#include "kernels/reference/reference.h"

enum hg_status REF(autoencoder_terms)(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                      struct hg_const_matrix g, struct hg_const_matrix s,
                                      struct hg_const_matrix squares, struct hg_matrix p)
{
    const size_t m = g.rows;
    double trace_gs = 0, trace_s = 0, square_sum = 0;
    for (size_t i = 0; i < m; ++i) {
        for (size_t j = 0; j < m; ++j) {
            trace_gs += (double)AT(g, i, j) * (double)AT(s, i, j);
            if (!p.data)
                continue;
            AT(p, i, j) = decoder * AT(s, i, j);
            AT(p, i, m + j) = encoder * AT(g, i, j) - (i == j ? encoder + decoder : 0);
        }
        trace_s += (double)AT(s, i, i);
    }
    for (size_t k = 0; k < squares.cols; ++k)
        square_sum += (double)AT(squares, 0, k);

    struct hg_totals *totals = &ref_context(ctx)->totals;
    totals->loss += (double)samples * (trace_gs / 2 - trace_s) + square_sum / 2;
    totals->samples += samples;
    return HG_OK;
}
