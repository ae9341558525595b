/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dependents.h - which of a project's own dependencies bring a package in: what a person must
 * remove to be rid of it. Found in npm's lockfile, or in the installed tree by the rules that
 * node's require() follows; so it holds for every package manager that makes a node_modules.
 *
 * Reads files that packages may have written: call it without privileges (reader.h).
 */
#ifndef WORMSIGN_DEPENDENTS_H
#define WORMSIGN_DEPENDENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define DEPENDENTS_MAX	8
#define DEPENDENTS_NAME 215 /* npm's limit, and a NUL */

struct dependents {
	/* names as package.json has them; the first of `found`, those of the project itself first
	 */
	char names[DEPENDENTS_MAX][DEPENDENTS_NAME];
	char workspace[DEPENDENTS_NAME]; /* if not "": they are those of this workspace of it */
	size_t found;			 /* 0: not known */
	bool manifest;			 /* the project has a package.json */
	bool lock;			 /* ... and a lockfile of its manager */
	bool yarn_berry;		 /* it is one of yarn 2 or later */
	/* if not "": the package lies elsewhere, below this directory of a node_modules, and is not
	 * linked into the project: a global installation, npx */
	char outside[DEPENDENTS_NAME];
};

/*
 * The project that the package installed in `directory` belongs to: the directory above its
 * outermost node_modules or .yarn, if that lies in cwd, else cwd. *ret_len bytes of the result
 * count.
 */
const char *dependents_project(const char *directory, const char *cwd, size_t *ret_len);

/*
 * project: absolute; directory: of the package, absolute. What cannot be read is not known. At most
 * some 20,000 packages are looked at.
 */
void dependents_find(struct dependents *ret, const char *project, const char *directory);

/*
 * The same from the content of a package-lock.json (version 2 or 3) alone; key: of the package in
 * its `packages` ("node_modules/x").
 */
void dependents_in_lock(struct dependents *ret, const json_t *lock, const char *key);

#endif
