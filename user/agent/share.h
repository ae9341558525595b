/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * share.h - how much of a table of the kernel side each user has: all sessions have one, so a user
 * who fills it would end everybody's. Counted in memory that the server and its workers share.
 */
#ifndef WORMSIGN_SHARE_H
#define WORMSIGN_SHARE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Of the files that sessions know by identity (`identities`, which has room for twice as many). */
#define SHARE_FILES 32768

struct shares; /* of all users */

/* What one session has taken; begins all 0. */
struct share {
	uint32_t *user; /* what its user has, in all sessions */
	uint32_t *own;
};

/* NULL: no memory. They live as long as the process. */
struct shares *shares_make(void);
/* For a session of that user. -ENOMEM. Undo with share_end(). */
int share_begin(struct share *ret, struct shares *all, uid_t uid);
/* Take n more. -ENOSPC: the user would have more than SHARE_FILES; then nothing is taken. */
int share_take(const struct share *s, size_t n);
/* The table has nothing of the session any more: give back what it took. */
void share_end(struct share *s);

#endif
