/* Claims: a file that is written in pieces has all of them, whatever their sizes, and is there as a whole or as it was
 * before; what is given up or fails leaves nothing behind; a descriptor of the caller's stays open. */
#include "tests/support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernels/base/file.h"
#include "kernels/base/writer.h"
#include "tests/support/temporary.h"

static void assert_content(const char *path, const char *expected, size_t size)
{
    char *text;
    size_t found;
    assert_ok(hg_file_read(&text, &found, path, 1 << 24));
    assert_int_equal(found, size);
    assert_memory_equal(text, expected, size);
    free(text);
}

/* Pieces below, at and above the size of the buffer, and numbers that are formatted in place. */
static void pieces_make_the_whole(void **state)
{
    (void)state;
    enum { TOTAL = 1 << 20 };
    static char expected[TOTAL];
    static const size_t sizes[] = {0, 1, 1000, 65535, 65536, 65537, 200000, 3};
    for (size_t i = 0; i < TOTAL; ++i)
        expected[i] = (char)('a' + i % 23);
    const char *path = temporary_path("pieces");
    struct hg_writer writer;
    assert_ok(hg_writer_open(&writer, path));
    size_t at = 0;
    for (size_t i = 0; i < COUNT(sizes); ++i) {
        assert_ok(hg_writer_write(&writer, expected + at, sizes[i]));
        at += sizes[i];
    }
    while (at < TOTAL) {
        char *room;
        const size_t size = TOTAL - at < HG_WRITER_ROOM ? TOTAL - at : HG_WRITER_ROOM;
        assert_ok(hg_writer_room(&writer, HG_WRITER_ROOM, &room));
        memcpy(room, expected + at, size);
        hg_writer_advance(&writer, size);
        at += size;
    }
    assert_int_equal(access(path, F_OK), -1); /* not before it is whole */
    assert_ok(hg_writer_commit(&writer));
    assert_content(path, expected, TOTAL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(temporary_count(), 0);
}

static void what_is_given_up_changes_nothing(void **state)
{
    (void)state;
    const char *path = temporary_path("kept");
    struct hg_writer writer;
    assert_ok(hg_file_replace_text(path, "old"));
    assert_ok(hg_writer_open(&writer, path));
    assert_ok(hg_writer_text(&writer, "something else"));
    hg_writer_discard(&writer);
    hg_writer_discard(&writer); /* once more is fine */
    assert_content(path, "old", 3);
    assert_int_equal(temporary_count(), 1);
    assert_int_equal(unlink(path), 0);
}

/* The disk is full after the first piece was written, or when what is left in the buffer is. */
static void failures_change_nothing(void **state)
{
    (void)state;
    static const char zeros[1 << 17];
    const char *path = temporary_path("kept");
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    for (size_t size = 10; size <= sizeof zeros; size = size * 2 + 1) {
        struct hg_writer writer;
        assert_ok(hg_file_replace_text(path, "old"));
        limit.rlim_cur = size - 1;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_ok(hg_writer_open(&writer, path));
        enum hg_status status = hg_writer_write(&writer, zeros, size);
        if (status == HG_OK)
            status = hg_writer_commit(&writer);
        hg_writer_discard(&writer);
        limit.rlim_cur = RLIM_INFINITY;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_fails(HG_IO, path, status);
        assert_content(path, "old", 3);
        assert_int_equal(temporary_count(), 1);
    }
    assert_int_equal(unlink(path), 0);
}

static void what_cannot_be_created_says_so(void **state)
{
    (void)state;
    struct hg_writer writer;
    assert_fails(HG_CANNOT_CREATE, "no/such", hg_writer_open(&writer, temporary_path("no/such/file")));
    hg_writer_discard(&writer);
    assert_fails(HG_CANNOT_CREATE, "directory", hg_writer_open(&writer, temporary_path(".")));
    hg_writer_discard(&writer);
}

static void a_descriptor_stays_open(void **state)
{
    (void)state;
    int ends[2];
    char text[8] = "";
    struct hg_writer writer;
    assert_int_equal(pipe(ends), 0);
    for (int time = 0; time < 2; ++time) {
        assert_ok(hg_writer_attach(&writer, ends[1], "a pipe"));
        assert_ok(hg_writer_text(&writer, time ? "two" : "one"));
        assert_ok(hg_writer_commit(&writer));
    }
    assert_int_equal(read(ends[0], text, sizeof text), 6);
    assert_string_equal(text, "onetwo");
    assert_int_equal(close(ends[0]), 0);
    assert_ok(hg_writer_attach(&writer, ends[1], "a pipe"));
    assert_ok(hg_writer_text(&writer, "nobody reads"));
    assert_fails(HG_IO, "a pipe", hg_writer_commit(&writer));
    assert_int_equal(close(ends[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_make_the_whole),   cmocka_unit_test(what_is_given_up_changes_nothing),
        cmocka_unit_test(failures_change_nothing), cmocka_unit_test(what_cannot_be_created_says_so),
        cmocka_unit_test(a_descriptor_stays_open),
    };
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
