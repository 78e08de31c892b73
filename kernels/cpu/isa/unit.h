/* A byte pixel as a float. */
#ifndef HANDGRAD_KERNELS_CPU_ISA_UNIT_H
#define HANDGRAD_KERNELS_CPU_ISA_UNIT_H

/* v / 255 for every byte v: the result of the division in the other backends, from a table, as the kernels need it for
 * every nonzero pixel. */
extern const float hg_unit[256];

#endif
