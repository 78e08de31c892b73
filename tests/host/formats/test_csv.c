/* Claims, on tables as pandas, Kaggle, OpenML, UCI, R, NumPy and spreadsheets write them: the labels and the features
 * are those that a reader of the header would take; without a header the reader says what it took; what is ambiguous is
 * asked about, with the option that answers it, and never guessed. Words as labels: test_csv_classes.c; malformed rows:
 * test_bad_input.c. */
#include "tests/support/check.h"

#include <stdio.h>

#include "host/data/dataset.h"
#include "tests/support/table.h"
#include "tests/support/temporary.h"

#define NO_LABELS ""

static void csv_in_the_ways_people_write_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum hg_element element;
        bool labelled;
        float first[4]; /* the values of two rows of two, as hg_dataset_sample gives them times `unit` */
        float unit;
    } cases[] = {
        {"1,2\n3,4\n", HG_U8, false, {1, 2, 3, 4}, 255},
        {"1,2\n3,4", HG_U8, false, {1, 2, 3, 4}, 255},
        {"\xef\xbb\xbf"
         "1,2\r\n3,4\r\n",
         HG_U8,
         false,
         {1, 2, 3, 4},
         255},
        {"\n1;2\n\n 3 ; 004 \n\n", HG_U8, false, {1, 2, 3, 4}, 255},
        {"1\t2\n3\t4\n", HG_U8, false, {1, 2, 3, 4}, 255},
        {"a,b\n1,2\n3,4\n", HG_U8, false, {1, 2, 3, 4}, 255},
        {"\"Label\",a,b\n9,1,2\n8,3,4\n", HG_U8, true, {1, 2, 3, 4}, 255},
        {"label\ta\tb\n9\t1\t2\n8\t3\t4\n", HG_U8, true, {1, 2, 3, 4}, 255},
        {"labelled,a\n1,2\n3,4\n", HG_U8, false, {1, 2, 3, 4}, 255},
        {"1,2\n3,256\n", HG_F32, false, {1, 2, 3, 256}, 1},
        {"1,2\n3,-4\n", HG_F32, false, {1, 2, 3, -4}, 1},
        {"1.0,2\n3,4\n", HG_F32, false, {1, 2, 3, 4}, 1},
        {"-1.5e0,+2\n.25,1E2\n", HG_F32, false, {-1.5F, 2, 0.25F, 100}, 1},
        {"label,a,b\n9,0.5,2\n8,3,4\n", HG_F32, true, {0.5F, 2, 3, 4}, 1},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        temporary_write("some.csv", cases[i].text, strlen(cases[i].text));
        struct hg_dataset *dataset;
        assert_ok(hg_dataset_read(&dataset, temporary_path("some.csv")));
        assert_int_equal(hg_dataset_count(dataset), 2);
        assert_int_equal(hg_dataset_features(dataset), 2);
        assert_int_equal(hg_dataset_samples(dataset)->element, cases[i].element);
        assert_int_equal(hg_dataset_labels(dataset) != NULL, cases[i].labelled);
        for (size_t n = 0; n < 2; ++n) {
            float sample[2];
            hg_dataset_sample(dataset, n, sample);
            for (size_t d = 0; d < 2; ++d)
                assert_true(sample[d] == cases[i].first[2 * n + d] / cases[i].unit);
        }
        hg_dataset_free(dataset);
    }
}

