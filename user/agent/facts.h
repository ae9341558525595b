/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * facts.h - what a client says of its session beside the command's process: for the events that the
 * agent delivers. The agent believes none of it: a command that lies here is seen in its exec
 * events, and the environment says only which values no event may repeat.
 */
#ifndef WORMSIGN_FACTS_H
#define WORMSIGN_FACTS_H

#include <stddef.h>

#include "agent/protocol.h"
#include "base/error.h"

#define FACTS_MAX (8 << 20) /* bytes of all strings; what is longer is not sent, and not read */

struct facts {
	char *cwd;
	char **command, **environment; /* NULL-ended */
	/* owned */
	char *bytes;
	char **strings;
};

/* Send them. -errno. */
int facts_send(int socket, const char *cwd, char *const *command, char *const *environment);
/* Read them from the descriptor that came with m, which may be of any kind, and is not waited for.
 * -EBADMSG with e: it does not hold what m says. */
int facts_read(struct facts *ret, const struct agent_facts *m, int fd, struct error *e);
void facts_free(struct facts *f);

#endif
