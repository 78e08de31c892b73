#include "src/output/csv.h"

#include <stdio.h>
#include <string.h>

#include "kernels/base/try.h"
#include "src/standard_output.h"

enum { NUMBER = 32 /* characters that a number takes at most */ };

enum hg_status hg_csv_open(struct hg_writer *out, const char *file)
{
    return file ? hg_writer_open(out, file) : hg_standard_output_attach(out);
}

enum hg_status hg_csv_put_number(struct hg_writer *writer, float value)
{
    char *room;
    HG_TRY(hg_writer_room(writer, NUMBER, &room));
    hg_writer_advance(writer, (size_t)snprintf(room, NUMBER, "%.9g", (double)value));
    return HG_OK;
}

enum hg_status hg_csv_put_index(struct hg_writer *writer, size_t value)
{
    char *room;
    HG_TRY(hg_writer_room(writer, NUMBER, &room));
    hg_writer_advance(writer, (size_t)snprintf(room, NUMBER, "%zu", value));
    return HG_OK;
}

enum hg_status hg_csv_put_text(struct hg_writer *writer, const char *text)
{
    const size_t length = strlen(text);
    const bool blank_ends = length > 0 && (strchr(" \t", text[0]) || strchr(" \t", text[length - 1]));
    if (!text[strcspn(text, ",;\"\r\n")] && !blank_ends)
        return hg_writer_write(writer, text, length);
    HG_TRY(hg_writer_text(writer, "\""));
    while (*text) {
        const size_t plain = strcspn(text, "\"");
        HG_TRY(hg_writer_write(writer, text, plain));
        text += plain;
        if (*text) {
            HG_TRY(hg_writer_text(writer, "\"\""));
            ++text;
        }
    }
    return hg_writer_text(writer, "\"");
}
