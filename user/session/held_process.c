// SPDX-License-Identifier: GPL-2.0-only
/* held_process.c - /proc/PID/status says whether it stands still, and which signals wait. */
#include "session/held_process.h"

#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* To be stopped again takes some microseconds. */
#define SETTLE_US 1000

struct standing {
	bool stands;
	bool to_stop; /* a stop signal from a terminal or a shell is pending */
};

/* All false if it has died. */
static struct standing look_at(pid_t pid)
{
	const uint64_t stops = 1ULL << (SIGTSTP - 1) | 1ULL << (SIGTTIN - 1) |
			       1ULL << (SIGTTOU - 1);
	struct standing ret = { 0 };
	_fclose_ FILE *f = NULL;
	char path[32], line[256], state;
	uint64_t pending;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "State: %c", &state) == 1)
			ret.stands = state == 'T' || state == 't';
		else if (sscanf(line, "SigPnd: %" SCNx64, &pending) == 1 ||
			 sscanf(line, "ShdPnd: %" SCNx64, &pending) == 1)
			ret.to_stop |= (pending & stops) != 0;
	return ret;
}

bool held_process_stands(pid_t pid)
{
	return look_at(pid).stands;
}

void held_process_wait(pid_t pid, int ms)
{
	while (ms-- > 0 && !look_at(pid).stands)
		usleep(1000);
}

/* Somebody else may have continued it in this moment. The kernel side is stopping it again for that
 * then, as long as it is held. */
static struct standing settled(pid_t pid)
{
	struct standing now = look_at(pid);

	if (!now.stands) {
		usleep(SETTLE_US);
		now = look_at(pid);
	}
	return now;
}

bool held_process_still_stands(pid_t pid)
{
	return settled(pid).stands;
}

void held_process_continue(pid_t pid, int pidfd)
{
	/* who was continued and stopped again while it was held is continued by nobody else */
	struct standing now = settled(pid);

	if (now.stands && !now.to_stop)
		syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 0);
}
