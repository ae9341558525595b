/* SPDX-License-Identifier: GPL-2.0-only */
/* write_quietly.h - write(2) that raises no signal. Includes nothing of this project. */
#ifndef WORMSIGN_WRITE_QUIETLY_H
#define WORMSIGN_WRITE_QUIETLY_H

#include <sys/types.h>

/*
 * As write(2), but a reader that has gone away (SIGPIPE) or a limit on file sizes (SIGXFSZ) comes
 * as an error only. The signals' dispositions are the command's, and are not touched. Goes on after
 * EINTR.
 */
ssize_t write_quietly(int fd, const void *bytes, size_t len);

#endif
