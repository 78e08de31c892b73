#include "tests/support/temporary.h"

#include "tests/support/check.h"

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

static char directory[PATH_MAX / 2];

int temporary_create(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/handgrad-test-XXXXXX", base ? base : "/tmp");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

int temporary_remove(void **state)
{
    (void)state;
    return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *temporary_path(const char *name)
{
    static char paths[8][PATH_MAX];
    static size_t next;
    char *path = paths[next++ % 8];
    snprintf(path, PATH_MAX, "%s/%s", directory, name);
    return path;
}

const char *temporary_write(const char *name, const void *bytes, size_t size)
{
    const char *path = temporary_path(name);
    const size_t length = strlen(name);
    if (length > 3 && strcmp(name + length - 3, ".gz") == 0) {
        gzFile file = gzopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(size > 0 ? gzwrite(file, bytes, (unsigned)size) : 0, (int)size);
        assert_int_equal(gzclose(file), Z_OK);
    } else {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
    }
    return path;
}

const char *temporary_write_npy(const char *name, int version, const char *dictionary, const void *data, size_t size)
{
    unsigned char bytes[4096] = "\x93NUMPY";
    const size_t length = strlen(dictionary);
    size_t used = 6;
    assert_true(length + size + 12 <= sizeof bytes);
    bytes[used++] = (unsigned char)version;
    bytes[used++] = 0;
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
        bytes[used++] = (unsigned char)(length >> (8 * i));
    memcpy(bytes + used, dictionary, length);
    memcpy(bytes + used + length, data, size);
    return temporary_write(name, bytes, used + length + size);
}

size_t temporary_count(void)
{
    size_t count = 0;
    DIR *open_directory = opendir(directory);
    assert_non_null(open_directory);
    while (readdir(open_directory))
        ++count;
    closedir(open_directory);
    return count - 2; /* . and .. */
}
