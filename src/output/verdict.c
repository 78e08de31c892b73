#include "src/output/verdict.h"

#include "handgrad/check.h"

const struct hg_verdict hg_verdicts[] = {
    [HG_GRADCHECK_HOLDS] = {"holds", "holds"},
    [HG_GRADCHECK_NOT_THE_GRADIENT] = {"not the gradient, as expected", "not the gradient"},
    [HG_GRADCHECK_NOT_JUDGED] = {"nothing to judge: ", "not judged"},
    [HG_GRADCHECK_FAILED] = {"FAILED: ", "failed"},
};
