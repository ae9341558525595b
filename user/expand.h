/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * expand.h - which regular files a path pattern of a rule (grammar: rules/README.md) names on this
 * machine now.
 */
#ifndef WORMSIGN_EXPAND_H
#define WORMSIGN_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

struct expand {
	const char *const *homes; /* what `~` stands for */
	size_t home_count;
	size_t most; /* names looked at for one pattern */

	/* results, added to by each call */
	size_t unreadable; /* directories that could not be listed, files that could not be opened
			    */
	size_t cut;	   /* patterns for which `most` was reached */
	size_t skipped;	   /* patterns too wide to look for (anywhere, all of a home) */
};

/* fd is open with O_PATH and is closed after the call. Other than 0 ends the expansion and is its
 * result. */
typedef int (*expand_fn)(void *arg, int fd);

/*
 * Call fn for each. Symbolic links are followed: the kernel sees the file they lead to, so that is
 * what has to be known. Returns 0, what fn returned, or -ENOMEM.
 */
int expand(struct expand *x, const char *pattern, expand_fn fn, void *arg);

/* Does name match the glob of one component (`*`, `?`, backslash)? */
bool expand_match(const char *glob, size_t len, const char *name);

#endif
