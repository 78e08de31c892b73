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

static size_t put(unsigned char *to, size_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; ++i)
        to[i] = (unsigned char)(value >> 8 * i);
    return bytes;
}

/* What the local header and the central directory both say: from the version to the length of the extra field. */
static size_t put_description(unsigned char *to, const char *member, const unsigned char *content, size_t size)
{
    size_t used = put(to, 20, 2) + 8; /* flags, method, time, date: 0 */
    used += put(to + used, crc32(0, content, (unsigned)size), 4);
    used += put(to + used, size, 4);
    used += put(to + used, size, 4);
    used += put(to + used, strlen(member), 2);
    return used + 2;
}

const char *temporary_write_zip(const char *name, const char *member, const char *from)
{
    unsigned char content[4096], bytes[2 * sizeof content] = "PK\3\4";
    const size_t length = strlen(member);
    FILE *file = fopen(from, "rb");
    assert_non_null(file);
    const size_t size = fread(content, 1, sizeof content, file);
    assert_int_equal(fclose(file), 0);
    size_t used = 4;
    used += put_description(bytes + used, member, content, size);
    memcpy(bytes + used, member, length);
    memcpy(bytes + used + length, content, size);
    used += length + size;
    const size_t directory_at = used;
    memcpy(bytes + used, "PK\1\2\24", 6);
    used += 6 + put_description(bytes + used + 6, member, content, size);
    used += 14; /* comment, disk, attributes, and that the member is at the beginning: 0 */
    memcpy(bytes + used, member, length);
    used += length;
    const size_t end = used;
    memcpy(bytes + used, "PK\5\6", 4);
    used += 8;
    used += put(bytes + used, 1, 2);
    used += put(bytes + used, 1, 2);
    used += put(bytes + used, end - directory_at, 4);
    used += put(bytes + used, directory_at, 4) + 2;
    return temporary_write(name, bytes, used);
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
