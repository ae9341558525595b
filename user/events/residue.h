/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * residue.h - what a session has changed for the next one: files of the places that
 * rules/data/residue.json names. What is in the list was found changed; who changed it is said only
 * where the kernel has reported it.
 */
#ifndef WORMSIGN_RESIDUE_H
#define WORMSIGN_RESIDUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* Members as in the table. */
struct residue_place {
	const char *what;
	const char *const *paths, *const *except; /* NULL-ended */
	bool executables, tree, spool;
};

extern const struct residue_place residue_places[];
extern const size_t residue_place_count;

#define RESIDUE_LISTED 20   /* of one place; more are only counted */
#define RESIDUE_PATH   1024 /* bytes of a path, with the NUL; a longer one is cut */

/* What is listed beside the places of the table. */
#define RESIDUE_SOCKET UINT32_MAX /* a listening socket; its path is "127.0.0.1:80 (tcp)" */

struct residue_item {
	uint32_t place; /* index of the table, or RESIDUE_SOCKET */
	bool made;	/* it was not there before */
	char *path;
	/* who changed it, by the kernel's records; actor WS_ACTOR_NONE: not known */
	uint64_t scope;
	uint32_t actor;
};

struct residue { /* begins all 0 */
	struct residue_item *at;
	size_t count;
	uint64_t more;	 /* that are not listed */
	bool incomplete; /* not all was looked at: too much, or it took too long */
};

/* In words: "shell start file". */
const char *residue_what(const struct residue_item *item);
/* Append "shell start file ~/.bashrc (new)"; redacted, not escaped. home: paths below it begin with
 * a tilde; NULL: none does. */
void residue_text(struct buf *out, const struct residue_item *item, const char *home);
/* Add one; it is counted only if the place has RESIDUE_LISTED already. -ENOMEM. */
int residue_add(struct residue *r, uint32_t place, bool made, const char *path);
void residue_free(struct residue *r);

#endif
