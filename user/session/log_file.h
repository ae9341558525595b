/* SPDX-License-Identifier: GPL-2.0-only */
/* log_file.h - who may read the session log, and that nothing of the session writes it. */
#ifndef WORMSIGN_LOG_FILE_H
#define WORMSIGN_LOG_FILE_H

#include "base/error.h"
#include "kernel/loader.h"
#include "policy/ruleset.h"
#include "session/run_as.h"

/*
 * Let the user whom the command runs as read a log of root's, but not write it, since what he may
 * do, packages may do. By an access control list; where that is not supported, by his group. 0, or
 * -errno: he cannot read it.
 */
int log_file_share(int fd, const struct run_as *w);

/* Enter the file in the kernel's table of the session's protected files, for the rule
 * `session-log`. -errno with e; 0 if the rule is not loaded. */
int log_file_guard(int fd, struct loader *l, uint64_t session, const struct ruleset *rules,
		   struct error *e);

#endif
