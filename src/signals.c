#include "src/signals.h"

#include <signal.h>
#include <stddef.h>

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
enum { WATCHED = sizeof watched / sizeof *watched };

/* What the handler needs to know. */
static struct hg_trainer *volatile watched_trainer;
static volatile sig_atomic_t received;

static struct sigaction before[WATCHED];

static void on_signal(int number)
{
    if (!received) {
        received = number;
        if (watched_trainer)
            hg_trainer_stop(watched_trainer);
    } else if (number != SIGXCPU) { /* the kernel sends that one again every second */
        signal(number, SIG_DFL);
        raise(number); /* takes effect when this handler returns */
    }
}

void hg_signals_watch(struct hg_trainer *trainer)
{
    received = 0;
    watched_trainer = trainer;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < WATCHED; ++i) {
        sigaction(watched[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
}

void hg_signals_forget(void)
{
    for (size_t i = 0; i < WATCHED; ++i)
        sigaction(watched[i], &before[i], NULL);
    watched_trainer = NULL;
}

int hg_signals_received(void)
{
    return received;
}

enum hg_status hg_signals_status(int number)
{
    switch (number) {
    case SIGTERM:
        return HG_TERMINATED;
    case SIGHUP:
        return HG_HUNG_UP;
    case SIGXCPU:
        return HG_OUT_OF_TIME;
    default:
        return HG_INTERRUPTED;
    }
}
