/* Small tables as training data. */
#ifndef HANDGRAD_TESTS_SUPPORT_TABLE_H
#define HANDGRAD_TESTS_SUPPORT_TABLE_H

#include "handgrad/dataset.h"

/* Writes `text` as train.csv into the temporary directory, and reads it with labels, as `train` does. */
enum hg_status table_load(struct hg_dataset **out, const char *text, const struct hg_data_options *given);

/* Asserts that the dataset, which is then freed, holds two rows of `features` numbers (at most 8), as they are, and the
 * labels of both as digits; "" for none. */
void table_assert(struct hg_dataset *dataset, size_t features, const float *values, const char *labels);

#endif
