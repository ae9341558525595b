/* SPDX-License-Identifier: GPL-2.0-only */
/* git_includes.h - the files that a text of git's configuration includes (git-config(1)). */
#ifndef WORMSIGN_GIT_INCLUDES_H
#define WORMSIGN_GIT_INCLUDES_H

#include <stddef.h>

#define GIT_INCLUDE_PATH 4096 /* bytes of a path, with its NUL; longer ones are left out */

/*
 * Call fn with each value of `path` in sections include and includeIf, whatever the condition:
 * it can be met later. It stops at the first result that is not 0, which is returned.
 */
int git_includes_each(const char *text, size_t len, int (*fn)(void *arg, const char *path),
		      void *arg);

#endif
