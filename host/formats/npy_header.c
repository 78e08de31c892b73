/* A header is a magic, a version, a length, and a Python dictionary literal of three keys, such as
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 784), }
 * Debian has no library for it but NumPy itself. */
#include "host/formats/npy_header.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/foreign.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { LENGTH_MAX = 1 << 16 }; /* NumPy itself refuses dictionaries of more than 10000 characters */

/* A position in the dictionary, which ends in a NUL. */
struct cursor {
    const char *path;
    const char *next;
};

static enum hg_status malformed(const struct cursor *at, const char *expected)
{
    return hg_fail(HG_BAD_DATA, "%s: malformed NPY header: expected %s at \"%.20s\"", at->path, expected, at->next);
}

static void skip_space(struct cursor *at)
{
    while (isspace((unsigned char)*at->next))
        ++at->next;
}

static bool accept(struct cursor *at, const char *token)
{
    skip_space(at);
    const size_t length = strlen(token);
    if (strncmp(at->next, token, length) != 0)
        return false;
    at->next += length;
    return true;
}

static enum hg_status parse_string(struct cursor *at, char *out, size_t size)
{
    skip_space(at);
    const char quote = *at->next;
    const char *end = quote == '\'' || quote == '"' ? strchr(at->next + 1, quote) : NULL;
    if (!end || (size_t)(end - at->next) > size)
        return malformed(at, "a short string");
    const size_t length = (size_t)(end - at->next) - 1;
    memcpy(out, at->next + 1, length);
    out[length] = '\0';
    at->next = end + 1;
    return HG_OK;
}

static enum hg_status parse_size(struct cursor *at, size_t *out)
{
    size_t value = 0;
    if (!isdigit((unsigned char)*at->next))
        return malformed(at, "a size");
    for (; isdigit((unsigned char)*at->next); ++at->next) {
        if (__builtin_mul_overflow(value, (size_t)10, &value) ||
            __builtin_add_overflow(value, (size_t)(*at->next - '0'), &value))
            return hg_fail(HG_BAD_DATA, "%s: its header announces more bytes than any file can have", at->path);
    }
    *out = value;
    return HG_OK;
}

/* (60000, 28, 28) or (60000,) */
static enum hg_status parse_shape(struct cursor *at, struct hg_npy_header *header)
{
    if (!accept(at, "("))
        return malformed(at, "(");
    header->dimensions = 0;
    while (!accept(at, ")")) {
        if (header->dimensions == HG_ARRAY_DIMENSIONS)
            return hg_fail(HG_BAD_DATA, "%s: has more than %d dimensions; save x.reshape(len(x), -1)", at->path,
                           HG_ARRAY_DIMENSIONS);
        HG_TRY(parse_size(at, &header->shape[header->dimensions]));
        ++header->dimensions;
        if (!accept(at, ",")) {
            if (accept(at, ")"))
                break;
            return malformed(at, ", or )");
        }
    }
    if (header->dimensions == 0)
        return hg_fail(HG_BAD_DATA, "%s: holds a single number, not an array", at->path);
    return HG_OK;
}

#define NUMBERED "numpy.unique(y, return_inverse=True)[1], which numbers the classes"

static enum hg_status parse_descr(struct cursor *at, struct hg_npy_header *header)
{
    char descr[16];
    skip_space(at);
    if (*at->next == '[')
        return hg_fail(HG_BAD_DATA, "%s: holds records of fields, expected numbers; save a field, such as x['a']",
                       at->path);
    HG_TRY(parse_string(at, descr, sizeof descr));
    const char order = descr[0];
    const char kind = order ? descr[1] : '\0';
    const char size = kind ? descr[2] : '\0';
    const bool single_digit = size && !descr[3];
    const bool known = single_digit && (((kind == 'i' || kind == 'u') && strchr("1248", size)) ||
                                        (kind == 'f' && strchr("48", size)) || (kind == 'b' && size == '1'));
    if (!known)
        return hg_fail(HG_BAD_DATA, "%s: holds elements of type '%s', expected numbers; save %s", at->path, descr,
                       kind == 'U' || kind == 'S' ? NUMBERED
                       : kind == 'O'              ? "x.astype('<f4') of samples, of labels " NUMBERED
                                                  : "x.astype('<f4')");
    if (size != '1' && order != '<')
        return hg_fail(HG_BAD_DATA, "%s: holds elements of type '%s', not little-endian; save x.astype('<%c%c')",
                       at->path, descr, kind, size);
    header->kind = kind;
    header->item_size = (size_t)(size - '0');
    return HG_OK;
}

