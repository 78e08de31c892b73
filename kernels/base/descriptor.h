/* Open files: what system calls leave to their callers. `name` names the file in messages. */
#ifndef HANDGRAD_KERNELS_BASE_DESCRIPTOR_H
#define HANDGRAD_KERNELS_BASE_DESCRIPTOR_H

#include <stddef.h>

#include "handgrad/status.h"

/* Writes all of it, whatever interrupts, and waits where the descriptor would not (O_NONBLOCK). HG_IO. */
enum hg_status hg_descriptor_write(int fd, const char *name, const void *data, size_t size);

/* What was written is on disk on return. HG_IO. */
enum hg_status hg_descriptor_synchronise(int fd, const char *name);

/* The same for the names in the directory of `path`: that a file was created, renamed or removed there. */
enum hg_status hg_directory_synchronise(const char *path);

#endif
