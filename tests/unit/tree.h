/* SPDX-License-Identifier: GPL-2.0-only */
/* tree.h - a temporary directory with files in it, for tests. */
#ifndef WORMSIGN_TEST_TREE_H
#define WORMSIGN_TEST_TREE_H

#include "policy.h"

/* A new directory, by its real name; removed with all in it by tree_free(). */
char *tree_new(void);
void tree_free(char *top);

/* Setup and teardown of a test that needs one of these: tree_top. */
extern char *tree_top;
int tree_setup(void **state);
int tree_teardown(void **state);

/* TOP/name, in one of a few buffers that are used in turn. */
const char *tree_path(const char *top, const char *name);
/* Make TOP/name and the directories above; a directory when it ends in '/', else a file with text.
 */
void tree_add(const char *top, const char *name, const char *text);
void tree_link(const char *top, const char *name, const char *to);

/* Device and inode of fd, as stat(2) has them: a places_identify_fn. */
int tree_identify(void *arg, int fd, struct ws_id *ret);

#endif
