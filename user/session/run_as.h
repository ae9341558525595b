/* SPDX-License-Identifier: GPL-2.0-only */
/* who.h - who the command runs as: the caller, or under sudo the user who called sudo. */
#ifndef WORMSIGN_WHO_H
#define WORMSIGN_WHO_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

struct who {
	bool drop; /* the command gives up root for uid, gid and groups */
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary, only when drop */
	int group_count;
	char *name; /* never NULL; the number where the uid has no name */
	char *home; /* from the user database; NULL: none */
};

/*
 * Find out from euid and the environment's SUDO_UID, SUDO_GID, SUDO_USER. -EINVAL with e when they
 * are there and make no sense: then nothing may run.
 */
int who_find(struct who *ret, uid_t euid, struct error *e);
void who_free(struct who *w);

/*
 * Give HOME, USER and LOGNAME back to that user where sudo made them root's. Changes this process's
 * environment: it is the command's.
 */
int who_set_environment(const struct who *w);

/* Become w for good, without a capability left. In the child, before exec. Returns 0 or -errno. */
int who_become(const struct who *w);

#endif
