/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.h - tell the service manager how a service is: the protocol of sd_notify(3), one datagram.
 * Does nothing where no service manager asks for it. */
#ifndef WORMSIGN_NOTIFY_H
#define WORMSIGN_NOTIFY_H

/* state: lines NAME=VALUE, as "READY=1". 0, or -errno. */
int notify(const char *state);
/* After how many ms at most the manager wants WATCHDOG=1 again; -1: never. Half of what it allows.
 */
int notify_watchdog_ms(void);

#endif
