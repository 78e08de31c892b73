#include "host/formats/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

struct hg_gzip {
    const char *path;
    const unsigned char *next; /* what zlib has not been given: its counts are 32 bits wide */
    size_t left;
    z_stream stream;
    bool ended;
};

static uInt clamp(size_t size)
{
    return size > UINT_MAX ? UINT_MAX : (uInt)size;
}

bool hg_gzip_recognise(struct hg_mapping content)
{
    return content.size >= 2 && content.data[0] == 0x1f && content.data[1] == 0x8b;
}

enum hg_status hg_gzip_open(struct hg_gzip **out, const char *path, struct hg_mapping content)
{
    if (!hg_gzip_recognise(content))
        return hg_fail(HG_BAD_DATA, "%s: is not gzip data, though its name ends in .gz", path);
    struct hg_gzip *gzip;
    enum { GZIP_FORMAT = 16 }; /* added to the window size: gzip's frame, no other */
    HG_TRY(hg_allocate(&gzip, 1, path));
    if (inflateInit2(&gzip->stream, MAX_WBITS + GZIP_FORMAT) != Z_OK) {
        free(gzip);
        return hg_fail_out_of_memory(path);
    }
    gzip->path = path;
    gzip->next = content.data;
    gzip->left = content.size;
    *out = gzip;
    return HG_OK;
}

void hg_gzip_close(struct hg_gzip *gzip)
{
    if (!gzip)
        return;
    inflateEnd(&gzip->stream);
    free(gzip);
}

/* At the end of a member: another one follows, or nothing does. */
static enum hg_status next_member(struct hg_gzip *gzip)
{
    const struct hg_mapping rest = {gzip->next, gzip->left};
    if (rest.size == 0)
        gzip->ended = true;
    else if (!hg_gzip_recognise(rest))
        return hg_fail(HG_BAD_DATA, "%s: %zu bytes follow the end of the gzip data", gzip->path, rest.size);
    else if (inflateReset(&gzip->stream) != Z_OK)
        return hg_fail(HG_INTERNAL, "%s: zlib cannot be reset", gzip->path);
    return HG_OK;
}

enum hg_status hg_gzip_read(struct hg_gzip *gzip, void *to, size_t size, size_t *got)
{
    z_stream *stream = &gzip->stream;
    unsigned char *out = to;
    size_t done = 0;
    while (done < size && !gzip->ended) {
        const uInt in = clamp(gzip->left);
        const uInt room = clamp(size - done);
        stream->next_in = (unsigned char *)gzip->next;
        stream->avail_in = in;
        stream->next_out = out + done;
        stream->avail_out = room;
        const int result = inflate(stream, Z_NO_FLUSH);
        gzip->next += in - stream->avail_in;
        gzip->left -= in - stream->avail_in;
        done += room - stream->avail_out;

        if (result == Z_STREAM_END) {
            HG_TRY(next_member(gzip));
        } else if (result == Z_BUF_ERROR || (result == Z_OK && gzip->left == 0 && stream->avail_out > 0)) {
            return hg_fail(HG_BAD_DATA, "%s: the gzip data is cut off", gzip->path);
        } else if (result == Z_MEM_ERROR) {
            return hg_fail_out_of_memory(gzip->path);
        } else if (result != Z_OK) {
            return hg_fail(HG_BAD_DATA, "%s: the gzip data is damaged: %s", gzip->path,
                           stream->msg ? stream->msg : "it asks for a dictionary");
        }
    }
    *got = done;
    return HG_OK;
}

uint32_t hg_crc32(const void *bytes, size_t size)
{
    uLong sum = crc32(0, NULL, 0);
    for (const unsigned char *next = bytes; size > 0;) {
        const uInt part = clamp(size);
        sum = crc32(sum, next, part);
        next += part;
        size -= part;
    }
    return (uint32_t)sum;
}
