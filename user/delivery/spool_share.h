/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spool_share.h - several processes with one spool at the same time. The first has the directory
 * itself, each other one a directory below it, called 2 and so on. What is left in those when they
 * end is taken over by the next process that has the spool itself.
 */
#ifndef WORMSIGN_SPOOL_SHARE_H
#define WORMSIGN_SPOOL_SHARE_H

#include <stdint.h>

#include "base/error.h"
#include "delivery/spool.h"

#define SPOOL_SHARE_FIRST 2
#define SPOOL_SHARE_LAST  64

/*
 * Lock the spool, or the first directory below it that nobody has; *dir is replaced by that one's
 * descriptor then. ret_lock: as spool_lock(). 0: the spool itself; 1: a directory below it; -EBUSY
 * with e: all are in use; -errno with e.
 */
int spool_share_take(int *dir, int *ret_lock, struct error *e);
/* The descriptor of a directory below the spool; -ENOENT: there is none of that number. */
int spool_share_open(int dir, unsigned number);
/*
 * Move what some sink has not had from the directories below into the spool s, which lies in dir.
 * Those that are in use are passed over, and so are those in which a record was changed or removed,
 * which would not show any more. *ret_moved: records. -errno with e: something is still where it
 * was, and may be in s, too.
 */
int spool_share_gather(struct spool *s, int dir, uint64_t *ret_moved, struct error *e);

#endif
