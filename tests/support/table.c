#include "tests/support/table.h"

#include "tests/support/check.h"

#include "host/data/dataset.h"
#include "tests/support/temporary.h"

enum hg_status table_load(struct hg_dataset **out, const char *text, const struct hg_data_options *given)
{
    temporary_write("train.csv", text, strlen(text));
    return hg_dataset_load_with(out, temporary_path("."), HG_TRAIN, given);
}

void table_assert(struct hg_dataset *dataset, size_t features, const float *values, const char *labels)
{
    const double unit = hg_dataset_samples(dataset)->element == HG_U8 ? 255 : 1;
    assert_int_equal(hg_dataset_count(dataset), 2);
    assert_int_equal(hg_dataset_features(dataset), features);
    for (size_t n = 0; n < 2; ++n) {
        float sample[8];
        hg_dataset_sample(dataset, n, sample);
        for (size_t d = 0; d < features; ++d)
            assert_true(sample[d] == (float)(values[n * features + d] / unit));
        if (*labels)
            assert_int_equal(hg_dataset_labels(dataset)[n], labels[n] - '0');
    }
    assert_int_equal(hg_dataset_labels(dataset) != NULL, *labels != '\0');
    hg_dataset_free(dataset);
}
