#include "kernels/base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

enum {
    MOST_THREADS = 16,
    PIECES_A_THREAD = 32 /* fewer are done before a thread has started */
};

struct work {
    hg_piece_function *piece;
    void *context;
    atomic_size_t next;
    atomic_size_t end; /* nothing is begun from here on: `count`, or a piece that failed */
    pthread_mutex_t lock;
    /* Of piece `end`, where that failed. */
    enum hg_status status;
    char message[1024];
};

static void fail(struct work *work, size_t index, enum hg_status status)
{
    pthread_mutex_lock(&work->lock);
    if (index < work->end) {
        work->end = index;
        work->status = status;
        snprintf(work->message, sizeof work->message, "%s", hg_message());
    }
    pthread_mutex_unlock(&work->lock);
}

/* Pieces are begun in order, so all before one that failed have begun, and will end. */
static void *serve(void *argument)
{
    struct work *work = argument;
    for (;;) {
        const size_t index = atomic_fetch_add(&work->next, 1);
        if (index >= atomic_load(&work->end))
            return NULL;
        const enum hg_status status = work->piece(work->context, index);
        if (status != HG_OK)
            fail(work, index, status);
    }
}

static size_t count_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

enum hg_status hg_parallel(size_t count, hg_piece_function *piece, void *context)
{
    struct work work = {.piece = piece, .context = context, .end = count, .status = HG_OK};
    pthread_t threads[MOST_THREADS];
    size_t wanted = count_processors(), started = 0;
    if (wanted > MOST_THREADS)
        wanted = MOST_THREADS;
    if (wanted > count / PIECES_A_THREAD)
        wanted = count / PIECES_A_THREAD;
    pthread_mutex_init(&work.lock, NULL);
    /* One of them is this one, which does alone what the system has no threads for. */
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, serve, &work) == 0)
        ++started;
    serve(&work);
    for (size_t i = 0; i < started; ++i)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&work.lock);
    return work.status == HG_OK ? HG_OK : hg_fail(work.status, "%s", work.message);
}
