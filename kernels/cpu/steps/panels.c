#include "kernels/cpu/steps/panels.h"

void hg_panels_copy(float *values, size_t vectors, size_t lanes, size_t rows, size_t units, struct hg_canonical tensor)
{
    for (size_t p = 0; p < hg_panel_count(vectors); ++p) {
        const struct hg_panel panel = hg_panel_of(vectors, lanes, p);
        for (size_t j = 0; j < panel.width && panel.begin + j < units; ++j) {
            for (size_t r = 0; r < rows; ++r) {
                float *value = values + hg_panel_row(panel, rows, r) + j;
                const size_t at = (panel.begin + j) * tensor.unit_stride + r * tensor.row_stride;
                if (tensor.read)
                    *value = (float)tensor.read[at];
                else
                    tensor.write[at] = (double)*value;
            }
        }
    }
}
