/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * earlier_list.h - what packages wrote outside of their own directories, kept from one session to
 * the next, so that a later one can say who put a program there: the file written.json beside
 * made.json. A file is known by its inode (device, generation, number) and by the time after which
 * it must not have changed.
 */
#ifndef WORMSIGN_EARLIER_LIST_H
#define WORMSIGN_EARLIER_LIST_H

#include <stdint.h>

#include "base/error.h"
#include "events/session_facts.h"
#include "kernel/earlier.h"

/* Limits: older sessions go first. One user cannot displace what is known of others'. */
#define EARLIER_LIST_DAYS 30
#define EARLIER_USER_MOST (WS_EARLIER_FILES / 2)

/*
 * Read DIR/written.json; *ret_version: of the file, 0 if there is none, which is an empty list.
 * -errno with e, and an empty list, if it belongs to another user, can be written by others, or is
 * damaged.
 */
int earlier_list_load(struct earlier *ret, const char *dir, uint64_t *ret_version, struct error *e);

/*
 * Add what a session's packages wrote to DIR/written.json, and drop what is too old by now
 * (CLOCK_REALTIME, ns) or too much; a file that cannot be read is replaced. 0; -errno with e.
 */
int earlier_list_save(const struct earlier *of_session, const char *dir, uint64_t now,
		      struct error *e);

/* Tell the kernel side of an instance what the list says, if it has changed since. 0; -errno with
 * e. */
int earlier_list_enter(struct loader *l, const struct tables *t, const char *dir, struct error *e);

/* Keep what the packages of an ended session wrote; what went wrong is in *ret. user: its owner. */
void earlier_list_keep(struct loader *l, uint64_t session, uint32_t user, const char *dir,
		       struct earlier_facts *ret, struct error *e);

#endif
