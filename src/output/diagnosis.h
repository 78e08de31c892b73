/* What `handgrad doctor` tells of a dataset. */
#ifndef HANDGRAD_SRC_OUTPUT_DIAGNOSIS_H
#define HANDGRAD_SRC_OUTPUT_DIAGNOSIS_H

#include "host/doctor/diagnosis.h"
#include "src/command.h"

void hg_diagnosis_print(const struct hg_diagnosis *diagnosis, const struct hg_command *command);
enum hg_status hg_diagnosis_print_json(const struct hg_diagnosis *diagnosis, const struct hg_command *command);

#endif
