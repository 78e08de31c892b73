/* An event file is a TFRecord file of messages `Event`. The numbers of fields are those of TensorBoard's event.proto
 * and summary.proto. */
#include "host/formats/event_file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/base/file.h"
#include "kernels/base/try.h"

enum { EVENT_TIME = 1, EVENT_STEP = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION_LOG = 7 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SCALAR = 2, VALUE_IMAGE = 4 };
enum { IMAGE_HEIGHT = 1, IMAGE_WIDTH = 2, IMAGE_COLOURS = 3, IMAGE_PNG = 4 };
enum { SESSION_STATUS = 1, SESSION_START = 1 };

/* CRC-32C (Castagnoli), reflected, four bits at a time. */
static uint32_t crc32c(const unsigned char *bytes, size_t size)
{
    static const uint32_t remainders[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
        0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; ++i) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ remainders[crc & 15];
        crc = crc >> 4 ^ remainders[crc & 15];
    }
    return ~crc;
}

/* As TFRecord stores it, so that a checksum of data which hold checksums is of use. */
static uint32_t masked_crc32c(const void *bytes, size_t size)
{
    const uint32_t crc = crc32c(bytes, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

/* An event of the present time. */
static struct hg_protobuf begin_event(void)
{
    struct hg_protobuf event = {.bytes = NULL};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    hg_protobuf_double(&event, EVENT_TIME, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    return event;
}

/* Appends a record: the length and its checksum, the event and its own. Releases the event. */
static enum hg_status append_event(const char *path, struct hg_protobuf *event)
{
    uint64_t length = event->size;
    uint32_t length_crc = masked_crc32c(&length, sizeof length), event_crc = masked_crc32c(event->bytes, event->size);
    const struct iovec parts[] = {{&length, sizeof length},
                                  {&length_crc, sizeof length_crc},
                                  {event->bytes, event->size},
                                  {&event_crc, sizeof event_crc}};
    enum hg_status status = event->status;
    if (status == HG_OK)
        status = hg_file_append(path, parts, sizeof parts / sizeof *parts);
    free(event->bytes);
    return status;
}

void hg_event_scalar(struct hg_protobuf *values, const char *tag, double value)
{
    struct hg_protobuf entry = {.bytes = NULL};
    hg_protobuf_text(&entry, VALUE_TAG, tag);
    hg_protobuf_float(&entry, VALUE_SCALAR, (float)value);
    hg_protobuf_message(values, SUMMARY_VALUE, &entry);
}

void hg_event_picture(struct hg_protobuf *values, const char *tag, const struct hg_picture *picture)
{
    struct hg_protobuf entry = {.bytes = NULL}, image = {.bytes = NULL};
    void *png;
    size_t size;
    const enum hg_status status = hg_png_encode(&png, &size, picture, tag);
    if (status != HG_OK) {
        values->status = status;
        return;
    }
    hg_protobuf_integer(&image, IMAGE_HEIGHT, picture->height);
    hg_protobuf_integer(&image, IMAGE_WIDTH, picture->width);
    hg_protobuf_integer(&image, IMAGE_COLOURS, picture->channels);
    hg_protobuf_bytes(&image, IMAGE_PNG, png, size);
    free(png);
    hg_protobuf_text(&entry, VALUE_TAG, tag);
    hg_protobuf_message(&entry, VALUE_IMAGE, &image);
    hg_protobuf_message(values, SUMMARY_VALUE, &entry);
}

enum hg_status hg_event_append(const char *path, uint64_t step, struct hg_protobuf *values)
{
    struct hg_protobuf event = begin_event();
    hg_protobuf_integer(&event, EVENT_STEP, step);
    hg_protobuf_message(&event, EVENT_SUMMARY, values);
    return append_event(path, &event);
}

enum hg_status hg_event_file_begin(const char *path, uint64_t step)
{
    struct hg_protobuf version = begin_event(), start = begin_event(), session = {.bytes = NULL};
    hg_protobuf_text(&version, EVENT_FILE_VERSION, "brain.Event:2");
    hg_protobuf_integer(&session, SESSION_STATUS, SESSION_START);
    hg_protobuf_integer(&start, EVENT_STEP, step);
    hg_protobuf_message(&start, EVENT_SESSION_LOG, &session);
    enum hg_status status = append_event(path, &version);
    if (status == HG_OK)
        status = append_event(path, &start);
    else
        free(start.bytes);
    return status;
}
