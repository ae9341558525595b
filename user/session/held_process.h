/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * held_process.h - continue a process that the kernel side has stopped at its exec. Another session
 * may hold the same one (a session in a session, two servers of the agent): its kernel side stops
 * the process again before it runs, when somebody continues it too early. That holds only for a
 * process that stands still: SIGCONT to one that is on its way there takes away the stops that
 * everybody has sent.
 */
#ifndef WORMSIGN_HELD_PROCESS_H
#define WORMSIGN_HELD_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether it stands still. pid: of this pid namespace. */
bool held_process_stands(pid_t pid);
/* The same of one that may have been continued while it was held: its kernel side stops it again.
 */
bool held_process_still_stands(pid_t pid);
/* Wait until it does, for ms at most. */
void held_process_wait(pid_t pid, int ms);
/*
 * Continue it, when it was released and stood still before; unless its terminal or shell is about
 * to stop it: whoever stops the job will continue it.
 */
void held_process_continue(pid_t pid, int pidfd);

#endif
