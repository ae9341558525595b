// SPDX-License-Identifier: GPL-2.0-only
/* write_quietly.c - write(2) that raises no signal. */
#include "base/write_quietly.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

ssize_t write_quietly(int fd, const void *bytes, size_t len)
{
	const struct timespec none = { 0 };
	sigset_t raised, before, pending;
	ssize_t n;
	int err;

	sigemptyset(&raised);
	sigaddset(&raised, SIGPIPE);
	sigaddset(&raised, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &raised, &before);
	sigpending(&pending);
	do
		n = write(fd, bytes, len);
	while (n < 0 && errno == EINTR);
	err = errno;
	/* Discard what this write raised, but keep a signal that was pending before. */
	if (sigismember(&pending, SIGPIPE))
		sigdelset(&raised, SIGPIPE);
	if (sigismember(&pending, SIGXFSZ))
		sigdelset(&raised, SIGXFSZ);
	if (n < (ssize_t)len)
		while (sigtimedwait(&raised, NULL, &none) > 0 || errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return n;
}
