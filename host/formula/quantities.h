/* The autoencoder's quantities in the language of formulas, with samples as columns: docs/MATH.md (A1), (A2), (A4) to
 * (A6). */
#ifndef HANDGRAD_HOST_FORMULA_QUANTITIES_H
#define HANDGRAD_HOST_FORMULA_QUANTITIES_H

#include "host/formula/tree.h"

/* z, xhat, v, E and D, by W, X and N; the last has no name. */
extern const struct hg_definition hg_autoencoder_quantities[];

#endif