static void columns_are_what_their_header_says(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct hg_data_options columns;
        size_t features;
        float values[8];
        const char *labels;
    } cases[] = {
        /* Kaggle's digits, a table of OpenML, one of scikit-learn. */
        {"label,pixel0,pixel1\n3,0,255\n9,17,4\n", {0}, 2, {0, 255, 17, 4}, "39"},
        {"\"pixel1\",\"pixel2\",\"class\"\n0,255,3\n17,4,9\n", {0}, 2, {0, 255, 17, 4}, "39"},
        {"a,b,target\n0.5,2,1\n3,4,0\n", {0}, 2, {0.5F, 2, 3, 4}, "10"},
        {"A;CLASS;B\n1;3;2\n4;9;5\n", {0}, 2, {1, 2, 4, 5}, "39"},
        /* y is the label, unless there is a better one: then it is a coordinate. */
        {"x1,x2,y\n1,2,0\n3,4,1\n", {0}, 2, {1, 2, 3, 4}, "01"},
        {"x,y,label\n1,2,0\n3,4,1\n", {0}, 2, {1, 2, 3, 4}, "01"},
        /* The index that pandas writes without being asked, one that it has read and written again, Kaggle's Id. */
        {",a,b,label\n0,1,2,5\n1,3,4,6\n", {0}, 2, {1, 2, 3, 4}, "56"},
        {",0,1,2,label\n0,7,8,9,5\n1,4,5,6,6\n", {0}, 3, {7, 8, 9, 4, 5, 6}, "56"},
        {"Unnamed: 0,a,b,label\n0,1,2,5\n1,3,4,6\n", {0}, 2, {1, 2, 3, 4}, "56"},
        {"Id,SepalLengthCm,PetalLengthCm,Species\n1,5.1,1.4,0\n2,4.9,1.5,1\n", {0}, 2, {5.1F, 1.4F, 4.9F, 1.5F}, "01"},
        {"label,index\n5,3\n6,2\n", {.skip = "none"}, 1, {3, 2}, "56"},
        /* R quotes the names of rows. */
        {"\"\",\"a\",\"b\",\"class\"\n\"1\",1,2,5\n\"2\",3,4,6\n", {0}, 2, {1, 2, 3, 4}, "56"},
        /* Integer names beside a named label; a header of nothing but the numbers that pandas counts with. */
        {"0,1,label\n7,8,5\n9,10,6\n", {0}, 2, {7, 8, 9, 10}, "56"},
        {"label,0,1\n5,7,8\n6,9,10\n", {0}, 2, {7, 8, 9, 10}, "56"},
        {"0,1,2,3,4\n1,0.5,2,3,4\n0,5,6,7,8\n", {.label = "0"}, 4, {0.5F, 2, 3, 4, 5, 6, 7, 8}, "10"},
        /* NumPy's header; labels as floats, as np.savetxt writes all of them. */
        {"# a,b,label\n1.5,2,3.0\n3,4,4.000e+00\n", {0}, 2, {1.5F, 2, 3, 4}, "34"},
        /* As the user says: by name in any case, by number, as the last, as none. */
        {"a,b,variety\n1,2,5\n3,4,6\n", {.label = "Variety"}, 2, {1, 2, 3, 4}, "56"},
        {"a,b,variety\n1,2,5\n3,4,6\n", {.label = "3"}, 2, {1, 2, 3, 4}, "56"},
        {"1,2,5\n3,4,6\n", {.label = "last"}, 2, {1, 2, 3, 4}, "56"},
        {"1,2,5\n3,4,6\n", {.label = "none"}, 3, {1, 2, 5, 3, 4, 6}, NO_LABELS},
        {"5,1,2\n6,3,4\n", {0}, 2, {1, 2, 3, 4}, "56"},
        {"7,5,1,2\n8,6,3,4\n", {.skip = "1"}, 2, {1, 2, 3, 4}, "56"},
        {"name,a,\"b, c\",label\n\"x, y\",1,2,5\nz,3,4,6\n", {.skip = "name"}, 2, {1, 2, 3, 4}, "56"},
        {"a,b,c,label\n1,9,2,5\n3,8,4,6\n", {.skip = "b"}, 2, {1, 2, 3, 4}, "56"},
        /* A spreadsheet's byte order mark; quotes round everything. */
        {"\xef\xbb\xbf\"label\";\"a\"\r\n\"5\";\"1,5\"\r\n", {.header = HG_HEADER_YES, .skip = "a"}, 0, {0}, NULL},
        {"\"label\",\"a\"\n\"5\",\"1.5\"\n\"6\",\"2\"\n", {0}, 1, {1.5F, 2}, "56"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct hg_dataset *dataset;
        if (!cases[i].labels) {
            assert_fails(HG_BAD_DATA, "no samples, only labels",
                         table_load(&dataset, cases[i].text, &cases[i].columns));
            continue;
        }
        const enum hg_status status = table_load(&dataset, cases[i].text, &cases[i].columns);
        if (status != HG_OK)
            fail_msg("%s: %s", cases[i].text, hg_message());
        table_assert(dataset, cases[i].features, cases[i].values, cases[i].labels);
    }
}

