// SPDX-License-Identifier: GPL-2.0-only
/* signals.c - block, and open a signalfd. */
#include "session/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"
#include "policy.h"

/* By the same lists the kernel side lets processes of the session send these signals to
 * wormsign. */
#define SIGNAL(name) SIG##name,
static const int taken[] = { WS_SIGNALS_TAKEN(SIGNAL) };
static const int left_pending[] = { WS_SIGNALS_BLOCKED(SIGNAL) };

int signals_take(int *ret_fd, struct error *e)
{
	sigset_t wanted, blocked;
	int fd;

	sigemptyset(&wanted);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		sigaddset(&wanted, taken[i]);
	blocked = wanted;
	for (size_t i = 0; i < ARRAY_SIZE(left_pending); i++)
		sigaddset(&blocked, left_pending[i]);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_set(e, -errno, "signalfd: %s", strerror(errno));
	*ret_fd = fd;
	return 0;
}

int signals_fatal_pending(void)
{
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		struct sigaction now;

		if (taken[i] != SIGCHLD && sigismember(&pending, taken[i]) == 1 &&
		    sigaction(taken[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			return taken[i];
	}
	return 0;
}
