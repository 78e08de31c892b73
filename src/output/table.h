/* Tables on standard output. */
#ifndef HANDGRAD_SRC_OUTPUT_TABLE_H
#define HANDGRAD_SRC_OUTPUT_TABLE_H

/* Text, then blanks up to `width` columns; always at least one. UTF-8 is counted by its characters. */
void hg_table_cell(const char *text, int width);

#endif
