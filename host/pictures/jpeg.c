/* JPEG by libjpeg, which reports errors by a function that must not return: hence the jumps. Whatever is alive across
 * one lies in a struct of its own, behind a pointer. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "host/pictures/decode.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum {
    /* A block of 8 by 8 takes at least a bit of its own: a file that announces more is damaged, or means harm. */
    PIXELS_A_BYTE = 8 * 64 * 4,
    SCANS_MAX = 200, /* of a progressive file, each of which costs time for the whole picture; usual are ten */
    EXIF = JPEG_APP0 + 1,
    MARKER_MAX = 0xffff
};

struct decoder {
    struct jpeg_decompress_struct jpeg; /* first, so that libjpeg's pointers to it are pointers to this */
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    const char *path;
    char reason[JMSG_LENGTH_MAX];
};

static void stop(j_common_ptr jpeg)
{
    struct decoder *decoder = (struct decoder *)jpeg;
    jpeg->err->format_message(jpeg, decoder->reason);
    longjmp(decoder->jump, 1);
}

/* What libjpeg goes on after though pixels are lost, as of a file that is cut off, of which it paints the rest grey.
 * Other oddities do no harm. */
static void warn(j_common_ptr jpeg, int level)
{
    const int code = jpeg->err->msg_code;
    if (level < 0 &&
        (code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_JPEG_EOF || code == JWRN_MUST_RESYNC))
        stop(jpeg);
}

static void count_scans(j_common_ptr jpeg)
{
    struct decoder *decoder = (struct decoder *)jpeg;
    if (decoder->jpeg.input_scan_number <= SCANS_MAX)
        return;
    snprintf(decoder->reason, sizeof decoder->reason, "it has more than %d scans", SCANS_MAX);
    longjmp(decoder->jump, 1);
}

static unsigned number_at(const unsigned char *bytes, unsigned size, bool big_endian)
{
    unsigned value = 0;
    for (unsigned i = 0; i < size; ++i)
        value |= (unsigned)bytes[i] << 8 * (big_endian ? size - 1 - i : i);
    return value;
}

/* How the camera was held: 1 upright, 2 ... 8 as EXIF counts; 1 where the file does not say. EXIF data are a TIFF file
 * behind six bytes: byte order, the place of a list, and in it the tag 0x112. */
static unsigned orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    enum { PREFIX = 6, HEADER = 8, ENTRY = 12, ORIENTATION = 0x112 };
    for (const struct jpeg_marker_struct *m = jpeg->marker_list; m; m = m->next) {
        if (m->marker != EXIF || m->data_length < PREFIX + HEADER || memcmp(m->data, "Exif\0", PREFIX) != 0)
            continue;
        const unsigned char *tiff = m->data + PREFIX;
        const unsigned size = m->data_length - PREFIX;
        const bool big_endian = tiff[0] == 'M';
        const unsigned list = number_at(tiff + 4, 4, big_endian);
        if (list > size - 2)
            return 1;
        const unsigned count = number_at(tiff + list, 2, big_endian);
        for (unsigned i = 0; i < count && (size - list - 2) / ENTRY > i; ++i) {
            const unsigned char *entry = tiff + list + 2 + i * ENTRY;
            if (number_at(entry, 2, big_endian) == ORIENTATION) {
                const unsigned value = number_at(entry + 8, 2, big_endian);
                return value >= 1 && value <= 8 ? value : 1;
            }
        }
    }
    return 1;
}

/* Reads the header. */
static enum hg_status begin(struct decoder *decoder, const void *bytes, size_t size, struct hg_picture_info *info)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &decoder->progress;
    decoder->progress.progress_monitor = count_scans;
    jpeg_mem_src(jpeg, bytes, size);
    jpeg_save_markers(jpeg, EXIF, MARKER_MAX);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->num_components == 4)
        return hg_fail(HG_BAD_DATA, "%s: is a JPEG picture in CMYK, for printing; save it in RGB", decoder->path);
    const unsigned orientation = orientation_of(jpeg);
    const bool turned = orientation >= 5;
    *info = (struct hg_picture_info){.height = turned ? jpeg->image_width : jpeg->image_height,
                                     .width = turned ? jpeg->image_height : jpeg->image_width,
                                     .channels = jpeg->jpeg_color_space == JCS_GRAYSCALE ? 1 : 3,
                                     .orientation = orientation};
    if ((size_t)jpeg->image_height * jpeg->image_width / PIXELS_A_BYTE > size)
        return hg_fail(HG_BAD_DATA, "%s: announces %u by %u pixels, more than its %zu bytes can hold", decoder->path,
                       jpeg->image_width, jpeg->image_height, size);
    return HG_OK;
}

/* Into `out`, which has the size of the picture as it lies in the file. */
static void read_rows(struct decoder *decoder, struct hg_picture *out)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    jpeg->out_color_space = out->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = out->pixels + jpeg->output_scanline * out->width * out->channels;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
}

/* out NULL: the header alone. On failure `out` may hold a picture. */
static enum hg_status decode(struct decoder *decoder, const void *bytes, size_t size, struct hg_picture_info *info,
                             struct hg_picture *out)
{
    enum hg_status status;
    if (setjmp(decoder->jump)) {
        status =
            decoder->errors.msg_code == JERR_OUT_OF_MEMORY
                ? hg_fail_out_of_memory(decoder->path)
                : hg_fail(HG_BAD_DATA, "%s: a JPEG picture that cannot be read: %s", decoder->path, decoder->reason);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(begin(decoder, bytes, size, info));
    if (!out)
        goto cleanup;
    HG_TRY_OR_CLEANUP(
        hg_picture_create(out, decoder->jpeg.image_height, decoder->jpeg.image_width, info->channels, decoder->path));
    read_rows(decoder, out);

cleanup:
    jpeg_destroy_decompress(&decoder->jpeg);
    return status;
}

static void prepare(struct decoder *decoder, const char *path)
{
    *decoder = (struct decoder){.path = path};
    decoder->jpeg.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = stop;
    decoder->errors.emit_message = warn;
}

enum hg_status hg_jpeg_probe(struct hg_picture_info *info, const void *bytes, size_t size, const char *path)
{
    struct decoder decoder;
    prepare(&decoder, path);
    return decode(&decoder, bytes, size, info, NULL);
}

enum hg_status hg_jpeg_decode(struct hg_picture *out, const void *bytes, size_t size, const char *path)
{
    struct hg_picture_info info;
    struct decoder decoder;
    prepare(&decoder, path);
    *out = (struct hg_picture){0};
    enum hg_status status = decode(&decoder, bytes, size, &info, out);
    if (status == HG_OK)
        status = hg_picture_turn(out, info.orientation, path);
    if (status != HG_OK)
        hg_picture_free(out);
    return status;
}
