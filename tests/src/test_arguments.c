/* Claims: what a command says of its operands is what it takes: each one, an optional one, any number of the last; a
 * missing and a superfluous one are named; options may stand between operands, and after "--" nothing is an option. */
#include <getopt.h>

#include "src/command.h"
#include "tests/support/check.h"

enum { WORDS = 8 };

static const struct hg_option options[] = {
    {HG_OPTION_INT, .name = "number", .offset = 0, .most = 10, .help = "a number"},
    {.name = NULL},
};

static const struct hg_command fixed = {.name = "fixed", .operands = {"RUN", "[FILE]"}, .tables = {options}};
static const struct hg_command some = {.name = "some", .operands = {"RUN ..."}, .tables = {options}};
static const struct hg_command rest = {.name = "rest", .operands = {"RUN", "FILE ..."}, .tables = {options}};
static const struct hg_command any = {.name = "any", .operands = {"[FILE ...]"}, .tables = {options}};

/* The command line "name words..."; argv must live as long as what is read. */
static enum hg_status split(struct hg_arguments *out, const struct hg_command *command, char *argv[WORDS])
{
    int argc = 0;
    while (argv[argc])
        ++argc;
    optind = 0; /* GNU's way to begin again */
    return hg_arguments_split(out, command, argc, argv);
}

#define SPLIT(out, command, ...) split((out), (command), (char *[WORDS]){"name", ##__VA_ARGS__})

static void takes_operands(void **state)
{
    (void)state;
    struct hg_arguments got;
    char *one[WORDS] = {"name", "a", NULL}, *mixed[WORDS] = {"name", "a", "--number", "3", "b", "-x", NULL};
    char *behind[WORDS] = {"name", "--number", "3", "--", "a", "--number", "-x", NULL};

    assert_int_equal(split(&got, &fixed, one), HG_OK);
    assert_int_equal(got.operand_count, 1);
    assert_string_equal(got.operands[0], "a");
    assert_null(got.operands[1]); /* the optional one that is not there */

    mixed[5] = "c";
    assert_int_equal(split(&got, &some, mixed), HG_OK);
    assert_int_equal(got.operand_count, 3);
    for (size_t i = 0; i < 3; ++i)
        assert_string_equal(got.operands[i], ((const char *[]){"a", "b", "c"}[i]));
    assert_null(got.operands[3]);
    assert_string_equal(got.values[0], "3");

    assert_int_equal(split(&got, &rest, behind), HG_OK);
    assert_int_equal(got.operand_count, 3);
    assert_string_equal(got.operands[1], "--number");
    assert_string_equal(got.operands[2], "-x");

    char *none[WORDS] = {"name", NULL};
    assert_int_equal(split(&got, &any, none), HG_OK);
    assert_int_equal(got.operand_count, 0);
    assert_null(got.operands[0]);
}

static void names_what_is_wrong(void **state)
{
    (void)state;
    struct hg_arguments got;
    assert_int_equal(SPLIT(&got, &fixed), HG_USAGE);
    assert_non_null(strstr(hg_message(), "RUN is missing"));
    assert_int_equal(SPLIT(&got, &fixed, "a", "b", "c"), HG_USAGE);
    assert_non_null(strstr(hg_message(), "'c': one argument too many"));
    assert_int_equal(SPLIT(&got, &some), HG_USAGE);
    assert_non_null(strstr(hg_message(), "RUN is missing"));
    assert_int_equal(SPLIT(&got, &rest, "a"), HG_USAGE);
    assert_non_null(strstr(hg_message(), "FILE is missing"));
    assert_int_equal(SPLIT(&got, &some, "a", "--numbr", "3"), HG_USAGE);
    assert_non_null(strstr(hg_message(), "did you mean --number?"));
}

static void help_needs_no_operands(void **state)
{
    (void)state;
    struct hg_arguments got;
    assert_int_equal(SPLIT(&got, &some, "--help"), HG_OK);
    assert_true(got.help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_operands), cmocka_unit_test(names_what_is_wrong),
                                       cmocka_unit_test(help_needs_no_operands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
