/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inside.bpf.h - code of a package that the project's scripts run without executing a file of it,
 * while something is installed: a shell reads it (`. FILE`, and what bash does with a program that
 * is no format that the kernel knows), or node is told to run a link that leads to it. The process
 * is a tool of the package that the file lies in, from that open on. So is one that runs what a
 * tool has written before: that is the tool's.
 */
#ifndef WORMSIGN_INSIDE_BPF_H
#define WORMSIGN_INSIDE_BPF_H

#include "lib/subject.bpf.h"

/* Whether what t's process opens is looked at. */
static __always_inline bool ws_looks_inside(const struct ws_task *t)
{
	return t->actor == WS_ACTOR_PROJECT && (t->flags & WS_T_INSTALL);
}

/* The running task t opens t->object.file. Returns 0. */
int ws_take_inside(struct ws_task *t);
/* ... has executed a program. Returns 0. */
int ws_take_inside_exec(struct ws_task *t);

#endif
