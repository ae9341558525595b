/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protect.h - enter the protected files that exist when a session starts by their identity, so that
 * a hard link, a bind mount or a rename does not hide them.
 */
#ifndef WORMSIGN_PROTECT_H
#define WORMSIGN_PROTECT_H

#include "compile.h"
#include "expand.h"
#include "loader.h"
#include "session.h"

struct protect_result {
	size_t files;
	struct expand looked; /* what could not be looked at */
};

/* -errno with e when a file that was found could not be entered. */
int protect(struct loader *l, const struct tables *t, const struct session_places *p,
	    struct protect_result *ret, struct error *e);

#endif
