/* SPDX-License-Identifier: GPL-2.0-only */
/* callers_path.h - the PATH with which sudo was called, which sudo replaces by its own. */
#ifndef WORMSIGN_CALLERS_PATH_H
#define WORMSIGN_CALLERS_PATH_H

#include <sys/types.h>

/*
 * *ret_path: the PATH of the sudo that pid descends from without another program in between, owned
 * by the caller. -ENOENT: there is no such sudo, or it had no PATH; others: it cannot be read. Only
 * good for a hint: any program may be called sudo.
 */
int callers_path(pid_t pid, char **ret_path);

#endif
