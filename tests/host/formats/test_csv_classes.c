/* Claims: labels of a table may be words, which name the classes; what is no class is refused; a later file is read by
 * the classes of the first. */
#include "tests/support/check.h"

#include <stdio.h>

#include "host/data/dataset.h"
#include "tests/support/table.h"
#include "tests/support/temporary.h"

/* Classes of words are in the order of their bytes, whatever stands first in the file, and numbers among words are
 * words, before the first word too. */
static void labels_may_be_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct hg_data_options columns;
        const char *labels, *first, *last;
        size_t classes;
    } cases[] = {
        {"a,species\n7,virginica\n8,setosa\n", {0}, "10", "setosa", "virginica", 2},
        {"7,Iris-setosa\r\n8,Iris-setosa\r\n", {.label = "last"}, "00", "Iris-setosa", "Iris-setosa", 1},
        {"a;label\n7; \"b \"\"x\"\"; y\" \n8;a\n", {0}, "10", "a", "b \"x\"; y", 2},
        {"a,label\n7,10\n8,A\n", {0}, "01", "10", "A", 2},
        {"label,a\nzebra,7\nZebra,8\n", {0}, "10", "Zebra", "zebra", 2},
        {"label,a\n\xc3\xa4,7\n\xc3\xa9,8\n", {0}, "01", "\xc3\xa4", "\xc3\xa9", 2},
    };
    static const float values[] = {7, 8};
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct hg_dataset *dataset, *part;
        if (table_load(&dataset, cases[i].text, &cases[i].columns) != HG_OK)
            fail_msg("%s: %s", cases[i].text, hg_message());
        assert_int_equal(hg_dataset_classes(dataset), cases[i].classes);
        assert_ok(hg_dataset_slice(&part, dataset, 0, 1)); /* a part has the classes of the whole */
        assert_int_equal(hg_dataset_classes(part), cases[i].classes);
        const char *const *names = hg_dataset_class_names(part);
        assert_string_equal(names[0], cases[i].first);
        assert_string_equal(names[cases[i].classes - 1], cases[i].last);
        assert_null(names[cases[i].classes]);
        hg_dataset_free(part);
        table_assert(dataset, 1, values, cases[i].labels);
    }
    struct hg_dataset *numbers;
    assert_ok(table_load(&numbers, "a,label\n7,3\n8,0\n", NULL));
    assert_null(hg_dataset_class_names(numbers));
    hg_dataset_free(numbers);
}

/* `count` rows, each of another class. */
static void write_classes(char *text, size_t count)
{
    text += sprintf(text, "a,label\n");
    for (size_t i = 0; i < count; ++i)
        text += sprintf(text, "%zu,c%zu\n%zu,c%zu\n", i % 200, i, i % 200, i);
}

static void labels_that_are_no_classes(void **state)
{
    (void)state;
    static char many[256 * 32];
    struct hg_dataset *dataset;
    write_classes(many, 256);
    assert_ok(table_load(&dataset, many, NULL));
    assert_int_equal(hg_dataset_classes(dataset), 256);
    hg_dataset_free(dataset);
    write_classes(many, 257);
    assert_fails(HG_BAD_DATA, "line 514: \"c256\" would be the class number 257", table_load(&dataset, many, NULL));

    static const char names[] = "label,a\nAnn,1\nBea,1\nCy,1\nDan,1\nEve,1\nFay,1\nGil,1\nHal,1\nIda,1\nJo,1\nKim,1\n";
    assert_fails(HG_BAD_DATA, "each of its 11 labels, Ann, Bea", table_load(&dataset, names, NULL));
    static const char *const missing[] = {"", "?", "NA", "nan", "\"\"", "NULL"};
    for (size_t i = 0; i < COUNT(missing); ++i) {
        char text[64];
        snprintf(text, sizeof text, "a,label\n1,3\n1,%s\n", missing[i]);
        assert_fails(HG_BAD_DATA, "line 3: \"", table_load(&dataset, text, NULL));
        snprintf(text, sizeof text, "a,label\n1,cat\n1,%s\n", missing[i]);
        assert_fails(HG_BAD_DATA, "is no label; drop the rows", table_load(&dataset, text, NULL));
    }
}

/* A later file by the classes of the first one, in whose order they stay. */
static void classes_are_taken_by_name(void **state)
{
    (void)state;
    static const char *const classes[] = {"dog", "cat", "7", NULL};
    static const float values[] = {1, 2};
    const struct hg_data_options given = {.feature_count = 1, .class_names = classes};
    struct hg_dataset *later;
    assert_ok(table_load(&later, "a,label\n1,7\n2,dog\n", &given));
    assert_int_equal(hg_dataset_classes(later), 3);
    assert_string_equal(hg_dataset_class_names(later)[2], "7");
    assert_ok(hg_dataset_require_classes(later, classes));
    static const char *const others[] = {"dog", "cat", NULL};
    assert_fails(HG_BAD_DATA, "its class 2 is 7, that of training missing", hg_dataset_require_classes(later, others));
    assert_fails(HG_BAD_DATA, "its labels are names, those of training were numbers",
                 hg_dataset_require_classes(later, NULL));
    table_assert(later, 1, values, "20");
    assert_fails(HG_BAD_DATA, "line 3: \"cow\" is not one of the classes that training saw: 7, cat, dog",
                 table_load(&later, "a,label\n1,cat\n2,cow\n", &given));
    assert_fails(HG_BAD_DATA, "line 2: \"0\" is not one of the classes", table_load(&later, "a,label\n1,0\n", &given));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_may_be_words),
        cmocka_unit_test(labels_that_are_no_classes),
        cmocka_unit_test(classes_are_taken_by_name),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
