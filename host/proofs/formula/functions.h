/* The functions of the language and its constant matrices. */
#ifndef HANDGRAD_HOST_PROOFS_FORMULA_FUNCTIONS_H
#define HANDGRAD_HOST_PROOFS_FORMULA_FUNCTIONS_H

#include "host/proofs/formula/tree.h"

struct hg_function {
    const char *name;
    enum hg_node_kind kind;
    const struct hg_element_function *elements;
    double number;
    bool takes_number; /* vector(1): its argument is what it consists of, not its size */
};

/* NULL: there is none. */
const struct hg_function *hg_function_find(const char *name);
/* Their names in names[64]; returns how many. */
size_t hg_function_names(const char **names);

#endif
