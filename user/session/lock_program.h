/* SPDX-License-Identifier: GPL-2.0-only */
/* lock_program.h - what wormsign-lockfile, which parses pnpm's and Yarn's lockfiles, has found. */
#ifndef WORMSIGN_LOCK_PROGRAM_H
#define WORMSIGN_LOCK_PROGRAM_H

#include <jansson.h>

/* A lockfile_list_fn (lockfile.h): starts the program and waits for its end. A build without
 * libyaml has none: NULL. */
json_t *lock_program_list(int fd, const char *name);

#endif
