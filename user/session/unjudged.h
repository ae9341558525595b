/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unjudged.h - what a session ran that the rules on packages do not apply to: commands of package
 * managers that are not known (pip, cargo), and programs of packages that do not belong to the
 * project (npx fetches them). The summary says so, since "nothing stopped" says nothing about them.
 */
#ifndef WORMSIGN_UNJUDGED_H
#define WORMSIGN_UNJUDGED_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire.h"

/* Of each kind. */
#define UNJUDGED_MAX 16

/* Zero before the first call. */
struct unjudged {
	struct unjudged_list {
		char *at[UNJUDGED_MAX]; /* different ones, in the order of appearance; redacted */
		size_t count;
		uint64_t more; /* execs of others */
	} managers, programs;
};

void unjudged_free(struct unjudged *u);

/*
 * Enter an exec of the job or the project. cwd: where the command was started. Returns the name of
 * the package or program ("semver") if it is one that does not belong to the project; owned by u,
 * or NULL.
 */
const char *unjudged_exec(struct unjudged *u, const struct ws_rec_exec *r, const char *cwd);

/* Append "pip install, cargo build and 3 more"; nothing where there is nothing. */
void unjudged_list_text(struct buf *out, const struct unjudged_list *l);

#endif
