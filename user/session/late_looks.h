/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * late_looks.h - what is looked up while the session runs: the home that an exec brings (sudo,
 * setpriv, HOME=X npm ci), the project that a manager's argv names (yarn --cwd DIR), the
 * configuration of the repository in which a script starts, and the files that the scripts of its
 * project name. The kernel reports them; until this is done, home and project are directories like
 * any other, and the repository's configuration and such files are not known.
 */
#ifndef WORMSIGN_LATE_LOOKS_H
#define WORMSIGN_LATE_LOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "session/knower.h"
#include "session/places.h"
#include "wire.h"

struct late_looks {
	struct knower knower; /* .know NULL: nothing is looked up */
	uint64_t session;
	const struct places *places; /* of the session, when it began */
	bool follow;	    /* the directory that a manager is started in is a project, too */
	char project[4096]; /* whose scripts were looked at last */
};

/* Handle a record of kind HOME, EXEC or SCOPE; others are ignored. Errors are, too: what cannot be
 * entered stays unknown. A ring_fn; arg is the struct late_looks. */
void late_looks_record(void *arg, const struct ws_head *rec);

#endif
