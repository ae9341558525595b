// SPDX-License-Identifier: GPL-2.0-only
/* admitters.c - see admitters.h. */
#include "session/admitters.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/sessions.h"
#include "session/admitted.h"
#include "session/file_guard.h"

/* So often it looks for sessions that have ended, and for held processes whose wake-up was lost. */
#define WALK_MS 200

struct admitters_one {
	struct admitters_one *next;
	uint64_t session;
	pid_t pid; /* 0: it has died, or was not started */
	int bell;
	int group;  /* a second descriptor: while it is open, what waits does not go on */
	int failed; /* errno, if pid is 0: scripts of this session are killed */
	bool rung;  /* in this round */
};

static void close_one(struct admitters_one *one)
{
	if (one->bell >= 0)
		close(TAKE_FD(one->bell));
	if (one->group >= 0)
		close(TAKE_FD(one->group));
}

static int start(struct admitters *a, struct admitters_one *one)
{
	one->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (one->bell < 0)
		return -errno;
	one->group = file_guard_group();
	if (one->group < 0)
		return one->group;
	one->pid = fork();
	if (one->pid == 0) {
		for (struct admitters_one *other = a->first; other; other = other->next)
			close_one(other);
		a->serve(a->arg, one->session, one->bell, one->group);
		_exit(1);
	}
	return one->pid < 0 ? -errno : 0;
}

/* It cannot go on: neither can its session. */
static void give_up(struct admitters *a, struct admitters_one *one, int err)
{
	one->pid = 0;
	one->failed = -err;
	loader_session_condemn(a->loader, one->session);
	close_one(one);
}

/* That of the session, which is started if there is none; NULL: no memory. */
static struct admitters_one *of_session(struct admitters *a, uint64_t session)
{
	struct admitters_one *one = a->first;
	int err;

	while (one && one->session != session)
		one = one->next;
	if (one)
		return one;
	one = calloc(1, sizeof(*one));
	if (!one)
		return NULL;
	*one = (struct admitters_one){ .session = session, .bell = -1, .group = -1 };
	err = start(a, one);
	one->next = a->first;
	a->first = one;
	if (err < 0)
		give_up(a, one, err);
	return one;
}

/* A process is held. */
static void pass_on(void *arg, uint32_t pid, const struct ws_held *h)
{
	struct admitters *a = arg;
	struct admitters_one *one = of_session(a, h->session);
	struct admitted r = { .scope = h->scope, .failed = ENOMEM };
	const uint64_t ring = 1;

	if (one && one->pid) {
		if (!one->rung && write(one->bell, &ring, sizeof(ring)) == sizeof(ring))
			one->rung = true;
		return;
	}
	if (one)
		r.failed = (uint32_t)one->failed;
	kill((pid_t)pid, SIGKILL); /* its number is its own: dead, it is not held */
	admitted_send(a->reports, &r);
}

static bool has_ended(const struct admitters *a, const struct admitters_one *one)
{
	static struct ws_session record;

	return loader_session_read(a->loader, one->session, &record) == -ENOENT;
}

static void take_deaths(struct admitters *a)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (struct admitters_one *one = a->first; one; one = one->next)
			if (one->pid == pid)
				give_up(a, one, -ECHILD);
}

static void end_with_sessions(struct admitters *a)
{
	for (struct admitters_one **at = &a->first, *one; (one = *at);) {
		if (!has_ended(a, one)) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		if (one->pid) { /* it may be waiting for a file system */
			kill(one->pid, SIGKILL);
			while (waitpid(one->pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		close_one(one);
		free(one);
	}
}

void admitters_run(struct admitters *a)
{
	struct pollfd p[3] = {
		{ .fd = a->reports, .events = POLLIN },
		{ .fd = admission_poll_fd(a->admission), .events = POLLIN },
		{ .events = POLLIN },
	};
	int64_t walked = clock_ms();
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	p[2].fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	for (;;) {
		struct signalfd_siginfo ignored;

		if (poll(p, ARRAY_SIZE(p), WALK_MS) < 0 && errno != EINTR)
			_exit(1);
		if (p[0].revents) /* they see it, too */
			_exit(0);
		while (read(p[2].fd, &ignored, sizeof(ignored)) > 0)
			;
		take_deaths(a);
		if (clock_ms() - walked >= WALK_MS) {
			walked = clock_ms();
			end_with_sessions(a);
		}
		for (struct admitters_one *one = a->first; one; one = one->next)
			one->rung = false;
		if (admission_list(a->admission, pass_on, a) < 0)
			_exit(1);
	}
}
