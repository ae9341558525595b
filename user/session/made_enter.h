/* SPDX-License-Identifier: GPL-2.0-only */
/* made_enter.h - find again what packages created in earlier sessions, and enter it as theirs. */
#ifndef WORMSIGN_MADE_ENTER_H
#define WORMSIGN_MADE_ENTER_H

#include <stddef.h>

#include "base/error.h"
#include "policy.h"
#include "session/made_list.h"
#include "session/places.h"
#include "session/places_enter.h"

/* Enter what packages of this name made, as loader_made_before() does. 0 or -errno. */
typedef int (*made_enter_fn)(void *arg, const char *package, const struct ws_made *made);

/*
 * Call enter() once for each package of which something is there as it was created: below a home or
 * project of p, the same inode, made at the same time. *ret_found: how many things. 0; -errno with
 * e.
 */
int made_enter(const struct made_list *l, const struct places *p, places_identify_fn identify,
	       made_enter_fn enter, void *arg, size_t *ret_found, struct error *e);

#endif
