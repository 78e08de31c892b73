/* How long a training step takes on this machine, and how long it would take at the machine's limits:
 * docs/PERFORMANCE.md. */
#ifndef HANDGRAD_HOST_BENCH_BENCH_H
#define HANDGRAD_HOST_BENCH_BENCH_H

#include "handgrad/trainer.h"
#include "kernels/peak.h"

/* One training step. Times are of whole steps: gather, forward, backward, update. */
struct hg_bench_step {
    char backend[16], device[128];
    size_t samples, features, rows, hidden; /* rows of the step; 0 < rows <= samples */
    double density;                         /* the fraction of the dataset's values that are not zero */
    uint64_t steps;                         /* measured */
    double median, minimum;                 /* seconds a step, over stretches of some milliseconds */
    double dense_flops;                     /* of a step's matrix products, two for a multiply-add */
    double effective_flops;                 /* the same without products by a zero of the input */
    double bytes; /* the least traffic to memory: weights read once forward, read and written once in the update,
                     velocities read and written once, a batch's samples read once */
    struct hg_phase_time phases[HG_PHASE_TIMES]; /* of one step: seconds and flops; measured in a separate run */
    size_t phase_count;
};

/* Trains steps of the model that `options` describe on `dataset` for about `seconds`, with a learning
 * rate so small that the weights hardly move, whatever the data is. The phases are measured only with `phases`. */
enum hg_status hg_bench_step(struct hg_bench_step *step, const struct hg_train_options *options,
                             const struct hg_dataset *dataset, double seconds, bool phases);

/* The limits to hold a step against. */
struct hg_bench_peak {
    struct hg_peak cpu; /* 0 where the backend does not measure it */
    double gemm;        /* FLOP/s of one large matrix product by the backend's own library */
    size_t gemm_size;   /* of its square matrices */
};
enum hg_status hg_bench_peak(struct hg_bench_peak *peak, const struct hg_train_options *options);

/* How the cost of a step grows with one number, everything else as in `options`. */
enum hg_bench_axis { HG_BENCH_HIDDEN, HG_BENCH_BATCH, HG_BENCH_THREADS, HG_BENCH_DENSITY, HG_BENCH_SAMPLES };
enum { HG_BENCH_AXES = 5 };

/* Called for each point; `value` is the point's place on the axis. A failure ends the sweep. */
typedef enum hg_status hg_bench_point(void *context, double value, const struct hg_bench_step *step);

/* hidden 16 ... 4096, batch 1 ... 8192, threads 1 ... all on `dataset`; density 0.02 ... 1 on synthetic bytes of its
 * shape; samples 1000 ... `samples` of synthetic rows of its shape, mapped from a temporary file (in TMPDIR, or /tmp)
 * of that size. `seconds` is for each point. */
enum hg_status hg_bench_sweep(enum hg_bench_axis axis, const struct hg_train_options *options,
                              const struct hg_dataset *dataset, size_t samples, double seconds, hg_bench_point *point,
                              void *context);

#endif
