/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lockfile.h - what a project's lockfile states of a package: its checksum. Only JSON is read:
 * npm's lockfiles and bun.lock; of pnpm's and Yarn's another program makes it.
 *
 * Reads files that packages may have written: call it without privileges (reader.h).
 */
#ifndef WORMSIGN_LOCKFILE_H
#define WORMSIGN_LOCKFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define LOCKFILE_MOST	  (64L << 20) /* bytes; the largest that were seen have 10 MB */
#define LOCKFILE_CHECKSUM 160	      /* the longest, Yarn's, has 145 characters */

/* npm's, the first that is there counts. NULL-ended. */
extern const char *const lockfile_npm[];

/*
 * A regular file of at most `most` bytes as JSON: a new reference, or NULL. commas: those before a
 * closing bracket are passed over, as bun.lock has them.
 */
json_t *lockfile_read(const char *path, long most, bool commas);

/*
 * The checksum of the package that lies at key ("node_modules/a/node_modules/b"), as npm and bun
 * write it ("sha512-..."), if its version there is this one. false: none is stated.
 */
bool lockfile_npm_checksum(char ret[LOCKFILE_CHECKSUM], const json_t *lock, const char *key,
			   const char *version);
bool lockfile_bun_checksum(char ret[LOCKFILE_CHECKSUM], const json_t *lock, const char *key,
			   const char *version);

/* The same of a list {"NAME@VERSION": "CHECKSUM"}; Yarn's own form ("10c0/...") counts, too. */
bool lockfile_listed_checksum(char ret[LOCKFILE_CHECKSUM], const json_t *list,
			      const char *directory, const char *version);

/* Makes such a list, a new reference, of an open file of this name (pnpm-lock.yaml, yarn.lock), or
 * NULL. */
typedef json_t *lockfile_list_fn(int fd, const char *name);

/* The same from the lockfile of manager ("npm", "pnpm", "yarn", "bun") in project, of the package
 * in directory. list NULL: pnpm's and Yarn's are not read. The file stays in memory for the next
 * call. */
bool lockfile_checksum(char ret[LOCKFILE_CHECKSUM], const char *manager, const char *project,
		       const char *directory, const char *version, lockfile_list_fn *list);
/* Read the lockfile of a project, whichever it has, for the next call. */
void lockfile_prepare(const char *project, lockfile_list_fn *list);

#endif
