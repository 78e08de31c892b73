#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/bench/bench.h"
#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

enum { CLASSES = 10 };

/* Density of MNIST, for sweeps over anything else. */
static const double USUAL_DENSITY = 0.19;

struct sweep {
    struct hg_train_options options;
    const struct hg_dataset *dataset;
    double seconds;
    hg_bench_point *point;
    void *context;
};

static enum hg_status measure(const struct sweep *s, const struct hg_train_options *options,
                              const struct hg_dataset *dataset, double value)
{
    struct hg_bench_step step;
    HG_TRY(hg_bench_step(&step, options, dataset, s->seconds, false));
    return s->point(s->context, value, &step);
}

static enum hg_status sweep_hidden(const struct sweep *s)
{
    const size_t features = hg_dataset_features(s->dataset);
    for (size_t hidden = 16; hidden <= 4096; hidden *= 2) {
        struct hg_train_options o = s->options;
        o.hidden = hidden;
        if (o.model == HG_AUTOENCODER && hidden > features)
            break;
        HG_TRY(measure(s, &o, s->dataset, (double)hidden));
    }
    return HG_OK;
}

static enum hg_status sweep_batch(const struct sweep *s)
{
    for (size_t batch = 1; batch <= 8192 && batch < hg_dataset_count(s->dataset); batch *= 2) {
        struct hg_train_options o = s->options;
        o.batch_size = batch;
        HG_TRY(measure(s, &o, s->dataset, (double)batch));
    }
    return HG_OK;
}

static enum hg_status sweep_threads(const struct sweep *s)
{
    struct hg_bench_peak peak; /* says how many threads there are */
    HG_TRY(hg_bench_peak(&peak, &s->options));
    if (peak.cpu.threads == 0)
        return hg_fail(HG_USAGE, "axis: only the CPU's backend has threads to sweep; give backend=cpu");
    for (int threads = 1;; threads *= 2) {
        struct hg_train_options o = s->options;
        o.threads = threads < peak.cpu.threads ? threads : peak.cpu.threads;
        HG_TRY(measure(s, &o, s->dataset, o.threads));
        if (threads >= peak.cpu.threads)
            return HG_OK;
    }
}

/* Random bytes; each is nonzero with probability `density`. */
static void draw_pixels(struct hg_random *random, double density, uint8_t *pixels, size_t count)
{
    const uint64_t limit = (uint64_t)(density * 65536);
    for (size_t i = 0; i < count; i += 2) {
        /* Two pixels from 64 bits: of each half, 16 bits decide whether the pixel is nonzero, and 8 its value. */
        uint64_t bits = hg_random_bits(random);
        for (size_t k = i; k < count && k < i + 2; ++k, bits >>= 32)
            pixels[k] = (bits & 0xffff) < limit ? (uint8_t)(1 + (bits >> 16 & 0xff) % 255) : 0;
    }
}

static enum hg_status sweep_density(const struct sweep *s)
{
    static const double densities[] = {0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
    enum { SAMPLES = 8192 };
    const size_t features = hg_dataset_features(s->dataset);
    struct hg_dataset *dataset = NULL;
    struct hg_random random = hg_random_stream(s->options.seed, HG_RANDOM_SYNTHETIC, 0);
    uint8_t *pixels = NULL, *labels = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&pixels, SAMPLES, features, "synthetic samples"));
    HG_TRY_OR_CLEANUP(hg_allocate(&labels, SAMPLES, "synthetic labels"));
    for (size_t i = 0; i < SAMPLES; ++i)
        labels[i] = i % CLASSES;
    for (size_t k = 0; k < sizeof densities / sizeof densities[0]; ++k) {
        draw_pixels(&random, densities[k], pixels, SAMPLES * features);
        HG_TRY_OR_CLEANUP(hg_dataset_from_bytes(&dataset, SAMPLES, 0, features, pixels, labels));
        HG_TRY_OR_CLEANUP(measure(s, &s->options, dataset, densities[k]));
        hg_dataset_free(dataset);
        dataset = NULL;
    }

cleanup:
    hg_dataset_free(dataset);
    free(labels);
    free(pixels);
    return status;
}

