/* SPDX-License-Identifier: GPL-2.0-only */
/* run_log.h - where the log of a session goes unless --log says so. */
#ifndef WORMSIGN_RUN_LOG_H
#define WORMSIGN_RUN_LOG_H

#include <stdbool.h>

#include "session/run_as.h"

#define RUN_LOG_DIR "/var/log/wormsign"

/*
 * A path that does not exist yet: in dir, which is made if it can be (then *ret_roots is true, and
 * the file is to be root's), else in the caller's temporary directory. Freed by the caller; NULL:
 * out of memory.
 */
char *run_log_path(const char *dir, const struct run_as *as, bool *ret_roots);

#endif
