/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admit.bpf.h - a package's script does not begin before the admitter (user/session/admitter.h) has
 * taken the secrets out of its environment: it is stopped at its exec, and stays so until the
 * admitter releases it.
 *
 * SIGSTOP alone would not hold: anything of the same user can send SIGCONT. So a held task that is
 * continued is stopped again, SIGCONT to it is refused (deny), and a system call of it condemns its
 * package (watch).
 */
#ifndef WORMSIGN_ADMIT_BPF_H
#define WORMSIGN_ADMIT_BPF_H

#include "lib/maps.bpf.h"

/* How many processes are held now. Read first: other tasks pay for no more. */
__u32 ws_holding __weak;

/* Stop the running task, whose record is t, until it is admitted; kill it if that fails. Returns 0.
 */
int ws_hold(struct ws_task *t);
/* The running task makes a system call: if it is held, somebody has continued it. Returns 0. */
int ws_held_runs(struct ws_task *t);
/* Process tgid is held no more. Returns whether it was. */
int ws_let_go(u32 tgid);

#endif
