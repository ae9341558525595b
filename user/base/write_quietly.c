// SPDX-License-Identifier: GPL-2.0-only
/* write_quietly.c - write(2) that raises no signal. */
#include "write_quietly.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

ssize_t write_quietly(int fd, const void *bytes, size_t len)
{
	const struct timespec none = { 0 };
	sigset_t loud, before, pending;
	ssize_t n;
	int err;

	sigemptyset(&loud);
	sigaddset(&loud, SIGPIPE);
	sigaddset(&loud, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &loud, &before);
	sigpending(&pending);
	do
		n = write(fd, bytes, len);
	while (n < 0 && errno == EINTR);
	err = errno;
	/* Take away what this write raised, but not what was waiting before. */
	if (sigismember(&pending, SIGPIPE))
		sigdelset(&loud, SIGPIPE);
	if (sigismember(&pending, SIGXFSZ))
		sigdelset(&loud, SIGXFSZ);
	if (n < (ssize_t)len)
		while (sigtimedwait(&loud, NULL, &none) > 0 || errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return n;
}
