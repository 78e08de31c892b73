/* Completion for shells: handgrad complete WORD..., which the scripts of completions/ call. */
#ifndef HANDGRAD_SRC_COMPLETE_H
#define HANDGRAD_SRC_COMPLETE_H

/* Prints what may stand in place of the last of the words that follow the program's name: one a line, with a tab and
 * its meaning; or the line ":files" where that is a path. */
void hg_complete(int count, char **given);

#endif
