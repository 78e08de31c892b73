#include "src/output/samples.h"

#include <math.h>

#include "kernels/base/try.h"

enum hg_status hg_samples_show(struct hg_sheet *sheet, const struct hg_dataset *dataset)
{
    const size_t features = hg_dataset_features(dataset);
    struct hg_input_scale scale;
    sheet->height = hg_dataset_height(dataset);
    sheet->width = hg_dataset_width(dataset);
    sheet->channels = hg_dataset_channels(dataset);
    if (sheet->height == 0) {
        sheet->height = sheet->width = (size_t)lround(sqrt((double)features));
        sheet->channels = 1;
    }
    if (sheet->height * sheet->width * sheet->channels != features)
        return hg_fail(HG_BAD_DATA, "%s: %zu numbers a sample make no square picture to show", hg_dataset_name(dataset),
                       features);
    hg_dataset_scale(dataset, &scale);
    const bool usual = scale.least >= 0 && scale.largest <= 1;
    sheet->dark = usual ? 0 : (float)scale.least;
    sheet->bright = usual ? 1 : (float)scale.largest;
    return HG_OK;
}
