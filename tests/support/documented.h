/* Tables of the source that documents repeat: the document must hold them as they are. */
#ifndef HANDGRAD_TESTS_SUPPORT_DOCUMENTED_H
#define HANDGRAD_TESTS_SUPPORT_DOCUMENTED_H

/* Fails unless the file HANDGRAD_DOCS/name holds `lines`, one after the other; says which lines to paste. */
void assert_documented(const char *name, const char *lines);

#endif
