/* Standard output: what is printed arrives, or the program fails. */
#ifndef HANDGRAD_SRC_STANDARD_OUTPUT_H
#define HANDGRAD_SRC_STANDARD_OUTPUT_H

#include "handgrad/status.h"
#include "kernels/base/writer.h"

/* Called first of all. stdio then waits for a standard output that does not block (O_NONBLOCK), where it would lose
 * text, and the first failure is kept. The numbers 0 to 2 are taken, so that where one of these streams was closed no
 * file gets its number and, with it, what is printed. */
void hg_standard_output_open(void);

/* Everything printed so far was written. HG_IO, saying why it was not. */
enum hg_status hg_standard_output_flush(void);

/* A writer behind what was printed so far. HG_IO, HG_INTERNAL. */
enum hg_status hg_standard_output_attach(struct hg_writer *out);

#endif
