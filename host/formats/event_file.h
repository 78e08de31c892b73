/* TensorBoard's event files: a sequence of events, each the values that belong to one step of training. */
#ifndef HANDGRAD_HOST_FORMATS_EVENT_FILE_H
#define HANDGRAD_HOST_FORMATS_EVENT_FILE_H

#include <stdint.h>

#include "host/formats/protobuf.h"
#include "host/pictures/picture.h"

/* The values of one event are collected in a message; all zero is an empty one. */
void hg_event_scalar(struct hg_protobuf *values, const char *tag, double value);
void hg_event_picture(struct hg_protobuf *values, const char *tag, const struct hg_picture *picture);

/* Adds the event to `path`, at the present time, and empties `values`, on failure too. Events before it stay readable
 * whatever happens. HG_CANNOT_CREATE, HG_IO, HG_INTERNAL. */
enum hg_status hg_event_append(const char *path, uint64_t step, struct hg_protobuf *values);

/* Begins the file `path`. It follows, in the order of names, other event files of its directory, whose events from
 * `step` on TensorBoard then drops. HG_CANNOT_CREATE, HG_IO, HG_INTERNAL. */
enum hg_status hg_event_file_begin(const char *path, uint64_t step);

#endif
