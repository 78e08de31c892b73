#include "host/formats/array.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum hg_csv_labels modes[] = {HG_CSV_LABELS_FIRST, HG_CSV_LABELS_IF_NAMED};
    struct fuzz_file file = fuzz_file_create(bytes, size);
    for (int i = 0; i < 2; ++i) {
        struct hg_array samples;
        struct hg_array labels;
        if (hg_csv_read(&samples, &labels, file.path, modes[i]) != HG_OK)
            continue;
        fuzz_array_consume(&samples);
        if (labels.values.data)
            fuzz_array_consume(&labels);
    }
    fuzz_file_remove(&file);
    return 0;
}
