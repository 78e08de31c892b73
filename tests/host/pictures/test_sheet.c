/* Claims: a sheet has every image in its place, enlarged, black and white where the caller says; labels stand below
 * their images, widen the cells where they need it, and can be read; what would not fit
 * is enlarged less; what is too large for a picture is refused. */
#include <stdlib.h>
#include <string.h>

#include "host/pictures/font.h"
#include "host/pictures/sheet.h"
#include "tests/support/check.h"

static uint8_t pixel(const struct hg_picture *picture, size_t y, size_t x, size_t channel)
{
    return picture->pixels[(y * picture->width + x) * picture->channels + channel];
}

static void draw(struct hg_picture *out, const struct hg_sheet *sheet)
{
    assert_ok(hg_sheet_draw(out, sheet, "a sheet"));
}

/* Three images of 28 x 28 in rows of two: enlarged twice, a gap of two pixels round each. */
static void cells_are_where_they_belong(void **state)
{
    (void)state;
    static float images[3][28][28];
    images[0][0][0] = images[1][27][27] = images[2][5][3] = 1;
    const struct hg_sheet sheet = {
        .count = 3, .columns = 2, .height = 28, .width = 28, .channels = 1, .images = &images[0][0][0], .bright = 1};
    struct hg_picture picture;
    draw(&picture, &sheet);
    assert_int_equal(picture.width, 2 * 58 + 2);
    assert_int_equal(picture.height, 2 * 58 + 2);
    size_t bright = 0;
    for (size_t y = 0; y < picture.height; ++y)
        for (size_t x = 0; x < picture.width; ++x)
            if (y % 58 >= 2 && x % 58 >= 2 && !(y >= 60 && x >= 60)) /* no paper: the last cell is empty */
                bright += pixel(&picture, y, x, 0) == 255;
    assert_int_equal(bright, 3 * 4);
    assert_int_equal(pixel(&picture, 2, 2, 0), 255);
    assert_int_equal(pixel(&picture, 2 + 2 * 27 + 1, 60 + 2 * 27 + 1, 0), 255);
    assert_int_equal(pixel(&picture, 60 + 2 * 5, 2 + 2 * 3, 0), 255);
    assert_int_equal(pixel(&picture, 100, 100, 0), 255); /* paper where a fourth image would be */
    hg_picture_free(&picture);
}

/* Of two pixels in colour, enlarged 28 times; -2 is black, 2 is white, 0 half way, and what is beyond is as the ends.
 */
static void range_is_stretched(void **state)
{
    (void)state;
    static const float image[] = {-2, 0, 2, -9, 1, 9};
    const struct hg_sheet sheet = {
        .count = 1, .height = 1, .width = 2, .channels = 3, .images = image, .dark = -2, .bright = 2};
    static const uint8_t expected[] = {0, 128, 255, 0, 191, 255};
    struct hg_picture picture;
    draw(&picture, &sheet);
    for (size_t x = 0; x < 2; ++x)
        for (size_t c = 0; c < 3; ++c)
            assert_int_equal(pixel(&picture, 28 + 14, 28 + 28 * x + 14, c), expected[3 * x + c]);
    hg_picture_free(&picture);
}

/* The dots of `text` at (top, left), at twice their size, as lines of '#' and '.'. */
static void assert_text(const struct hg_picture *picture, size_t top, size_t left, const char *const *lines,
                        size_t count)
{
    for (size_t r = 0; r < count; ++r)
        for (size_t c = 0; lines[r][c]; ++c)
            for (size_t dot = 0; dot < 4; ++dot)
                assert_int_equal(pixel(picture, top + 2 * r + dot / 2, left + 2 * c + dot % 2, 0),
                                 lines[r][c] == '#' ? 0 : 255);
}

