/* What check --explain says: a derivation line by line. */
#ifndef HANDGRAD_SRC_OUTPUT_EXPLANATION_H
#define HANDGRAD_SRC_OUTPUT_EXPLANATION_H

#include "host/proofs/formula/explain.h"
#include "src/output/json.h"

/* On standard output, in lines of at most 80 characters (a formula of the user's may be longer). */
void hg_explanation_print(const struct hg_explanation *explanation);
/* As the member "explanation". */
void hg_explanation_add_json(struct hg_json *json, const struct hg_explanation *explanation);

#endif
