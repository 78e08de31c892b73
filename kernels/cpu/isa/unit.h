/* A byte pixel as a float. */
#ifndef HANDGRAD_KERNELS_CPU_ISA_UNIT_H
#define HANDGRAD_KERNELS_CPU_ISA_UNIT_H

/* v / 255 for every byte v: the division that every other backend does, looked up where it is needed by the million. */
extern const float hg_unit[256];

#endif
