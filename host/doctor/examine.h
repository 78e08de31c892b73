/* The parts of a diagnosis. Each fills in its facts and adds its findings. */
#ifndef HANDGRAD_HOST_DOCTOR_EXAMINE_H
#define HANDGRAD_HOST_DOCTOR_EXAMINE_H

#include "host/doctor/diagnosis.h"

/* Adds a finding, behind those that are as severe. There is room for all that can be found. */
void hg_find(struct hg_diagnosis *diagnosis, enum hg_severity severity, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

enum hg_status hg_examine_rows(struct hg_diagnosis *diagnosis);     /* rows.c: repeats, blanks, the two splits */
enum hg_status hg_examine_features(struct hg_diagnosis *diagnosis); /* features.c: constants, scales, leaks */
void hg_examine_labels(struct hg_diagnosis *diagnosis);             /* labels.c: balance, order, kind */
enum hg_status hg_examine_mlp(struct hg_diagnosis *diagnosis, int threads);         /* trials.c */
enum hg_status hg_examine_autoencoder(struct hg_diagnosis *diagnosis, int threads); /* trials.c */

#endif
