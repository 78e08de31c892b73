/* Claims: text is text, whatever is in it: nothing of it ends up as markup, neither between tags nor in an attribute,
 * and no character that HTML forbids or that turns its surroundings around is left; pictures are in the page as PNG, to
 * the byte; a page that cannot be made for lack of memory is an error, and no half page. */
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "src/output/html.h"
#include "tests/support/check.h"

static void assert_text(const char *text, const char *expected)
{
    struct hg_html page = {0};
    hg_html_text(&page, "%s", text);
    char *got = NULL;
    assert_ok(hg_html_take(&got, &page));
    assert_string_equal(got, expected);
    free(got);
}

static void text_is_escaped(void **state)
{
    (void)state;
    assert_text("plain, UTF-8: ∂L/∂W 漢 😀", "plain, UTF-8: ∂L/∂W 漢 😀");
    assert_text("", "");
    assert_text("<script>&amp;\"'", "&lt;script&gt;&amp;amp;&quot;'");
    assert_text("--><!--]]>", "--&gt;&lt;!--]]&gt;");
    assert_text("\x1b[31m\a\n\x7f", "␛[31m␇␊␡");
    assert_text("a\xff\xc3(b\xc3", "a\xef\xbf\xbd\xef\xbf\xbd(b\xef\xbf\xbd"); /* not UTF-8 */
    assert_text("\xc0\xbc"
                "script",
                "\xef\xbf\xbd\xef\xbf\xbd"
                "script");                                               /* an overlong '<' */
    assert_text("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* half of a surrogate pair */
    assert_text("a\xe2\x80\xae"
                "b\xe2\x81\xa6",
                "a\xef\xbf\xbd"
                "b\xef\xbf\xbd");                                    /* U+202E, U+2066 */
    assert_text("\xc2\x85\xef\xbf\xbe", "\xef\xbf\xbd\xef\xbf\xbd"); /* U+0085, U+FFFE */
}

static void elements_and_tables(void **state)
{
    (void)state;
    static const char *const headings[] = {"name", ">count"};
    struct hg_html page = {0};
    hg_html_element(&page, "p class=\"note\"", "%d < %s", 1, "<2>");
    hg_html_table_begin(&page, "a & b", headings, 2);
    hg_html_table_row(&page, headings, (const char *[]){"<one>", NULL}, 2);
    hg_html_table_end(&page);
    char *text = NULL;
    assert_ok(hg_html_take(&text, &page));
    assert_string_equal(text, "<p class=\"note\">1 &lt; &lt;2&gt;</p>"
                              "<div class=\"scroll\"><table><caption>a &amp; b</caption><thead><tr>"
                              "<th scope=\"col\">name</th><th scope=\"col\" class=\"number\">count</th></tr></thead>\n"
                              "<tbody><tr><th scope=\"row\">&lt;one&gt;</th><td class=\"number\"></td></tr>\n"
                              "</tbody></table></div>\n");
    free(text);
}

/* The bytes of a picture's data: URI, by another decoder of base64 than the encoder is. */
static size_t decode(const char *text, unsigned char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned long bits = 0;
    size_t count = 0, size = 0;
    for (; *text && *text != '"' && *text != '='; ++text) {
        bits = bits << 6 | (unsigned long)(strchr(digits, *text) - digits);
        if (++count % 4 != 1)
            out[size++] = (unsigned char)(bits >> (count % 4 == 2 ? 4 : count % 4 == 3 ? 2 : 0));
    }
    return size;
}

static void assert_holds(const char *text, const void *bytes, size_t size)
{
    const char *comma = strchr(text, ',');
    assert_non_null(strstr(text, "src=\"data:image/png;base64,"));
    assert_non_null(comma);
    unsigned char *decoded = malloc(strlen(text));
    assert_int_equal(decode(comma + 1, decoded), size);
    assert_memory_equal(decoded, bytes, size);
    free(decoded);
}

static void pictures_are_png(void **state)
{
    (void)state;
    for (size_t width = 1; width < 12; ++width) { /* data of all lengths modulo 3 */
        struct hg_picture picture;
        struct hg_html page = {0};
        void *bytes;
        size_t size;
        assert_ok(hg_picture_create(&picture, 3, width, 1, "a picture"));
        for (size_t i = 0; i < 3 * width; ++i)
            picture.pixels[i] = (unsigned char)(37 * i * i);
        assert_ok(hg_png_encode(&bytes, &size, &picture, "a picture"));
        hg_html_picture(&page, &picture, 2, "a \"%s\"", "<b>");
        char *text = NULL;
        assert_ok(hg_html_take(&text, &page));
        assert_non_null(strstr(text, "height=\"6\""));
        assert_non_null(strstr(text, "alt=\"a &quot;&lt;b&gt;&quot;\""));
        assert_holds(text, bytes, size);
        free(text);
        free(bytes);
        hg_picture_free(&picture);
    }
}

static enum hg_status make_page(char **text)
{
    struct hg_html page = {0};
    hg_html_begin(&page, "a title");
    for (int i = 0; i < 100; ++i)
        hg_html_element(&page, "p", "%d", i);
    hg_html_end(&page);
    return hg_html_take(text, &page);
}

static void no_half_pages(void **state)
{
    (void)state;
    for (size_t n = 1;; ++n) {
        char *text = NULL;
        hg_memory_fail_at(n);
        const enum hg_status status = make_page(&text);
        const bool failed = hg_memory_failed();
        hg_memory_fail_at(0);
        assert_int_equal(status, failed ? HG_INTERNAL : HG_OK);
        assert_true(failed == !text);
        free(text);
        if (!failed)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_is_escaped), cmocka_unit_test(elements_and_tables),
                                       cmocka_unit_test(pictures_are_png), cmocka_unit_test(no_half_pages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
