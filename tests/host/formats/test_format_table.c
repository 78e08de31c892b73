/* Claims, for every row of the table of formats: each of its endings, in either case and with .gz, and its first bytes
 * under a name that says nothing lead to it and to no other; the sentence that lists the formats and docs/FORMATS.md
 * say what the rows say. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/formats/format.h"
#include "kernels/base/words.h"
#include "tests/support/check.h"
#include "tests/support/documented.h"
#include "tests/support/temporary.h"

static void endings_decide(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_FORMATS; ++i) {
        for (size_t j = 0; hg_formats[i].endings[j]; ++j) {
            char names[2][64];
            snprintf(names[0], sizeof names[0], "no-such-file%s", hg_formats[i].endings[j]);
            snprintf(names[1], sizeof names[1], "no-such-file%s.gz", hg_formats[i].endings[j]);
            for (size_t n = 0; n < COUNT(names); ++n) {
                const struct hg_format *found = NULL;
                assert_ok(hg_format_find(&found, names[n]));
                assert_ptr_equal(found, &hg_formats[i]);
                for (char *c = names[n]; *c; ++c)
                    *c = (char)toupper((unsigned char)*c);
                assert_ok(hg_format_find(&found, names[n]));
                assert_ptr_equal(found, &hg_formats[i]);
            }
        }
    }
}

static void first_bytes_decide_where_the_name_does_not(void **state)
{
    (void)state;
    static const char *const names[] = {"nameless", "nameless.gz", "name.dat"};
    for (size_t i = 0; i < HG_FORMATS; ++i) {
        for (size_t n = 0; n < COUNT(names); ++n) {
            unsigned char bytes[HG_MAGIC_SIZE + 1] = "1,2,3\n";
            const struct hg_format *found = NULL;
            memcpy(bytes, hg_formats[i].magic, hg_formats[i].magic_size);
            assert_ok(hg_format_find(&found, temporary_write(names[n], bytes, sizeof bytes)));
            assert_ptr_equal(found, &hg_formats[i]);
        }
    }
    const struct hg_format *found = NULL;
    assert_fails(HG_NO_INPUT, "none", hg_format_find(&found, temporary_path("none")));
}

static void the_sentence_names_every_format(void **state)
{
    (void)state;
    const char *names[HG_FORMATS + 1] = {NULL};
    char sentence[64];
    for (size_t i = 0; i < HG_FORMATS; ++i)
        names[i] = hg_formats[i].name;
    assert_string_equal(hg_words_join(sentence, sizeof sentence, names, ", ", " or "), HG_FORMAT_NAMES);
}

static void print_row(FILE *to, const struct hg_format *format)
{
    char endings[64];
    fprintf(to, "| %s | `%s` | ", format->name,
            hg_words_join(endings, sizeof endings, format->endings, "`, `", "`, `"));
    for (size_t i = 0; i < format->magic_size; ++i)
        fprintf(to, "%s%02x", i ? " " : "", format->magic[i]);
    fprintf(to, "%s | %s |\n", format->magic_size ? "" : "anything else", format->holds);
}

static void the_document_has_every_row(void **state)
{
    (void)state;
    char *lines = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&lines, &size);
    assert_non_null(memory);
    fputs("| format | names end in | first bytes | holds |\n| --- | --- | --- | --- |\n", memory);
    for (size_t i = 0; i < HG_FORMATS; ++i)
        print_row(memory, &hg_formats[i]);
    fclose(memory);
    assert_documented("FORMATS.md", lines);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings_decide),
        cmocka_unit_test(first_bytes_decide_where_the_name_does_not),
        cmocka_unit_test(the_sentence_names_every_format),
        cmocka_unit_test(the_document_has_every_row),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