/* The cure is in the message, as the option or as a line of pandas. */
static void what_is_ambiguous_is_asked_about(void **state)
{
    (void)state;
    static const char pandas_renamed[] = "5,0,0.1,0.2,0.3,18\n0,0,0,0,0,3\n";
    static const struct {
        const char *text, *says;
        struct hg_data_options columns;
    } cases[] = {
        {"a,b,variety\n1,2,0\n3,4,1\n", "none of its columns (a, b, variety) is called label, labels, class", {0}},
        {"a,b,variety\n1,2,0\n3,4,1\n", "label=NAME, or label=none", {0}},
        {"class,a,target\n1,2,0\n0,4,1\n",
         "\"class\" and \"target\" may each hold the labels; say which with label=class",
         {0}},
        {"0,1,2\n5,7,8\n6,9,10\n", "header=yes or header=no says which", {0}},
        {"0,1\n0.5,7\n0.25,9\n", "header=yes or header=no says which", {0}},
        {"1,2,3,4,5\n2,3,4,5,6\n3,4,5,6,7\n", "header=yes or header=no says which", {0}},
        {pandas_renamed, "header=None", {0}},
        {"0,7,8\n1,9,10\n2,1,2\n3,1,2\n4,1,2\n5,1,2\n6,1,2\n7,1,2\n8,1,2\n9,1,2\n10,1,2\n", "skip_columns=1", {0}},
        /* A first row with a gap in it is a row, not a header. */
        {",3,4\n5,3,4\n", "line 1: \"\" is no label", {0}},
        {"5,NA,4\n5,3,4\n", "line 1, column 2: \"NA\" is not a finite number; fill the gaps in first", {0}},
        {"5,3,?\n5,3,4\n", "line 1, column 3", {0}},
        /* Iris as UCI has it: no header, and the labels are texts in the last column. */
        {"5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n", "label=last", {0}},
        {"a,b,label\n1,2,300\n", "is not an integer 0 ... 255; label=COLUMN", {0}},
        {"a,b,label\n1,2,1.5\n", "is not an integer 0 ... 255; label=COLUMN", {0}},
        {"a,b,label\n1,2,-1\n", "is not an integer 0 ... 255; label=COLUMN", {0}},
        /* Decimal commas make more columns than the header has. */
        {"label,a,b\n3,1,5,2,5\n",
         "line 2 has 5 columns, but the header 3; are its numbers written with decimal commas",
         {0}},
        {"a,b\n1,2,3\n", "but the header 2", {.label = "a"}},
        {"label;a\n3;1,5\n", "\"1,5\" is not a finite number; write numbers with a decimal point", {0}},
        {"1 2 3\n4 5 6\n", "separate the columns by commas", {.label = "none"}},
        {"0.000e+00 1.000e+00\n2.000e+00 3.000e+00\n", "numpy.savetxt", {0}},
        {"label,a\n3,1 2\n", "separate the columns by commas", {0}},
        {"label,a,name\n3,1,Ann\n", "skip_columns=COLUMN", {0}},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct hg_dataset *dataset;
        assert_fails(HG_BAD_DATA, cases[i].says, table_load(&dataset, cases[i].text, &cases[i].columns));
    }
}

static void options_that_name_no_column(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        struct hg_data_options columns;
    } cases[] = {
        {"a,b,label\n1,2,3\n", "label: ", {.label = "Label2"}},
        {"a,b,label\n1,2,3\n", "has no column \"Label2\", but a, b, label", {.label = "Label2"}},
        {"a,b,label\n1,2,3\n", "has no column \"4\"", {.label = "4"}},
        {"1,2,3\n4,5,6\n", "has no header and 3 columns; \"a\" is none of them", {.label = "a"}},
        {"a,b,label\n1,2,3\n", "skip_columns: ", {.skip = "a,c"}},
        {"a,b,a,label\n1,2,3,4\n", "several columns called \"a\"; give its number", {.skip = "a"}},
        {"a,b,label\n1,2,3\n", "also one of skip_columns", {.label = "b", .skip = "b"}},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct hg_dataset *dataset;
        assert_fails(HG_USAGE, cases[i].says, table_load(&dataset, cases[i].text, &cases[i].columns));
    }
}