static void labels_can_be_read(void **state)
{
    (void)state;
    static float images[2][84][84];
    static const char *const labels[] = {"7\xc3\xa4L", "a long name in\ntwo lines"};
    static const char *const first[] = {
        "#####.#####.#....", "....#.#...#.#....", "...#..#...#.#....", "..#...#...#.#....",
        ".#....#...#.#....", ".#....#...#.#....", ".#....#####.#####", ".................",
    };
    static const char *const second[] = {
        ".#...", ".#...", "###..", ".#...", ".#...", ".#..#", "..##.", /* t, of "two lines" */
    };
    const struct hg_sheet sheet = {
        .count = 2, .height = 84, .width = 84, .channels = 1, .images = images[0][0], .bright = 1, .labels = labels};
    struct hg_picture picture;
    draw(&picture, &sheet);
    const size_t cell = 2 * 6 * (strlen("a long name in") + 1); /* and a blank between neighbours */
    assert_int_equal(picture.width, 2 * (cell + 1) + 1);
    assert_int_equal(picture.height, 1 + 84 + 1 + 2 * 2 * 9);
    assert_text(&picture, 86, 1, first, 8);
    assert_text(&picture, 86 + 18, 1 + cell + 1, second, 7);
    hg_picture_free(&picture);
}

/* No two printable characters look alike, and all but the blank are seen. */
static void characters_differ(void **state)
{
    (void)state;
    struct hg_picture pictures[95];
    for (int c = 0; c < 95; ++c) {
        const char text[] = {(char)(' ' + c), '\0'};
        assert_ok(hg_picture_create(&pictures[c], HG_FONT_LINE, HG_FONT_ADVANCE, 1, "a character"));
        hg_font_draw(&pictures[c], 0, 0, 1, 9, text);
        for (int other = 0; other < c; ++other)
            assert_memory_not_equal(pictures[c].pixels, pictures[other].pixels, HG_FONT_LINE * HG_FONT_ADVANCE);
    }
    for (int c = 0; c < 95; ++c)
        hg_picture_free(&pictures[c]);
}

/* Images of 700 x 1 would be enlarged 56 times, to more than 16384 pixels: 23 times is what fits. */
static void what_does_not_fit_is_enlarged_less(void **state)
{
    (void)state;
    static float images[2][700];
    images[1][699] = 1;
    const struct hg_sheet sheet = {
        .count = 2, .height = 700, .width = 1, .channels = 1, .images = images[0], .bright = 1};
    struct hg_picture picture;
    draw(&picture, &sheet);
    assert_int_equal(picture.height, 23 * 702);
    assert_int_equal(picture.width, 23 * 5);
    assert_int_equal(pixel(&picture, 23 * 700, 23 * 2, 0), 255); /* a gap */
    assert_int_equal(pixel(&picture, 23 * 700, 23 * 3, 0), 255);
    assert_int_equal(pixel(&picture, 23 * 700 - 1, 23 * 3, 0), 0);
    hg_picture_free(&picture);
}

static void too_large_is_refused(void **state)
{
    (void)state;
    static const float image[1];
    struct hg_picture picture;
    static const struct hg_sheet sheets[] = {
        {.count = (size_t)1 << 31, .height = 1, .width = 1, .channels = 1, .images = image},
        {.count = 9000, .columns = 9000, .height = 1, .width = 1, .channels = 1, .images = image},
        {.count = 1, .height = SIZE_MAX / 4, .width = 1, .channels = 1, .images = image},
        {.count = 1, .height = 1, .width = 1 << 15, .channels = 1, .images = image},
    };
    for (size_t i = 0; i < COUNT(sheets); ++i)
        assert_fails(HG_BAD_DATA, "too", hg_sheet_draw(&picture, &sheets[i], "a sheet"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_where_they_belong),
        cmocka_unit_test(range_is_stretched),
        cmocka_unit_test(labels_can_be_read),
        cmocka_unit_test(characters_differ),
        cmocka_unit_test(what_does_not_fit_is_enlarged_less),
        cmocka_unit_test(too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
