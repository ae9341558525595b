/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * writers.h - which script was the last to change a path, by the kernel's records. The table has a
 * fixed size: of two paths that fall together the older is forgotten, and nobody is named.
 */
#ifndef WORMSIGN_WRITERS_H
#define WORMSIGN_WRITERS_H

#include <stdint.h>

#include "wire.h"

struct writers { /* begins all 0 */
	struct writer *at;
};

/* Enter what a record says, of any kind. Without memory nothing is entered. */
void writers_record(struct writers *w, const struct ws_head *rec);
/* The scope and actor (enum ws_actor) that changed the path; WS_ACTOR_NONE: not known. */
uint32_t writers_find(const struct writers *w, const char *path, uint64_t *ret_scope);
void writers_free(struct writers *w);

#endif
