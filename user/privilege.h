/* SPDX-License-Identifier: GPL-2.0-only */
/* privilege.h - the capabilities of this process: which are missing, and giving up what is not
 * needed any more. */
#ifndef WORMSIGN_PRIVILEGE_H
#define WORMSIGN_PRIVILEGE_H

#include <stdbool.h>

#include "error.h"

/*
 * 0 when this process has what watching takes; -EPERM with e, which names the missing capabilities
 * and what to do. drops: it must also be able to become another user.
 */
int privilege_check(bool drops, struct error *e);

/*
 * Keep only what a running session takes: reading maps and iterators, signalling other users'
 * processes, ending sockets, and, with `foreign`, removing a directory from one of somebody else's.
 * Also never gain any by exec, and no attaching by a debugger. Returns 0 or -errno.
 */
int privilege_reduce(bool foreign);

#endif
