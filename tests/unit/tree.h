/* SPDX-License-Identifier: GPL-2.0-only */
/* tree.h - a temporary directory with files in it, for tests. */
#ifndef WORMSIGN_TEST_TREE_H
#define WORMSIGN_TEST_TREE_H

/* A new directory, by its real name; removed with all in it by tree_free(). */
char *tree_new(void);
void tree_free(char *top);

/* TOP/name, in one of a few buffers that are used in turn. */
const char *tree_path(const char *top, const char *name);
/* Make TOP/name and the directories above; a directory when it ends in '/', else a file with text.
 */
void tree_add(const char *top, const char *name, const char *text);
void tree_link(const char *top, const char *name, const char *to);

#endif
