/* Claims: a file is replaced whole or stays what it was, whatever fails; nothing else is left behind; a line is added
 * whole or not at all; each failure has its status and names the path. */
#include "tests/support/check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/base/file.h"
#include "tests/support/temporary.h"

static void assert_content(const char *path, const char *expected)
{
    char *text;
    size_t size;
    assert_ok(hg_file_read(&text, &size, path, 1 << 20));
    assert_int_equal(size, strlen(expected));
    assert_string_equal(text, expected);
    free(text);
}

/* From now on files of this process end after `size` bytes: the disk is as good as full. */
static void limit_file_size(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void replacing_writes_all_parts(void **state)
{
    (void)state;
    const char *path = temporary_path("replaced");
    assert_ok(hg_file_replace_text(path, "first"));
    assert_content(path, "first");
    const struct iovec parts[] = {{"sec", 3}, {NULL, 0}, {"ond", 3}};
    assert_ok(hg_file_replace(path, parts, COUNT(parts)));
    assert_content(path, "second");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    const mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(info.st_mode & 0777, 0666 & ~mask);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(temporary_count(), 0);
}

static void failed_replacement_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path = temporary_path("kept");
    assert_ok(hg_file_replace_text(path, "old"));
    limit_file_size(4);
    const enum hg_status status = hg_file_replace_text(path, "longer than that");
    limit_file_size(RLIM_INFINITY);
    assert_fails(HG_IO, path, status);
    assert_content(path, "old");
    assert_int_equal(temporary_count(), 1);
    assert_int_equal(unlink(path), 0);
}

static void what_cannot_be_created_says_so(void **state)
{
    (void)state;
    assert_fails(HG_CANNOT_CREATE, "no/such/file", hg_file_replace_text(temporary_path("no/such/file"), ""));
    assert_fails(HG_CANNOT_CREATE, "directory", hg_file_replace_text(temporary_path("."), ""));
    assert_fails(HG_CANNOT_CREATE, "no/such/file", hg_file_append_line(temporary_path("no/such/file"), ""));
    assert_int_equal(temporary_count(), 0);
}

/* Through a link, so that code which replaced it, run as root, would not take the device from the machine. */
static void full_device_is_an_io_error(void **state)
{
    (void)state;
    struct stat info;
    if (stat("/dev/full", &info) != 0 || !S_ISCHR(info.st_mode))
        skip();
    const char *path = temporary_path("full");
    assert_int_equal(symlink("/dev/full", path), 0);
    assert_fails(HG_IO, path, hg_file_replace_text(path, "text"));
    assert_fails(HG_IO, path, hg_file_append_line(path, "text"));
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISLNK(info.st_mode)); /* written to, not replaced by a file */
    assert_int_equal(unlink(path), 0);
}

static void lines_are_appended_whole_or_not_at_all(void **state)
{
    (void)state;
    const char *path = temporary_path("lines");
    assert_ok(hg_file_append_line(path, "one"));
    assert_ok(hg_file_append_line(path, "two"));
    limit_file_size(10);
    const enum hg_status status = hg_file_append_line(path, "three");
    limit_file_size(RLIM_INFINITY);
    assert_fails(HG_IO, path, status);
    assert_content(path, "one\ntwo\n");
    assert_int_equal(unlink(path), 0);
}

static void directories_are_created_with_their_parents(void **state)
{
    (void)state;
    struct stat info;
    const char *path = temporary_path("a/b//c/");
    assert_ok(hg_directory_create(path, NULL));
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    assert_ok(hg_directory_create(path, NULL));
    assert_ok(hg_directory_create("/", NULL));

    assert_ok(hg_file_replace_text(temporary_path("a/file"), ""));
    assert_fails(HG_CANNOT_CREATE, "a/file", hg_directory_create(temporary_path("a/file"), NULL));
    assert_fails(HG_CANNOT_CREATE, "a/file", hg_directory_create(temporary_path("a/file/d"), NULL));
    assert_fails(HG_CANNOT_CREATE, "cannot be created", hg_directory_create("", NULL));
}

static void reading_is_bounded(void **state)
{
    (void)state;
    const char *path = temporary_write("ten", "0123456789", 10);
    char *text;
    assert_fails(HG_BAD_DATA, path, hg_file_read(&text, NULL, path, 9));
    assert_ok(hg_file_read(&text, NULL, path, 10));
    assert_string_equal(text, "0123456789");
    free(text);
    assert_content(temporary_write("empty", "", 0), "");
}

static void what_is_no_file_cannot_be_read(void **state)
{
    (void)state;
    struct hg_mapping mapping;
    const char *missing = temporary_path("missing");
    assert_fails(HG_NO_INPUT, missing, hg_file_map(&mapping, missing));
    assert_fails(HG_NO_INPUT, "directory", hg_file_map(&mapping, temporary_path(".")));
    const char *fifo = temporary_path("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_fails(HG_NO_INPUT, fifo, hg_file_map(&mapping, fifo)); /* and does not wait for a writer */
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN); /* so that a write beyond RLIMIT_FSIZE fails instead of killing us */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replacing_writes_all_parts),
        cmocka_unit_test(failed_replacement_leaves_the_old_file),
        cmocka_unit_test(what_cannot_be_created_says_so),
        cmocka_unit_test(full_device_is_an_io_error),
        cmocka_unit_test(lines_are_appended_whole_or_not_at_all),
        cmocka_unit_test(directories_are_created_with_their_parents),
        cmocka_unit_test(reading_is_bounded),
        cmocka_unit_test(what_is_no_file_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
