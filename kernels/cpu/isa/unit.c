#include "kernels/cpu/isa/unit.h"

#define ONE(v) ((float)(v) / 255.0f)
#define FOUR(v) ONE(v), ONE((v) + 1), ONE((v) + 2), ONE((v) + 3)
#define SIXTEEN(v) FOUR(v), FOUR((v) + 4), FOUR((v) + 8), FOUR((v) + 12)
#define SIXTY_FOUR(v) SIXTEEN(v), SIXTEEN((v) + 16), SIXTEEN((v) + 32), SIXTEEN((v) + 48)

const float hg_unit[256] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};
