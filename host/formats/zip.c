#include "host/formats/zip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <zip.h>

#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

struct hg_zip {
    const char *path;
    struct hg_mapping mapping;
    zip_t *archive;
};

struct hg_zip_member {
    const char *path;
    size_t compressed;
    zip_file_t *file;
};

static enum hg_status fail(const char *path, zip_error_t *error)
{
    const int code = zip_error_code_zip(error);
    if (code == ZIP_ER_MEMORY)
        return hg_fail_out_of_memory(path);
    return hg_fail(HG_BAD_DATA, "%s: cannot be read as a ZIP archive: %s; get or save it again", path,
                   zip_error_strerror(error));
}

enum hg_status hg_zip_open(struct hg_zip **out, const char *path)
{
    struct hg_zip *zip;
    zip_source_t *source = NULL;
    zip_error_t error;
    enum hg_status status = HG_OK;
    zip_error_init(&error);
    HG_TRY(hg_allocate(&zip, 1, path));
    zip->path = path;
    HG_TRY_OR_CLEANUP(hg_file_map(&zip->mapping, path));
    source = zip_source_buffer_create(zip->mapping.data, zip->mapping.size, 0, &error);
    zip->archive = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (!zip->archive) {
        status = fail(path, &error);
        goto cleanup;
    }
    source = NULL; /* the archive's */
    *out = zip;
    zip = NULL; /* the caller's */

cleanup:
    zip_source_free(source);
    zip_error_fini(&error);
    hg_zip_close(zip);
    return status;
}

void hg_zip_close(struct hg_zip *zip)
{
    if (!zip)
        return;
    if (zip->archive)
        zip_discard(zip->archive);
    hg_file_unmap(&zip->mapping);
    free(zip);
}

size_t hg_zip_count(const struct hg_zip *zip)
{
    const zip_int64_t count = zip_get_num_entries(zip->archive, 0);
    return count > 0 ? (size_t)count : 0;
}

const char *hg_zip_name(const struct hg_zip *zip, size_t index)
{
    const char *name = zip_get_name(zip->archive, index, ZIP_FL_ENC_RAW);
    return name ? name : "";
}

enum hg_status hg_zip_member_open(struct hg_zip_member **out, const struct hg_zip *zip, size_t index, const char *path)
{
    enum { NEEDED = ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD };
    struct hg_zip_member *member;
    zip_stat_t info;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&member, 1, path));
    member->path = path;
    if (zip_stat_index(zip->archive, index, 0, &info) != 0) {
        status = fail(path, zip_get_error(zip->archive));
        goto cleanup;
    }
    if ((info.valid & NEEDED) != NEEDED || info.encryption_method != ZIP_EM_NONE) {
        status = hg_fail(HG_BAD_DATA, "%s: is encrypted; unpack it and save it again without a password", path);
        goto cleanup;
    }
    /* Other methods expand without a limit that is known. */
    if (info.comp_method != ZIP_CM_STORE && info.comp_method != ZIP_CM_DEFLATE) {
        status = hg_fail(HG_BAD_DATA,
                         "%s: is compressed by method %u, not by deflate; save it with "
                         "numpy.savez_compressed",
                         path, info.comp_method);
        goto cleanup;
    }
    /* What the archive says of itself may be wrong. */
    member->compressed = info.comp_size < zip->mapping.size ? info.comp_size : zip->mapping.size;
    member->file = zip_fopen_index(zip->archive, index, 0);
    if (!member->file) {
        status = fail(path, zip_get_error(zip->archive));
        goto cleanup;
    }
    *out = member;
    member = NULL; /* the caller's */

cleanup:
    hg_zip_member_close(member);
    return status;
}

void hg_zip_member_close(struct hg_zip_member *member)
{
    if (!member)
        return;
    if (member->file)
        zip_fclose(member->file);
    free(member);
}

enum hg_status hg_zip_member_read(struct hg_zip_member *member, void *to, size_t size, size_t *got)
{
    size_t done = 0;
    while (done < size) {
        const zip_int64_t count = zip_fread(member->file, (unsigned char *)to + done, size - done);
        if (count < 0)
            return fail(member->path, zip_file_get_error(member->file));
        if (count == 0)
            break;
        done += (size_t)count;
    }
    *got = done;
    return HG_OK;
}

size_t hg_zip_member_compressed(const struct hg_zip_member *member)
{
    return member->compressed;
}

/* ---- writing ---- */

/* Adds a member, stored as it is and dated as NumPy dates it, so that the same content makes the same bytes. */
static bool add_member(zip_t *archive, const struct hg_zip_entry *entry, zip_error_t *error)
{
    enum { FRAGMENTS = sizeof entry->parts / sizeof *entry->parts, FIRST_OF_JANUARY_1980 = 0x21 };
    zip_buffer_fragment_t fragments[FRAGMENTS];
    for (size_t i = 0; i < FRAGMENTS; ++i)
        fragments[i] = (zip_buffer_fragment_t){entry->parts[i].iov_base, entry->parts[i].iov_len};
    zip_source_t *source = zip_source_buffer_fragment_create(fragments, FRAGMENTS, 0, error);
    if (!source)
        return false;
    const zip_int64_t index = zip_file_add(archive, entry->name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0)
        zip_source_free(source);
    return index >= 0 && zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(archive, (zip_uint64_t)index, 0, FIRST_OF_JANUARY_1980, 0) == 0;
}

/* Replaces `path` by what libzip has written into the buffer `source`. */
static enum hg_status write_source(const char *path, zip_source_t *source)
{
    char *bytes = NULL;
    zip_stat_t info;
    enum hg_status status = HG_OK;
    if (zip_source_stat(source, &info) != 0 || zip_source_open(source) != 0)
        return hg_fail_out_of_memory(path);
    HG_TRY_OR_CLEANUP(hg_allocate(&bytes, info.size, path));
    if (zip_source_read(source, bytes, info.size) != (zip_int64_t)info.size)
        status = hg_fail_out_of_memory(path);
    else
        status = hg_file_replace(path, &(struct iovec){bytes, info.size}, 1);
cleanup:
    zip_source_close(source);
    free(bytes);
    return status;
}

enum hg_status hg_zip_write(const char *path, const struct hg_zip_entry *entries, size_t count)
{
    zip_error_t error;
    zip_error_init(&error);
    enum hg_status status = HG_OK;
    zip_source_t *buffer = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *archive = buffer ? zip_open_from_source(buffer, ZIP_TRUNCATE, &error) : NULL;
    bool complete = archive != NULL;
    if (complete)
        zip_source_keep(buffer); /* the archive holds the other reference */
    for (size_t i = 0; complete && i < count; ++i)
        complete = add_member(archive, &entries[i], &error);
    if (complete && zip_close(archive) == 0)
        archive = NULL;
    else
        status = hg_fail_out_of_memory(path); /* all of it happens in memory */
    if (status == HG_OK)
        status = write_source(path, buffer);
    if (archive)
        zip_discard(archive);
    zip_source_free(buffer);
    zip_error_fini(&error);
    return status;
}
