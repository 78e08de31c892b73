#include "host/training/principal.h"

#include <math.h>
#include <stdlib.h>

#include "host/training/optimum.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* out[rows][cols] = a[rows][inner] b[inner][cols] */
static void multiply(double *out, const double *a, const double *b, size_t rows, size_t inner, size_t cols)
{
    for (size_t i = 0; i < rows; ++i) {
        double *to = out + i * cols;
        for (size_t j = 0; j < cols; ++j)
            to[j] = 0;
        for (size_t k = 0; k < inner; ++k)
            for (size_t j = 0; j < cols; ++j)
                to[j] += a[i * inner + k] * b[k * cols + j];
    }
}

/* out[rows][cols] = a[rows][inner] b[cols][inner]^T */
static void multiply_transposed(double *out, const double *a, const double *b, size_t rows, size_t inner, size_t cols)
{
    for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < cols; ++j) {
            double sum = 0;
            for (size_t k = 0; k < inner; ++k)
                sum += a[i * inner + k] * b[j * inner + k];
            out[i * cols + j] = sum;
        }
    }
}

/* Buffers of the computation. */
struct work {
    double *square, *vectors; /* [latent][latent] */
    double *values;           /* [latent] */
    double *basis, *image;    /* [latent][features] */
};

static void work_free(struct work *work)
{
    free(work->image);
    free(work->basis);
    free(work->values);
    free(work->vectors);
    free(work->square);
}

static enum hg_status allocate(struct hg_principal *p, struct work *work)
{
    static const char what[] = "the principal directions";
    const size_t m = p->latent, row = p->features * sizeof(double);
    HG_TRY(hg_allocate(&p->values, p->features, what));
    HG_TRY(hg_allocate_bytes(&p->components, m, row, what));
    HG_TRY(hg_allocate_bytes(&p->directions, m, row, what));
    HG_TRY(hg_allocate(&p->moments, m, what));
    HG_TRY(hg_allocate(&p->angles, m, what));
    HG_TRY(hg_allocate_bytes(&work->square, m, m * sizeof(double), what));
    HG_TRY(hg_allocate_bytes(&work->vectors, m, m * sizeof(double), what));
    HG_TRY(hg_allocate(&work->values, m, what));
    HG_TRY(hg_allocate_bytes(&work->basis, m, row, what));
    return hg_allocate_bytes(&work->image, m, row, what);
}

/* basis: an orthonormal one of the space of W's rows, by the eigenvectors of W W^T. */
static enum hg_status find_basis(struct hg_principal *p, struct work *work, const double *w)
{
    const size_t m = p->latent, d = p->features;
    multiply_transposed(work->square, w, w, m, d, m);
    HG_TRY(hg_eigen(work->square, m, work->values, m, work->vectors));
    while (p->rank < m && work->values[p->rank] > 0)
        ++p->rank;
    multiply(work->basis, work->vectors, w, p->rank, m, d);
    for (size_t i = 0; i < p->rank; ++i)
        for (size_t j = 0; j < d; ++j)
            work->basis[i * d + j] /= sqrt(work->values[i]);
    return HG_OK;
}

static void align_signs(struct hg_principal *p)
{
    for (size_t i = 0; i < p->rank; ++i) {
        double *direction = p->directions + i * p->features, product = 0;
        for (size_t j = 0; j < p->features; ++j)
            product += direction[j] * p->components[i * p->features + j];
        for (size_t j = 0; product < 0 && j < p->features; ++j)
            direction[j] = -direction[j];
    }
}

/* The Ritz vectors: eigenvectors of C as the space sees it. */
static enum hg_status find_directions(struct hg_principal *p, struct work *work, const double *c)
{
    multiply(work->image, work->basis, c, p->rank, p->features, p->features);
    multiply_transposed(work->square, work->image, work->basis, p->rank, p->features, p->rank);
    HG_TRY(hg_eigen(work->square, p->rank, p->moments, p->rank, work->vectors));
    multiply(p->directions, work->vectors, work->basis, p->rank, p->rank, p->features);
    align_signs(p);
    return HG_OK;
}

/* The cosines of the principal angles are the singular values of the product of the two orthonormal bases. */
static enum hg_status find_angles(struct hg_principal *p, struct work *work)
{
    size_t known = 0;
    while (known < p->latent && p->values[known] > 0)
        ++known;
    p->angle_count = p->rank < known ? p->rank : known;
    double *products = work->image; /* [rank][known] */
    multiply_transposed(products, work->basis, p->components, p->rank, p->features, known);
    multiply_transposed(work->square, products, products, p->rank, known, p->rank);
    HG_TRY(hg_eigen(work->square, p->rank, work->values, 0, NULL));
    for (size_t i = 0; i < p->angle_count; ++i)
        p->angles[i] = acos(fmin(1, sqrt(work->values[i])));
    return HG_OK;
}

enum hg_status hg_principal_create(struct hg_principal *out, const double *c, size_t features, const double *w,
                                   size_t latent)
{
    struct hg_principal p = {.latent = latent, .features = features};
    struct work work = {0};
    enum hg_status status;
    HG_TRY_OR_CLEANUP(allocate(&p, &work));
    HG_TRY_OR_CLEANUP(hg_eigen(c, features, p.values, latent, p.components));
    HG_TRY_OR_CLEANUP(find_basis(&p, &work, w));
    if (p.rank > 0) {
        HG_TRY_OR_CLEANUP(find_directions(&p, &work, c));
        HG_TRY_OR_CLEANUP(find_angles(&p, &work));
    }
    *out = p;
    p = (struct hg_principal){0}; /* the caller's */
cleanup:
    work_free(&work);
    hg_principal_free(&p);
    return status;
}

void hg_principal_free(struct hg_principal *principal)
{
    free(principal->angles);
    free(principal->moments);
    free(principal->directions);
    free(principal->components);
    free(principal->values);
    *principal = (struct hg_principal){0};
}
