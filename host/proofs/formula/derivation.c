#include "host/proofs/formula/derivation.h"

#include <string.h>

static const char FORWARD[] = "Forward", CHANGE[] = "What changes along the direction",
                  BACKWARD[] = "Backward: what that changes L by";

static const struct hg_derivation_line autoencoder[] = {
    {HG_BY_W, FORWARD, "A1", "z", "W*X", .words = "the code: the first use of W"},
    {HG_BY_W, FORWARD, "A2", "xhat", "W'*z", .words = "the reconstruction: the second use of W"},
    {HG_BY_W, FORWARD, "A3", "L", "sum((xhat - X).^2)/(2*N)", .words = ""},
    {HG_BY_W, CHANGE, "", "z_d", NULL, .words = ""},
    {HG_BY_W, CHANGE, "", "xhat_d", NULL, .words = "one term for each use of W"},
    {HG_BY_W, BACKWARD, "A4", "v", "xhat - X", NULL, "sum(v.*xhat_d)/N",
     "by xhat, through which all of L's change passes"},
    {HG_BY_W, BACKWARD, "", "L_e", "sum(v.*(W'*z_d))/N", .words = "the encoder's part of it"},
    {HG_BY_W, BACKWARD, "A5", "E", "W*v*X'/N", "W", NULL, "the same number, with W_d alone on one side"},
    {HG_BY_W, BACKWARD, "", "L_d", "sum(v.*(W_d'*z))/N", .words = "the decoder's part of it"},
    {HG_BY_W, BACKWARD, "A6", "D", "z*v'/N", "W", NULL, "the same number, with W_d alone on one side"},
    {HG_BY_W, BACKWARD, "A7", "dL/dW", "E + D", NULL, "sum((E + D).*W_d)", "the gradient"},
    {HG_BY_W, BACKWARD, "A8", "2E", "2*E", NULL, "sum((2*E).*W_d)",
     "not the gradient: it takes D for E, whose size is the same"},
    {.name = NULL},
};

static const struct hg_derivation_change autoencoder_changes[] = {
    {HG_BY_W, {"z_d", "W_d*X"}},
    {HG_BY_W, {"xhat_d", "W_d'*z + W'*z_d"}},
    {.definition = {.name = NULL}},
};

enum {
    BELOW = HG_BY_W1 | HG_BY_B1 | HG_BY_ALL, /* reach the loss through z1 */
    THROUGH_Z1 = BELOW | HG_BY_Z1,
    THROUGH_H = THROUGH_Z1 | HG_BY_H,
    ABOVE = HG_BY_W2 | HG_BY_B2,
    THROUGH_Z2 = THROUGH_H | ABOVE,
    ANY = THROUGH_Z2 | HG_BY_Z2
};

static const struct hg_derivation_line mlp[] = {
    {BELOW | ABOVE, FORWARD, "M1", "z1", "W1*X + b1", .words = ""},
    {THROUGH_Z1 | ABOVE, FORWARD, "M2", "h", "swish(z1)", .words = ""},
    {THROUGH_Z2, FORWARD, "M3", "z2", "W2*h + b2", .words = ""},
    {ANY, FORWARD, "", "p", "softmax(z2)", .words = ""},
    {ANY, FORWARD, "M4", "L", "-sum(Y.*logsoftmax(z2))/N", .words = ""},
    {BELOW, CHANGE, "", "z1_d", NULL, .words = ""},
    {THROUGH_Z1, CHANGE, "M9", "h_d", NULL, .words = "dswish is Swish', element by element"},
    {THROUGH_Z2, CHANGE, "", "z2_d", NULL, .words = ""},
    {ANY, BACKWARD, "M5", "dz2", "p - Y", NULL, "sum(dz2.*z2_d)/N", "by z2, through which all of L's change passes"},
    {HG_BY_Z2, BACKWARD, "", "dL/dz2", "dz2/N", "z2", NULL, "the gradient: L is the mean, dz2 each sample's own"},
    {HG_BY_B2 | HG_BY_ALL, BACKWARD, "M6", "dL/db2", "dz2*ones(N, 1)/N", "b2", NULL,
     "the sum over the samples: b2 serves each"},
    {HG_BY_W2 | HG_BY_ALL, BACKWARD, "M7", "dL/dW2", "dz2*h'/N", "W2", NULL,
     "the factor beside W2, transposed, on the right"},
    {THROUGH_H, BACKWARD, "M8", "dh", "W2'*dz2", NULL, "sum(dh.*h_d)/N",
     "by h: the factor beside it, transposed, on the left"},
    {HG_BY_H, BACKWARD, "", "dL/dh", "dh/N", "h", NULL, "the gradient: L is the mean, dh each sample's own"},
    {THROUGH_Z1, BACKWARD, "M10", "dz1", "dswish(z1).*dh", NULL, "sum(dz1.*z1_d)/N",
     "by z1: element by element, so Swish' is a factor of each"},
    {HG_BY_Z1, BACKWARD, "", "dL/dz1", "dz1/N", "z1", NULL, "the gradient: L is the mean, dz1 each sample's own"},
    {HG_BY_B1 | HG_BY_ALL, BACKWARD, "M11", "dL/db1", "dz1*ones(N, 1)/N", "b1", NULL,
     "the sum over the samples: b1 serves each"},
    {HG_BY_W1 | HG_BY_ALL, BACKWARD, "M12", "dL/dW1", "dz1*X'/N", "W1", NULL,
     "the factor beside W1, transposed, on the right"},
    {.name = NULL},
};

static const struct hg_derivation_change mlp_changes[] = {
    {HG_BY_W1, {"z1_d", "W1_d*X"}},
    {HG_BY_B1, {"z1_d", "b1_d*ones(1, N)"}},
    {HG_BY_ALL, {"z1_d", "W1_d*X + b1_d"}},
    {THROUGH_Z1, {"h_d", "dswish(z1).*z1_d"}},
    {HG_BY_W2, {"z2_d", "W2_d*h"}},
    {HG_BY_B2, {"z2_d", "b2_d*ones(1, N)"}},
    {HG_BY_ALL, {"z2_d", "W2_d*h + b2_d + W2*h_d"}},
    {THROUGH_H, {"z2_d", "W2*h_d"}},
    {.definition = {.name = NULL}},
};

const struct hg_derivation hg_derivation_autoencoder = {autoencoder, autoencoder_changes};
const struct hg_derivation hg_derivation_mlp = {mlp, mlp_changes};

static const struct {
    unsigned by;
    const char *name;
} names[] = {{HG_BY_W, "W"},
             {HG_BY_W1 | HG_BY_ALL, "W1"},
             {HG_BY_B1 | HG_BY_ALL, "b1"},
             {HG_BY_W2 | HG_BY_ALL, "W2"},
             {HG_BY_B2 | HG_BY_ALL, "b2"},
             {HG_BY_Z1, "z1"},
             {HG_BY_H, "h"},
             {HG_BY_Z2, "z2"}};

size_t hg_derivation_names(const char *out[5], unsigned by)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (names[i].by & by)
            out[count++] = names[i].name;
    out[count] = NULL;
    return count;
}

unsigned hg_derivation_by(enum hg_formula_model model, const char *of)
{
    if (!of)
        return model == HG_FORMULA_AUTOENCODER ? HG_BY_W : HG_BY_ALL;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strcmp(names[i].name, of) == 0 && (names[i].by == HG_BY_W) == (model == HG_FORMULA_AUTOENCODER))
            return names[i].by & ~(unsigned)HG_BY_ALL;
    return 0;
}
