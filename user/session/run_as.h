/* SPDX-License-Identifier: GPL-2.0-only */
/* run_as.h - who the command runs as: the caller, or under sudo the user who called sudo. */
#ifndef WORMSIGN_RUN_AS_H
#define WORMSIGN_RUN_AS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct run_as {
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
int run_as_find(struct run_as *ret, uid_t euid, struct error *e);
void run_as_free(struct run_as *w);

/* Fill in name and home of w->uid, whose entry of the user database is user; NULL: it has none. The
 * name stays NULL if memory runs out. */
struct passwd;
void run_as_name(struct run_as *w, const struct passwd *user);

/*
 * Give HOME, USER and LOGNAME back to that user where sudo made them root's. Changes this process's
 * environment: it is the command's.
 */
int run_as_set_environment(const struct run_as *w);

/* What run_as_files_begin() has changed. */
struct run_as_files {
	bool changed;
	gid_t *groups;
	int group_count;
	uint64_t caps; /* effective ones */
};

/*
 * Open files with the rights of w from here on, until run_as_files_end(): what the caller names on
 * the command line must not be read or made with rights that he does not have. -errno: nothing is
 * changed, and nothing of his may be opened.
 */
int run_as_files_begin(struct run_as_files *ret, const struct run_as *w);
/* Ends the process if the rights cannot be restored. f is reset; may be one that did not begin. */
void run_as_files_end(struct run_as_files *f);

/*
 * Whether SUDO_UID, `claimed`, can be believed: sudo lets a user with the tag SETENV set it to
 * anything. parents_uid is the real user of the parent process: sudo keeps it as it was when the
 * user called, and it is 0 where the parent is a program that root started, such as a shell or a
 * service manager. login: the text of /proc/self/loginuid, NULL: there is none.
 */
enum run_as_claim {
	RUN_AS_FALSE,
	RUN_AS_PROVED,	 /* it is the real user of the parent */
	RUN_AS_UNPROVED, /* root started the parent, and root may set it to anything */
};
enum run_as_claim run_as_claim(uint32_t claimed, pid_t parent, uint32_t parents_uid,
			       const char *login);

/* Become w for good, without a capability left. In the child, before exec. Returns 0 or -errno. */
int run_as_become(const struct run_as *w);

#endif
