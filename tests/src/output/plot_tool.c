/* Writes a plot, for test_plot.py: plot_tool FILE X_KIND Y_KIND TITLE NOTED, and on standard input a line for each
 * series: its name, a tab, and its numbers x y x y ... in blanks. A FILE that ends in .html is a page around the plot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/output/plot.h"

enum { SERIES = 40, NUMBERS = 1 << 21 };

static double numbers[NUMBERS];

int main(int argc, char **argv)
{
    static struct hg_series series[SERIES];
    struct hg_plot plot = {.title = argv[4], .x_label = "epoch", .y_label = "loss", .series = series};
    char *line = NULL;
    size_t room = 0, used = 0;
    if (argc != 6)
        return EXIT_FAILURE;
    plot.x_kind = (enum hg_axis_kind)atoi(argv[2]);
    plot.y_kind = (enum hg_axis_kind)atoi(argv[3]);
    while (plot.count < SERIES && getline(&line, &room, stdin) > 0) {
        struct hg_series *s = &series[plot.count++];
        char *at = strchr(line, '\t'), *end;
        s->name = strndup(line, (size_t)(at - line));
        const size_t first = used;
        for (double value; value = strtod(at, &end), end != at && used < NUMBERS; at = end)
            numbers[used++] = value;
        s->count = (used - first) / 2;
        double *x = malloc((s->count + 1) * sizeof *x), *y = malloc((s->count + 1) * sizeof *y);
        for (size_t i = 0; i < s->count; ++i) {
            x[i] = numbers[first + 2 * i];
            y[i] = numbers[first + 2 * i + 1];
        }
        s->x = x;
        s->y = y;
        s->noted = (size_t)atol(argv[5]);
        s->note = atol(argv[5]) < 0 ? NULL : "best";
    }
    free(line);
    if (!strstr(argv[1], ".html"))
        return hg_plot_write(argv[1], &plot);
    struct hg_html page = {0};
    hg_html_begin(&page, argv[4]);
    hg_html_markup(&page, "<div class=\"plots\">");
    hg_plot_add(&page, &plot);
    hg_html_markup(&page, "</div>");
    hg_html_end(&page);
    return hg_html_write(argv[1], &page);
}