static void notes_say_what_was_taken_for_what(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        struct hg_data_options columns;
    } cases[] = {
        {"5,1,2\n6,3,4\n", "it has no header; the first column is taken for the labels", {0}},
        {"Id,a,label\n5,1,2\n6,3,4\n", "the column \"Id\" is left out (skip_columns=none", {0}},
        {"0,1,2,3,4,5\n1,1,2,3,4,5\n2,3,4,5,6,7\n",
         "its first line, 0 ... 5, is taken for a header (header=no",
         {.label = "0"}},
        {"label,a,b\n5,1,2\n6,3,4\n", "", {0}},
        {"1,2,5\n3,4,6\n", "", {.label = "last"}},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct hg_dataset *dataset;
        const enum hg_status status = table_load(&dataset, cases[i].text, &cases[i].columns);
        if (status != HG_OK)
            fail_msg("%s: %s", cases[i].text, hg_message());
        if (*cases[i].says ? !strstr(hg_dataset_note(dataset), cases[i].says) : *hg_dataset_note(dataset))
            fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].text, hg_dataset_note(dataset), cases[i].says);
        hg_dataset_free(dataset);
    }
}

/* A later file by the columns of the first one. */
static void columns_are_taken_by_name(void **state)
{
    (void)state;
    struct hg_dataset *train, *later;
    assert_ok(table_load(&train, "Id,a,b,label\n1,10,20,5\n2,30,40,6\n", NULL));
    assert_string_equal(hg_dataset_columns(train)[0], "a");
    assert_string_equal(hg_dataset_columns(train)[1], "b");
    assert_null(hg_dataset_columns(train)[2]);
    const struct hg_data_options columns = {.feature_count = 2, .features = hg_dataset_columns(train)};
    static const float values[] = {10, 20, 30, 40};
    static const struct {
        const char *text, *labels;
    } read[] = {
        {"Id,a,b,label\n1,10,20,5\n2,30,40,6\n", "56"},
        {"b,label,a\n20,5,10\n40,6,30\n", "56"},   /* in another order */
        {"Id,a,b\n1,10,20\n2,30,40\n", NO_LABELS}, /* Kaggle's test.csv */
        {"10,20\n30,40\n", NO_LABELS},
    };
    for (size_t i = 0; i < COUNT(read); ++i) {
        if (table_load(&later, read[i].text, &columns) != HG_OK)
            fail_msg("%s: %s", read[i].text, hg_message());
        table_assert(later, 2, values, read[i].labels);
    }
    static const struct {
        const char *text, *says;
    } refused[] = {
        {"a,c,label\n10,20,5\n", "its column \"c\" is not one of the training data's"},
        {"a,b,c,label\n10,20,30,5\n", "skip_columns=c"},
        {"a,label\n10,5\n", "has no column \"b\", which the training data has"},
        {"a,b,a,label\n10,20,10,5\n", "its column \"a\" is there twice"},
        {"5,10,20\n6,30,40\n", "has no header; say which of its 3 columns holds the labels"},
    };
    for (size_t i = 0; i < COUNT(refused); ++i)
        assert_fails(HG_BAD_DATA, refused[i].says, table_load(&later, refused[i].text, &columns));

    /* The label of the first file's options may be missing in a later one, and so may what was left out. */
    const struct hg_data_options given = {
        .label = "last", .skip = "Id", .feature_count = 2, .features = hg_dataset_columns(train)};
    assert_ok(table_load(&later, "a,b\n10,20\n30,40\n", &given));
    table_assert(later, 2, values, NO_LABELS);
    hg_dataset_free(train);
}

/* Of a number as long as Python's decimal module, Java's BigDecimal or "%.126f" write it every digit counts for nothing
 * but the rounding. */
static void long_numbers(void **state)
{
    (void)state;
    char text[2048];
    struct hg_dataset *dataset;
    snprintf(text, sizeof text, "label,a\n3,%.126f\n4,0%0900d.5\n", 0.1, 7);
    assert_ok(table_load(&dataset, text, NULL));
    static const float values[] = {0.1F, 7.5F};
    table_assert(dataset, 1, values, "34");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_in_the_ways_people_write_it),
        cmocka_unit_test(columns_are_what_their_header_says),
        cmocka_unit_test(what_is_ambiguous_is_asked_about),
        cmocka_unit_test(options_that_name_no_column),
        cmocka_unit_test(notes_say_what_was_taken_for_what),
        cmocka_unit_test(columns_are_taken_by_name),
        cmocka_unit_test(long_numbers),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
