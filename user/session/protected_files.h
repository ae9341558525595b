/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protected_files.h - enter the protected files that exist when a session starts by identity, so
 * that a hard link, a bind mount or a rename does not hide them.
 */
#ifndef WORMSIGN_PROTECTED_FILES_H
#define WORMSIGN_PROTECTED_FILES_H

#include "policy/compile.h"
#include "session/find_files.h"
#include "kernel/loader.h"
#include "session/places.h"

struct protected_files_result {
	size_t files;
	struct find_files looked; /* counts of what could not be looked at */
};

/* Asked before `count` files at most are entered: 0, or -errno with e, and none is. */
struct protected_files_limit {
	int (*reserve)(void *arg, size_t count, struct error *e); /* NULL: no limit */
	void *arg;
};

/* For that session, whose id is chosen. limit NULL: none. 0; -errno with e when a file that was
 * found could not be entered. */
int protected_files_enter(struct loader *l, uint64_t session, const struct tables *t,
			  const struct places *p, const struct protected_files_limit *limit,
			  struct protected_files_result *ret, struct error *e);

#endif
