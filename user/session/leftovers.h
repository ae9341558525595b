/* SPDX-License-Identifier: GPL-2.0-only */
/* leftovers.h - report the processes of a session that outlived its command. */
#ifndef WORMSIGN_LEFTOVERS_H
#define WORMSIGN_LEFTOVERS_H

#include <stdint.h>

#include "events/residue.h"
#include "events/session_facts.h"
#include "kernel/loader.h"
#include "session/cgroup.h"

#define LEFTOVERS_SOCKETS 8

struct leftovers {
	unsigned count;
	char names[96];	  /* of the first of them, redacted, not escaped: "node, sh" */
	unsigned sockets; /* listening ones that the session had made */
	struct ws_address listening[LEFTOVERS_SOCKETS]; /* the first of them */
};

/* One of them; left lives only during the call. */
typedef void (*leftover_fn)(void *arg, const struct session_leftover *left);

/*
 * Hand each living process of the session to each(), and add it to l. Found in the kernel's
 * list of tasks and in the cgroup, in case a process is missing in one of them.
 */
void leftovers_report(struct leftovers *l, struct loader *loader, uint64_t session,
		      const struct cgroup *c, leftover_fn each, void *arg);
/* Add the listening sockets to *ret. */
void leftovers_add_sockets(struct residue *ret, const struct leftovers *l);

#endif