static enum hg_status parse_order(struct cursor *at, bool *fortran)
{
    *fortran = accept(at, "True");
    return *fortran || accept(at, "False") ? HG_OK : malformed(at, "True or False");
}

static enum hg_status parse_dictionary(struct cursor *at, struct hg_npy_header *header)
{
    bool has_descr = false;
    bool has_order = false;
    bool has_shape = false;
    bool fortran = false;
    if (!accept(at, "{"))
        return malformed(at, "{");
    while (!accept(at, "}")) {
        char key[16];
        HG_TRY(parse_string(at, key, sizeof key));
        if (!accept(at, ":"))
            return malformed(at, ":");
        if (strcmp(key, "descr") == 0 && !has_descr) {
            has_descr = true;
            HG_TRY(parse_descr(at, header));
        } else if (strcmp(key, "fortran_order") == 0 && !has_order) {
            has_order = true;
            HG_TRY(parse_order(at, &fortran));
        } else if (strcmp(key, "shape") == 0 && !has_shape) {
            has_shape = true;
            HG_TRY(parse_shape(at, header));
        } else {
            return hg_fail(HG_BAD_DATA, "%s: malformed NPY header: key '%s' is unknown or there twice", at->path, key);
        }
        if (!accept(at, ",")) {
            if (accept(at, "}"))
                break;
            return malformed(at, ", or }");
        }
    }
    skip_space(at);
    if (*at->next)
        return malformed(at, "its end");
    if (!has_descr || !has_order || !has_shape)
        return hg_fail(HG_BAD_DATA, "%s: malformed NPY header: it lacks descr, fortran_order or shape", at->path);
    if (fortran && header->dimensions > 1)
        return hg_fail(HG_BAD_DATA, "%s: is in Fortran order; save numpy.ascontiguousarray(x)", at->path);
    return HG_OK;
}

/* The length of the dictionary: 16 bits in version 1, else 32, little-endian. */
static enum hg_status read_length(struct hg_reader *reader, size_t *length)
{
    unsigned char start[8];
    unsigned char bytes[4] = {0};
    HG_TRY(hg_reader_read(reader, start, sizeof start));
    if (memcmp(start, "\x93NUMPY", 6) != 0) {
        HG_TRY(hg_foreign_refuse_file(reader->path));
        return hg_fail(HG_BAD_DATA, "%s: is not an NPY file: it does not begin with \\x93NUMPY", reader->path);
    }
    if (start[6] < 1 || start[6] > 3)
        return hg_fail(HG_BAD_DATA, "%s: is of NPY version %d, expected 1 to 3", reader->path, start[6]);
    HG_TRY(hg_reader_read(reader, bytes, start[6] == 1 ? 2 : 4));
    *length = (size_t)bytes[3] << 24 | (size_t)bytes[2] << 16 | (size_t)bytes[1] << 8 | bytes[0];
    return HG_OK;
}

enum hg_status hg_npy_header_read(struct hg_npy_header *out, struct hg_reader *reader)
{
    size_t length = 0;
    HG_TRY(read_length(reader, &length));
    if (length > LENGTH_MAX)
        return hg_fail(HG_BAD_DATA, "%s: announces an NPY header of %zu bytes, more than %d", reader->path, length,
                       LENGTH_MAX);
    char *text;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&text, length + 1, reader->path));
    HG_TRY_OR_CLEANUP(hg_reader_read(reader, text, length));
    struct cursor at = {reader->path, text};
    status = memchr(text, '\0', length) ? hg_fail(HG_BAD_DATA, "%s: its NPY header holds a NUL byte", reader->path)
                                        : parse_dictionary(&at, out);

cleanup:
    free(text);
    return status;
}

void hg_npy_header_fill(char header[HG_NPY_HEADER_SIZE], size_t dimensions, const size_t *shape)
{
    /* Version 1.0: magic, version, length of what follows in 16 bits. */
    static const char prefix[] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, (char)(HG_NPY_HEADER_SIZE - 10), 0};
    char *text = header + sizeof prefix;
    const size_t room = HG_NPY_HEADER_SIZE - sizeof prefix;
    memset(header, ' ', HG_NPY_HEADER_SIZE);
    memcpy(header, prefix, sizeof prefix);
    const int length =
        dimensions == 1 ? snprintf(text, room, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu,), }", shape[0])
                        : snprintf(text, room, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }",
                                   shape[0], shape[1]);
    text[length] = ' ';
    header[HG_NPY_HEADER_SIZE - 1] = '\n';
}
