#include "src/output/table.h"

#include <stdio.h>

void hg_table_cell(const char *text, int width)
{
    int columns = 0;
    /* Bytes 10xxxxxx continue a character; combining marks (U+0300 to U+036F: 0xCC, 0xCD) take no column. */
    for (const char *c = text; *c; ++c)
        columns += ((unsigned char)*c & 0xC0) != 0x80 && (unsigned char)*c != 0xCC && (unsigned char)*c != 0xCD;
    printf("%s%*s", text, columns < width ? width - columns : 1, "");
}
