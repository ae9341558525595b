/* SPDX-License-Identifier: GPL-2.0-only */
/* scope.bpf.h - tell user space of a new scope. */
#ifndef WORMSIGN_SCOPE_BPF_H
#define WORMSIGN_SCOPE_BPF_H

#include "lib/subject.bpf.h"

/* Report the scope in this CPU's scratch, which was made for t, the running task: with the
 * directory of the tool's package if that is known, else the working directory. flags: WS_F_.
 * Returns 0. */
int ws_report_scope(struct ws_task *t, u32 flags);

#endif
