#include "tests/support/documented.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "tests/support/check.h"

enum { DOCUMENT_LIMIT = 1 << 20 };

void assert_documented(const char *name, const char *lines)
{
    char *path = NULL, *text = NULL;
    assert_ok(hg_string_format(&path, "%s/%s", HANDGRAD_DOCS, name));
    assert_ok(hg_file_read(&text, NULL, path, DOCUMENT_LIMIT));
    if (!strstr(text, lines)) {
        fprintf(stderr, "%s does not say what the source says; paste there:\n\n%s\n", path, lines);
        fail();
    }
    free(text);
    free(path);
}
