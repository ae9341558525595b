/* SPDX-License-Identifier: GPL-2.0-only */
/* pid_namespace.h - whether this process is in the first pid namespace. */
#ifndef WORMSIGN_PID_NAMESPACE_H
#define WORMSIGN_PID_NAMESPACE_H

#include <stdbool.h>

/*
 * The kernel's lists and records hold pids of the first pid namespace. In another one they name
 * other processes: there the list of tasks is empty, and the cgroup alone shows what lives.
 */
bool pid_namespace_is_first(void);

#endif
