/* The functions of the language and its constant matrices. */
#ifndef HANDGRAD_HOST_FORMULA_FUNCTIONS_H
#define HANDGRAD_HOST_FORMULA_FUNCTIONS_H

#include "host/formula/tree.h"

struct hg_function {
    const char *name;
    const struct hg_element_function *elements; /* of HG_NODE_ELEMENTS */
    double number;                              /* of a constant */
    enum hg_node_kind kind;
    bool takes_number; /* vector(1): its argument is what it consists of, not its size */
};

/* false: there is none of that name. */
bool hg_function_find(struct hg_function *out, const char *name);
/* Their names in names[64]; returns how many. */
size_t hg_function_names(const char **names);

#endif
