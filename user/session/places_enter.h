/* SPDX-License-Identifier: GPL-2.0-only */
/* places_enter.h - enter a session's places by identity, which is how the kernel knows them. */
#ifndef WORMSIGN_PLACES_ENTER_H
#define WORMSIGN_PLACES_ENTER_H

#include <stddef.h>

#include "base/error.h"
#include "policy.h"
#include "session/places.h"

/* Identity of an open directory, as loader_identify() gives it. 0 or -errno. */
typedef int (*places_identify_fn)(void *arg, int fd, struct ws_id *ret);

/*
 * Enter in s the places that exist; "/" is never one. *ret_left_out: how many found no room
 * (WS_PLACES_MAX). Returns 0, or what identify returned, with e.
 */
int places_enter(struct ws_session *s, const struct places *p, places_identify_fn identify,
		 void *arg, size_t *ret_left_out, struct error *e);

#endif
