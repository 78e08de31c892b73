#include "kernels/cpu/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define PAUSE() _mm_pause()
#else
#define PAUSE() sched_yield()
#endif

/* How often a waiting thread looks before it offers its core to others (in a barrier) or sleeps (between calls). That
 * takes some 20 to 100 us: longer than one thread usually waits for another within a step, or from one op to the next,
 * and too short to bother other programs. */
enum { SPINS = 2000, CACHE_LINE = 64 };

struct hg_team { /* NOLINT(clang-analyzer-optin.performance.Padding): the padding is meant */
    int size;
    int created; /* threads started so far */
    pthread_t *threads;
    struct seat *seats;

    pthread_mutex_t lock; /* guards sleeping */
    pthread_cond_t wake;
    bool stop;
    void (*work)(void *argument, int thread);
    void *argument;

    /* Written in every barrier and call: a cache line each, so that they do not slow each other down. */
    _Alignas(CACHE_LINE) atomic_uint call;    /* counts calls of run */
    _Alignas(CACHE_LINE) atomic_int arrived;  /* threads that wait in the barrier */
    _Alignas(CACHE_LINE) atomic_uint passage; /* counts completed barriers */
};

struct seat {
    struct hg_team *team;
    int thread;
};

void hg_team_barrier(struct hg_team *team)
{
    if (team->size == 1)
        return;
    /* Read before arriving: as soon as this thread has, the last one may complete the barrier. */
    const unsigned passage = atomic_load_explicit(&team->passage, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) == team->size - 1) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&team->passage, passage + 1, memory_order_release);
        return;
    }
    for (int spins = 0; atomic_load_explicit(&team->passage, memory_order_acquire) == passage;) {
        if (++spins < SPINS)
            PAUSE();
        else
            sched_yield(); /* with more threads than cores, the thread we wait for may need this one */
    }
}

/* Waits for a call after the one numbered `seen`: first spinning, then asleep. */
static void await_call(struct hg_team *team, unsigned seen)
{
    for (int spins = 0; spins < SPINS; ++spins) {
        if (atomic_load_explicit(&team->call, memory_order_acquire) != seen)
            return;
        PAUSE();
    }
    pthread_mutex_lock(&team->lock);
    while (atomic_load_explicit(&team->call, memory_order_acquire) == seen)
        pthread_cond_wait(&team->wake, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

static void announce_call(struct hg_team *team)
{
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add_explicit(&team->call, 1, memory_order_release);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
}

static void *serve(void *argument)
{
    const struct seat *seat = argument;
    struct hg_team *team = seat->team;
    for (unsigned seen = 0;; ++seen) {
        await_call(team, seen);
        if (team->stop)
            return NULL;
        team->work(team->argument, seat->thread);
        hg_team_barrier(team);
    }
}

void hg_team_run(struct hg_team *team, void (*work)(void *argument, int thread), void *argument)
{
    if (team->size > 1) {
        team->work = work;
        team->argument = argument;
        announce_call(team);
    }
    work(argument, 0);
    hg_team_barrier(team);
}

int hg_team_size(const struct hg_team *team)
{
    return team->size;
}

enum hg_status hg_team_create(struct hg_team **out, int threads)
{
    struct hg_team *team;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_aligned(&team, CACHE_LINE, sizeof *team, "a team of threads"));
    *team = (struct hg_team){.size = threads};
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->wake, NULL);
    HG_TRY_OR_CLEANUP(hg_allocate(&team->threads, (size_t)threads, "a team of threads"));
    HG_TRY_OR_CLEANUP(hg_allocate(&team->seats, (size_t)threads, "a team of threads"));
    for (int i = 1; i < threads; ++i) {
        team->seats[i] = (struct seat){team, i};
        if (pthread_create(&team->threads[i], NULL, serve, &team->seats[i]) != 0) {
            status = hg_fail(HG_INTERNAL, "cannot start thread %d of %d; ask for fewer threads", i + 1, threads);
            goto cleanup;
        }
        team->created = i;
    }
    *out = team;
    return HG_OK;

cleanup:
    hg_team_free(team);
    return status;
}

void hg_team_free(struct hg_team *team)
{
    if (!team)
        return;
    team->stop = true;
    announce_call(team);
    for (int i = 1; i <= team->created; ++i)
        pthread_join(team->threads[i], NULL);
    free(team->seats);
    free(team->threads);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->lock);
    free(team);
}
