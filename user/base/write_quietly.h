/* SPDX-License-Identifier: GPL-2.0-only */
/* write_quietly.h - write(2) that raises no signal. Includes nothing of this project. */
#ifndef WORMSIGN_WRITE_QUIETLY_H
#define WORMSIGN_WRITE_QUIETLY_H

#include <sys/types.h>

/*
 * As write(2), but a closed pipe and a limit on file sizes are only errors (EPIPE, EFBIG) and raise
 * no SIGPIPE or SIGXFSZ. What those signals do is left as it is, since the command inherits it.
 * Repeats after EINTR.
 */
ssize_t write_quietly(int fd, const void *bytes, size_t len);

#endif
