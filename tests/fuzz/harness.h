/* What the fuzz targets share: the bytes of an input as a file with a path, since that is what the readers take. */
#ifndef HANDGRAD_TESTS_FUZZ_HARNESS_H
#define HANDGRAD_TESTS_FUZZ_HARNESS_H

#include <stddef.h>
#include <stdint.h>

struct fuzz_file {
    int descriptor;
    char path[32];
};

/* A file in memory; aborts where the machine has none to give. */
struct fuzz_file fuzz_file_create(const void *bytes, size_t size);
void fuzz_file_remove(struct fuzz_file *file);

struct hg_array;

/* Reads every number, as a user of the array would, aborts where one is not finite, and frees it. */
void fuzz_array_consume(struct hg_array *array);

/* What libFuzzer calls: once, before all else, if there is one; and with every input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