/* Writes an IDX file of bytes: `rows` random samples or, where `features` is 1, labels. */
static enum hg_status write_idx(const char *path, size_t rows, size_t features, struct hg_random *random)
{
    enum { BLOCK_ROWS = 1024, UNSIGNED_BYTE = 8 };
    const uint32_t sizes[] = {(uint32_t)rows, (uint32_t)features};
    const size_t dimensions = features == 1 ? 1 : 2;
    uint8_t *block;
    HG_TRY(hg_allocate_bytes(&block, BLOCK_ROWS, features, "synthetic samples"));
    FILE *file = fopen(path, "wb");
    bool written = file != NULL;
    if (written) {
        const uint8_t magic[] = {0, 0, UNSIGNED_BYTE, (uint8_t)dimensions};
        written = fwrite(magic, sizeof magic, 1, file) == 1;
    }
    for (size_t d = 0; written && d < dimensions; ++d) {
        const uint8_t big_endian[] = {(uint8_t)(sizes[d] >> 24), (uint8_t)(sizes[d] >> 16), (uint8_t)(sizes[d] >> 8),
                                      (uint8_t)sizes[d]};
        written = fwrite(big_endian, sizeof big_endian, 1, file) == 1;
    }
    for (size_t row = 0; written && row < rows; row += BLOCK_ROWS) {
        const size_t count = rows - row < BLOCK_ROWS ? rows - row : BLOCK_ROWS;
        if (features > 1)
            draw_pixels(random, USUAL_DENSITY, block, count * features);
        for (size_t i = 0; features == 1 && i < count; ++i)
            block[i] = (uint8_t)((row + i) % CLASSES);
        written = fwrite(block, features, count, file) == count;
    }
    if (file && fclose(file) != 0)
        written = false;
    free(block);
    return written ? HG_OK
                   : hg_fail(HG_CANNOT_CREATE,
                             "%s: cannot write %zu bytes of synthetic samples; set TMPDIR to a "
                             "directory with room, or ask for fewer samples",
                             path, rows * features);
}

static enum hg_status sweep_slices(const struct sweep *s, const struct hg_dataset *all, size_t samples)
{
    size_t used = 0;
    for (size_t count = 1000; used < samples; count *= 4) {
        used = count < samples ? count : samples;
        struct hg_dataset *part = NULL;
        HG_TRY(hg_dataset_slice(&part, all, 0, used));
        const enum hg_status status = measure(s, &s->options, part, (double)used);
        hg_dataset_free(part);
        HG_TRY(status);
    }
    return HG_OK;
}

/* Writes a dataset of synthetic samples to `directory` and maps it into memory. */
static enum hg_status map_synthetic(struct hg_dataset **out, const char *directory, const struct sweep *s,
                                    size_t samples)
{
    char images[4096], labels[4096];
    struct hg_random random = hg_random_stream(s->options.seed, HG_RANDOM_SYNTHETIC, 1);
    enum hg_status status = HG_OK;
    snprintf(images, sizeof images, "%s/train-images-idx3-ubyte", directory);
    snprintf(labels, sizeof labels, "%s/train-labels-idx1-ubyte", directory);
    HG_TRY_OR_CLEANUP(write_idx(images, samples, hg_dataset_features(s->dataset), &random));
    HG_TRY_OR_CLEANUP(write_idx(labels, samples, 1, &random));
    HG_TRY_OR_CLEANUP(hg_dataset_load(out, directory, HG_TRAIN));

cleanup:
    /* The mapping stays valid without the files' names, so that nothing is left behind even if the process is killed.
     */
    unlink(images);
    unlink(labels);
    return status;
}

static enum hg_status sweep_samples(const struct sweep *s, size_t samples)
{
    const char *parent = getenv("TMPDIR");
    char directory[3072];
    struct hg_dataset *all = NULL;
    snprintf(directory, sizeof directory, "%s/handgrad-bench-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(directory))
        return hg_fail(HG_CANNOT_CREATE, "%s: cannot create a temporary directory; set TMPDIR to one that is writable",
                       directory);
    enum hg_status status = map_synthetic(&all, directory, s, samples);
    rmdir(directory);
    HG_TRY(status);
    status = sweep_slices(s, all, samples);
    hg_dataset_free(all);
    return status;
}

enum hg_status hg_bench_sweep(enum hg_bench_axis axis, const struct hg_train_options *options,
                              const struct hg_dataset *dataset, size_t samples, double seconds, hg_bench_point *point,
                              void *context)
{
    const struct sweep sweep = {*options, dataset, seconds, point, context};
    switch (axis) {
    case HG_BENCH_HIDDEN:
        return sweep_hidden(&sweep);
    case HG_BENCH_BATCH:
        return sweep_batch(&sweep);
    case HG_BENCH_THREADS:
        return sweep_threads(&sweep);
    case HG_BENCH_DENSITY:
        return sweep_density(&sweep);
    case HG_BENCH_SAMPLES:
        return sweep_samples(&sweep, samples);
    }
    return hg_fail(HG_USAGE, "there is no such sweep");
}
