/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * absent.h - a file whose open was refused by fanotify is shown as empty to who only reads it: the
 * call is made once more, for /dev/null. fanotify has EPERM alone, of which programs think that
 * something is broken, and so do git and yarn of ENOENT, as they ask first whether the file is
 * there (access(2)), which nobody refuses. Other calls fail with ENOENT, as on the backend deny.
 *
 * The thread that opens waits in its call until it is answered. It is seized (ptrace(2)) before,
 * stops when the call returns, and gets its result there, before it has executed an instruction.
 */
#ifndef WORMSIGN_ABSENT_H
#define WORMSIGN_ABSENT_H

#include <stdbool.h>
#include <sys/types.h>

/* Before the answer. False: it cannot be done (a traced process, a worker of io_uring), and the
 * call will fail with EPERM. */
bool absent_begin(pid_t thread);
/* After the answer, in the same thread, if it began. */
void absent_end(pid_t thread);

#endif
