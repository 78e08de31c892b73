/* Writing messages in the wire format of Protocol Buffers: a sequence of fields, each a number and a value. A message
 * within a message is written on its own first, since its length precedes it. */
#ifndef HANDGRAD_HOST_FORMATS_PROTOBUF_H
#define HANDGRAD_HOST_FORMATS_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

#include "handgrad/status.h"

/* A message that grows; all zero is an empty one. After a failure (HG_INTERNAL: out of memory) `status` has it, and
 * further fields are left out, so that it need be asked for only once, at the end. */
struct hg_protobuf {
    unsigned char *bytes; /* released by free() */
    size_t size, capacity;
    enum hg_status status;
};

void hg_protobuf_integer(struct hg_protobuf *message, unsigned field, uint64_t value);
void hg_protobuf_float(struct hg_protobuf *message, unsigned field, float value);
void hg_protobuf_double(struct hg_protobuf *message, unsigned field, double value);
void hg_protobuf_bytes(struct hg_protobuf *message, unsigned field, const void *bytes, size_t size);
void hg_protobuf_text(struct hg_protobuf *message, unsigned field, const char *text);
/* Adds `inner` as a field, and releases it. */
void hg_protobuf_message(struct hg_protobuf *message, unsigned field, struct hg_protobuf *inner);

#endif
