/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * made_list.h - what packages created in a home or project, kept from one session to the next in a
 * file of wormsign's own: so that a tool that keeps ~/.NAME, or a file in the project, may update
 * it when it is installed again, without counting as one that changes others' files. An entry is
 * known by its path and its inode, and belongs to packages of one name.
 */
#ifndef WORMSIGN_MADE_LIST_H
#define WORMSIGN_MADE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "wire.h"

#define MADE_LIST_DIR "/var/lib/wormsign"

/* Limit on all entries. Those of one package are limited by WS_MADE_MAX, so that it cannot displace
 * those of others. */
#define MADE_LIST_MOST 512

struct made_entry {
	char *package, *path;
	uint64_t inode;
	uint32_t generation; /* of the inode, as in the upper half of ws_id.dev */
	uint64_t time;	     /* when it was created, CLOCK_REALTIME ns */
	bool guarded;	     /* its place is WS_PLACE_GUARDED */
};

struct made_list {
	struct made_entry *at; /* oldest first */
	size_t count, room;
};

/*
 * Read DIR/made.json. No file is an empty list. -errno with e, and an empty list, if the file or
 * the directory belongs to another user, can be written by others, or if the file is damaged.
 */
int made_list_load(struct made_list *ret, const char *dir, struct error *e);

/* Add what a record reports; realtime: what CLOCK_REALTIME is ahead of its time, ns. -ENOMEM. */
int made_list_record(struct made_list *l, const struct ws_rec_made *r, uint64_t realtime);
/* Add an entry as the newest, in place of one of the same path. -ENOMEM. */
int made_list_add(struct made_list *l, const struct made_entry *entry);

/*
 * Add l's entries to DIR/made.json: other sessions may have done so meanwhile. The file is replaced
 * as a whole, DIR is made if it is missing. One that made_list_load() refuses is replaced, too, but
 * nothing is written into such a directory. 0; -errno with e.
 */
int made_list_save(const struct made_list *l, const char *dir, struct error *e);

void made_list_free(struct made_list *l);

#endif
