/* SPDX-License-Identifier: GPL-2.0-only */
/* capabilities.h - the capabilities of this process: name those that are missing, and give up those
 * that are no longer needed. */
#ifndef WORMSIGN_CAPABILITIES_H
#define WORMSIGN_CAPABILITIES_H

#include <stdbool.h>

#include "base/error.h"

/*
 * 0 if this process has the capabilities that watching takes; else -EPERM, with e that names those
 * that are missing and says what to do. drops: those to become another user, too.
 */
int capabilities_check(bool drops, struct error *e);

/*
 * Keep only the capabilities that a running session takes: to read maps and iterators, to signal
 * other users' processes, to destroy sockets, and if `foreign`, to remove the session's cgroup from
 * a directory of another user. Also gain none by exec, and let no debugger attach. 0 or -errno.
 */
int capabilities_reduce(bool foreign);
/* The same for the agent, which besides makes cgroups in directories of others, and acts with the
 * rights of its clients' users; jobs: it also looks at processes of all users. */
int capabilities_of_agent(bool jobs);

/* Whether this process may write to the memory of any process, as the admitter does; and the same
 * reduction for the admitter, which keeps that. 0 or -errno. */
bool capabilities_admitter(void);
int capabilities_reduce_admitter(void);
/* For those of an agent's sessions, which look at files with the rights of their users; starts: for
 * the process that starts them, and makes groups of fanotify. */
int capabilities_of_admitters(bool starts);

#endif
