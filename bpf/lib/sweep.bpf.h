/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sweep.bpf.h - watch: end all processes of a condemned package at once. A signal does not stop a
 * call that has begun, so each process that lives until its next hook would complete one more.
 */
#ifndef WORMSIGN_SWEEP_BPF_H
#define WORMSIGN_SWEEP_BPF_H

#include "lib/subject.bpf.h"

/*
 * Send SIGKILL to every process of t's scope, once after it was condemned, where the kernel lets a
 * program do that: since 6.13, which is also since when changes of names are seen. Only for
 * programs of type tracing (tp_btf). Returns 0. In sweep.bpf.c.
 */
int ws_sweep(struct ws_task *t);

#endif
