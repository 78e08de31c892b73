#include "host/formats/protobuf.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"

/* What kind of value follows a field's number. */
enum wire_type { WIRE_VARINT = 0, WIRE_64_BITS = 1, WIRE_LENGTH = 2, WIRE_32_BITS = 5 };

static void append(struct hg_protobuf *m, const void *bytes, size_t size)
{
    if (m->status != HG_OK || size == 0)
        return;
    if (m->capacity - m->size < size) {
        const size_t capacity = 2 * m->capacity > m->size + size ? 2 * m->capacity : m->size + size;
        m->status = hg_reallocate(&m->bytes, capacity, "the file to write");
        if (m->status != HG_OK)
            return;
        m->capacity = capacity;
    }
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

/* Seven bits a byte, the lowest first; the highest bit says that more follow. */
static void append_varint(struct hg_protobuf *m, uint64_t value)
{
    unsigned char bytes[10];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (unsigned char)(value | 0x80);
    bytes[size++] = (unsigned char)value;
    append(m, bytes, size);
}

static void append_key(struct hg_protobuf *m, unsigned field, enum wire_type type)
{
    append_varint(m, (uint64_t)field << 3 | type);
}

void hg_protobuf_integer(struct hg_protobuf *m, unsigned field, uint64_t value)
{
    append_key(m, field, WIRE_VARINT);
    append_varint(m, value);
}

/* Little-endian, as every machine that handgrad is built for. */
void hg_protobuf_float(struct hg_protobuf *m, unsigned field, float value)
{
    append_key(m, field, WIRE_32_BITS);
    append(m, &value, sizeof value);
}

void hg_protobuf_double(struct hg_protobuf *m, unsigned field, double value)
{
    append_key(m, field, WIRE_64_BITS);
    append(m, &value, sizeof value);
}

void hg_protobuf_bytes(struct hg_protobuf *m, unsigned field, const void *bytes, size_t size)
{
    append_key(m, field, WIRE_LENGTH);
    append_varint(m, size);
    append(m, bytes, size);
}

void hg_protobuf_text(struct hg_protobuf *m, unsigned field, const char *text)
{
    hg_protobuf_bytes(m, field, text, strlen(text));
}

void hg_protobuf_message(struct hg_protobuf *m, unsigned field, struct hg_protobuf *inner)
{
    if (m->status == HG_OK)
        m->status = inner->status;
    hg_protobuf_bytes(m, field, inner->bytes, inner->size);
    free(inner->bytes);
    *inner = (struct hg_protobuf){.bytes = NULL};
}
