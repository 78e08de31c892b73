/* Claims: a text of any bytes is UTF-8 as hg_uri_encode writes it, and comes back as it was; what is UTF-8 stands for
 * itself; URIs as others write them are understood; and what UTF-8 is follows RFC 3629. */
#include "tests/support/check.h"

#include <stdbool.h>
#include <stdlib.h>

#include "host/formats/uri.h"
#include "kernels/base/utf8.h"

static void texts_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *text, *encoded;
    } cases[] = {
        {"/data/mnist", "/data/mnist"},
        {"", ""},
        {"/data/caf\xc3\xa9 100 %", "/data/caf\xc3\xa9 100 %"},
        {"/data/caf\xe9 100 %", "file:/data/caf%E9%20100%20%25"},
        {"relative\xff", "file:relative%FF"},
        {"file:/x", "file:file%3A/x"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        char *encoded, *decoded;
        assert_ok(hg_uri_encode(&encoded, cases[i].text));
        assert_string_equal(encoded, cases[i].encoded);
        assert_ok(hg_uri_decode(&decoded, encoded));
        assert_string_equal(decoded, cases[i].text);
        free(decoded);
        free(encoded);
    }
    char bytes[256], *encoded, *decoded;
    for (size_t i = 0; i < 255; ++i)
        bytes[i] = (char)(i + 1);
    bytes[255] = '\0';
    assert_ok(hg_uri_encode(&encoded, bytes));
    assert_true(hg_utf8_valid(encoded));
    assert_ok(hg_uri_decode(&decoded, encoded));
    assert_string_equal(decoded, bytes);
    free(decoded);
    free(encoded);
    assert_ok(hg_uri_decode(&decoded, "file:///a%20b%2x%"));
    assert_string_equal(decoded, "/a b%2x%");
    free(decoded);
}

static void what_utf_8_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        const char *copy;
    } cases[] = {
        {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82", true, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82"},
        {"a\xe9", false, "a\xef\xbf\xbd"},
        {"\xc3", false, "\xef\xbf\xbd"},
        {"\xe2\x82z", false, "\xef\xbf\xbd\xef\xbf\xbdz"},
        {"\xc0\xaf", false, "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* a long form of / */
        {"\xed\xa0\x80", false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* a surrogate */
        {"\xf4\x90\x80\x80", false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* beyond U+10FFFF */
        {"\x80", false, "\xef\xbf\xbd"},
        {"\xf8\x88\x80\x80\x80", false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        char *copy;
        assert_int_equal(hg_utf8_valid(cases[i].text), cases[i].valid);
        assert_ok(hg_utf8_copy(&copy, cases[i].text));
        assert_string_equal(copy, cases[i].copy);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_come_back), cmocka_unit_test(what_utf_8_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
