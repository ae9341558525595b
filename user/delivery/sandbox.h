/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sandbox.h - what delivery gives up before it talks to a network: root, and every system call that
 * neither the spool nor a sink needs.
 */
#ifndef WORMSIGN_SANDBOX_H
#define WORMSIGN_SANDBOX_H

#include <sys/types.h>

#include "base/error.h"

struct sandbox_user {
	uid_t uid;
	gid_t gid;
	char name[64];
};

/* name: NULL: `wormsign` if there is such a user, else `nobody`. Without root it is the caller. */
int sandbox_user_find(struct sandbox_user *ret, const char *name, struct error *e);
/* No core files, and no other process of the user looks into this one: call it first. */
void sandbox_no_core(void);
/* Become that user for good, with no other group, no capability and no core dumps. */
int sandbox_drop(const struct sandbox_user *u, struct error *e);
/* Refuse from now on, in all threads made later, what delivery does not need: above all execve,
 * ptrace, bpf, mounts, namespaces and sockets other than IP and UNIX. */
int sandbox_enter(struct error *e);

#endif
