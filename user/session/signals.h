/* SPDX-License-Identifier: GPL-2.0-only */
/* signals.h - the signals that wormsign takes from a descriptor while it supervises a command. */
#ifndef WORMSIGN_SIGNALS_H
#define WORMSIGN_SIGNALS_H

#include "base/error.h"

/*
 * Block them, and read them from *ret_fd, a signalfd, from now on. Also block SIGTSTP, SIGTTIN and
 * SIGTTOU, which stay pending: wormsign stops only together with its command, and writes to the
 * terminal from the background. Call before the command is forked, so that none is lost.
 */
int signals_take(int *ret_fd, struct error *e);

/* A pending signal that would have ended this process if it were not blocked, or 0. */
int signals_fatal_pending(void);

#endif
