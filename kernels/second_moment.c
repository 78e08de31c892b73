#include "kernels/second_moment.h"

#include "kernels/backend.h"

static const struct hg_backend *computing_backend(void)
{
    const struct hg_backend *const *backend = hg_backends();
    while (*backend && !(*backend)->second_moment)
        ++backend;
    return *backend;
}

static enum hg_status unavailable(void)
{
    return hg_fail(HG_UNAVAILABLE, "no backend of this build computes the second moment of a dataset");
}

enum hg_status hg_second_moment(const struct hg_samples *samples, int threads, double *c, double *square_sum)
{
    const struct hg_backend *backend = computing_backend();
    return backend ? backend->second_moment(samples, threads, c, square_sum) : unavailable();
}

enum hg_status hg_second_moment_loss(const double *c, size_t features, const double *w, size_t latent, double *loss)
{
    const struct hg_backend *backend = computing_backend();
    return backend ? backend->second_moment_loss(c, features, w, latent, loss) : unavailable();
}
