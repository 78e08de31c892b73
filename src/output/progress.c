#include "src/output/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    BAR = 24,
    WIDTH = 80,        /* columns where nobody says how wide a terminal is */
    SHOWN_WHOLE = 200, /* epochs up to which each has its line */
    SHOWN = 150,
    FIRST_SHOWN = 10 /* of more epochs: about as many lines, and all of the first ones */
};

/* Seconds between two drawings, and between two lines in a log within one epoch; later in a long training a line comes
 * after each such part of the time so far, so that hundreds of hours make hundreds of lines. */
static const double redraw_after = 0.1, log_after = 30, log_part = 0.05;

double hg_progress_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *hg_progress_rate(char out[16], double rate)
{
    if (rate >= 1e7)
        snprintf(out, 16, "%.1fM", rate / 1e6);
    else if (rate >= 1e4)
        snprintf(out, 16, "%.0fk", rate / 1e3);
    else
        snprintf(out, 16, "%.0f", rate);
    return out;
}

/* Of a training of so many epochs each how-manieth has its line: 1, 2, 5, 10, 20 ... */
static size_t lines_every(size_t epochs)
{
    static const size_t digits[] = {1, 2, 5};
    if (epochs <= SHOWN_WHOLE)
        return 1;
    for (size_t ten = 1;; ten *= 10)
        for (size_t i = 0; i < sizeof digits / sizeof *digits; ++i)
            if (epochs / (digits[i] * ten) <= SHOWN)
                return digits[i] * ten;
}

static bool can_redraw(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

void hg_progress_start(struct hg_progress *progress, const struct hg_trainer *trainer, bool quiet)
{
    const struct hg_train_options *options = hg_trainer_options(trainer);
    const size_t steps = hg_trainer_steps_per_epoch(trainer);
    size_t epochs = options->epochs;
    if (options->steps && (options->steps + steps - 1) / steps < epochs)
        epochs = (options->steps + steps - 1) / steps;
    const size_t done = hg_trainer_epochs_done(trainer);
    *progress = (struct hg_progress){.quiet = quiet,
                                     .terminal = can_redraw(),
                                     .epochs = epochs,
                                     .every = lines_every(epochs),
                                     .epoch = done,
                                     .resumed = done,
                                     .loss = (double)NAN};
    progress->first = (double)done / (double)epochs;
    progress->started = progress->epoch_started = progress->shown = hg_progress_now();
}

void hg_progress_clear(const struct hg_progress *progress)
{
    if (!progress->quiet && progress->terminal)
        fputs("\r\033[K", stderr);
}

void hg_progress_note(struct hg_progress *progress, const char *format, ...)
{
    if (progress->quiet)
        return;
    hg_progress_clear(progress);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void hg_progress_duration(char *out, size_t size, double seconds)
{
    const unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole >= 3600)
        snprintf(out, size, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(out, size, "%lu:%02lu", whole / 60, whole % 60);
}

/* Columns of the terminal, asked anew for each drawing, as windows are resized. COLUMNS can only make it narrower. */
static size_t terminal_width(void)
{
    struct winsize window;
    const char *columns = getenv("COLUMNS");
    const size_t given = columns ? strtoul(columns, NULL, 10) : 0;
    size_t width = given ? given : WIDTH;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 && (!given || window.ws_col < given))
        width = window.ws_col;
    return width;
}

/* What the line of an epoch under way may do without where it is too long, the first of these first. */
enum { WITHOUT_BAR = 1, WITHOUT_RATE, WITHOUT_LOSS, DETAILS };

struct standing {
    double part, left; /* the part of the epoch, or of a training whose epochs are too many; seconds left */
    double rate;
};

static void format_line(char *out, size_t size, const struct hg_progress *p, const struct standing *now, int without)
{
    char bar[BAR + 4] = "", rate[16], speed[32] = "", loss[32] = "", left[32];
    if (p->terminal && without < WITHOUT_BAR) {
        bar[0] = '[';
        memset(bar + 1, '.', BAR);
        memset(bar + 1, '#', (size_t)(now->part * BAR));
        memcpy(bar + 1 + BAR, "] ", 3);
    }
    if (without < WITHOUT_RATE)
        snprintf(speed, sizeof speed, "  %s samples/s", hg_progress_rate(rate, now->rate));
    if (without < WITHOUT_LOSS && isfinite(p->loss))
        snprintf(loss, sizeof loss, "  loss %.4g", p->loss);
    hg_progress_duration(left, sizeof left, now->left);
    snprintf(out, size, "epoch %2zu/%zu  %s%3.0f %%%s%s  left %s", p->epoch + 1, p->epochs, bar, 100 * now->part, speed,
             loss, left);
}

void hg_progress_update(void *context, size_t done, size_t total)
{
    struct hg_progress *p = context;
    const double now = hg_progress_now();
    const double wait = p->terminal ? redraw_after : fmax(log_after, log_part * (now - p->started));
    if (p->quiet || done == 0 || now - p->shown < wait)
        return;
    p->shown = now;

    const double part = (double)done / (double)total;
    const double run = ((double)p->epoch + part) / (double)p->epochs;
    const struct standing standing = {.part = p->every > 1 ? run : part,
                                      .left = (now - p->started) * (1 - run) / (run - p->first),
                                      .rate = (double)done / (now - p->epoch_started)};
    char line[256];
    const size_t width = terminal_width();
    format_line(line, sizeof line, p, &standing, 0);
    if (!p->terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    /* A line that reaches the last column wraps, and could not be taken back. */
    for (int without = 1; strlen(line) >= width && without < DETAILS; ++without)
        format_line(line, sizeof line, p, &standing, without);
    hg_progress_clear(p);
    fprintf(stderr, "%.*s", (int)(width - 1), line);
    fflush(stderr);
}

/* "  test 0.0811 (97.52 %)", as far as the figures are known. */
static void print_figures(const char *name, double loss, double accuracy)
{
    if (isfinite(loss))
        fprintf(stderr, "  %s %.4g", name, loss);
    if (isfinite(accuracy))
        fprintf(stderr, " (%.2f %%)", 100 * accuracy);
}

void hg_progress_epoch(struct hg_progress *p, const struct hg_metrics *m)
{
    p->loss = m->train_loss;
    p->epoch = m->epoch;
    p->epoch_started = hg_progress_now();
    const bool shown = m->epoch % p->every == 0 || m->epoch <= p->resumed + FIRST_SHOWN || m->epoch == p->epochs;
    if (p->quiet || !shown)
        return;
    char rate[16];
    hg_progress_clear(p);
    fprintf(stderr, "epoch %2zu/%zu", m->epoch, p->epochs);
    print_figures("loss", m->train_loss, m->train_accuracy);
    if (isfinite(m->optimality_gap))
        fprintf(stderr, ", %.3g %% above the best possible", 100 * m->optimality_gap);
    else if (isfinite(m->optimality_distance))
        fprintf(stderr, ", %.3g above the best possible, 0", m->optimality_distance);
    print_figures("validation", m->validation_loss, m->validation_accuracy);
    print_figures("test", m->test_loss, m->test_accuracy);
    fprintf(stderr, "  %.2f s, %s samples/s\n", m->seconds, hg_progress_rate(rate, m->samples_per_second));
}
