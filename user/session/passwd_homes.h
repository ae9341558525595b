/* SPDX-License-Identifier: GPL-2.0-only */
/* passwd_homes.h - the homes of the users of this machine: sudo, su, setpriv and gosu switch to
 * them without notice. */
#ifndef WORMSIGN_PASSWD_HOMES_H
#define WORMSIGN_PASSWD_HOMES_H

#include "policy/rule.h"

#define PASSWD_FILE "/etc/passwd"

/* Most homes that are added. A server with more users has them in another database than
 * passwd(5). */
#define PASSWD_HOMES_MOST 64

/*
 * Add to *ret the existing home directories that a file like passwd(5) names, each once. Left out
 * are those right below the root, other than root's (/var or /srv are no homes), and those in
 * directories of the system (/var/cache). Not what getpwent(3) would ask other machines for.
 * -ENOMEM.
 */
int passwd_homes_read(struct strings *ret, const char *file);

#endif
