/* What gradcheck found, in words. */
#ifndef HANDGRAD_SRC_OUTPUT_VERDICT_H
#define HANDGRAD_SRC_OUTPUT_VERDICT_H

/* Indexed by enum hg_gradcheck_verdict: for tables, where the reason follows, and for JSON. */
extern const struct hg_verdict {
    const char *words, *key;
} hg_verdicts[];

#endif
