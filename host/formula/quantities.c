#include "host/formula/quantities.h"

const struct hg_definition hg_autoencoder_quantities[] = {
    {"z", "W*X"}, {"xhat", "W'*z"}, {"v", "xhat - X"}, {"E", "W*v*X'/N"}, {"D", "z*v'/N"}, {NULL, NULL},
};
