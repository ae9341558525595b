/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * find_files.h - find the regular files that match a path pattern of a rule (rules/README.md has
 * the grammar), as they are on this machine now.
 */
#ifndef WORMSIGN_FIND_FILES_H
#define WORMSIGN_FIND_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct find_files {
	const char *const *homes; /* what `~` stands for */
	size_t home_count;
	size_t most;		  /* directory entries to look at for one pattern */
	struct home_names *names; /* see find_files_list_homes(); NULL: not listed */

	/* results; each call adds to them */
	size_t unreadable; /* directories that could not be listed, and files not opened */
	size_t cut;	   /* patterns for which `most` was reached */
	size_t skipped;	   /* patterns that are too wide (anywhere, all of a home) */
};

/*
 * List the homes once, so that patterns for what is not in them cost no system call: the rules name
 * a thousand files, and a machine has homes of many users. -ENOMEM. Undo with find_files_done().
 */
int find_files_list_homes(struct find_files *x);
void find_files_done(struct find_files *x);

/* fd was opened with O_PATH, and is closed after the call. A result other than 0 ends the search,
 * and is returned by it. */
typedef int (*find_files_fn)(void *arg, int fd);

/*
 * Call fn for each file. Symbolic links are followed, since the hooks see the file that a link
 * leads to. Returns 0, what fn returned, or -ENOMEM.
 */
int find_files(struct find_files *x, const char *pattern, find_files_fn fn, void *arg);

/* Whether name matches the glob of one component (`*`, `?`, backslash). */
bool find_files_match(const char *glob, size_t len, const char *name);

#endif
