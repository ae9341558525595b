// SPDX-License-Identifier: GPL-2.0-only
/* agent.c - accept clients, read the rings, take sessions down. */
#include "agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/feed.h"
#include "agent/job.h"
#include "agent/listen.h"
#include "agent/notify.h"
#include "agent/protocol.h"
#include "agent/rules.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/coverage.h"
#include "kernel/forget.h"
#include "kernel/ring.h"
#include "kernel/start.h"
#include "kernel/tls_libraries.h"
#include "policy/compile.h"
#include "session/admitter.h"
#include "session/capabilities.h"

/* When no session has run for so long, the hooks that slow the whole machine are detached, and what
 * ended sessions have left is removed from the tables. */
#define SETTLE_MS 1000

struct agent {
	const struct config *config;
	const char **keep; /* config->keep_env, NULL-ended */
	struct agent_rules rules;
	struct loader *loader;
	struct ring *ring;
	struct admitter admitter;
	const char *not_admitted; /* why scripts are not held; NULL: they are */
	int listener, signals;
	struct jobs jobs;
	int64_t settle_at; /* CLOCK_MONOTONIC, ms; 0: has settled, or sessions run */
	bool over;
};

/* ---- records ---- */

static void on_record(void *arg, const struct ws_head *rec)
{
	struct agent *a = arg;

	jobs_record(&a->jobs, rec);
}

/* What was done for scripts goes to their sessions. */
static void on_admitted(struct agent *a)
{
	static struct admitted report;
	struct ws_scope scope;

	while (admitter_read(&a->admitter, &report) == 0)
		if (loader_scope_read(a->loader, report.scope, &scope) == 0)
			jobs_admitted(&a->jobs, scope.session, &report);
}

/* A worker asks for a mark: all that the rings hold comes before it. */
static void on_feed(struct agent *a, struct job *job)
{
	char byte;

	if (recv(job->feed, &byte, 1, MSG_DONTWAIT) != 1)
		return; /* its end is seen by its pidfd */
	for (int rounds = 64; rounds > 0 && ring_consume(a->ring) > 0; rounds--)
		;
	if (!a->not_admitted)
		on_admitted(a);
	job_mark(job, ring_bad(a->ring));
}

/* ---- clients ---- */

static int serve(struct agent *a, struct peer *peer, int client, struct error *e)
{
	struct worker w = {
		.config = a->config,
		.loader = a->loader,
		.tables = a->rules.tables,
		.rules = a->rules.set,
		.rules_dirs = a->rules.dirs.text,
		.power = a->rules.power,
		.not_admitted = a->not_admitted,
		.rules_image = a->rules.image,
		.session_log = a->rules.session_log,
		.peer = peer,
		.client = client,
	};
	int err;

	if (a->jobs.count >= a->config->sessions)
		return error_set(e, -EBUSY, "the agent has %u sessions, which is its limit",
				 a->jobs.count);
	if (jobs_of(&a->jobs, peer->uid) >= a->config->sessions_per_user)
		return error_set(e, -EBUSY, "you have %u sessions, which is the limit for a user",
				 a->config->sessions_per_user);
	err = loader_wake(a->loader, e);
	if (err < 0)
		return err;
	a->settle_at = 0;
	return job_start(&a->jobs, &w, e);
}

static void on_client(struct agent *a)
{
	_close_ int client = accept4(a->listener, NULL, NULL, SOCK_CLOEXEC);
	CLEANUP(peer_done) struct peer peer = { .pidfd = -1 };
	struct error e = { 0 };
	int err;

	if (client < 0)
		return;
	err = peer_find(&peer, client, &e);
	err = err ?: serve(a, &peer, client, &e);
	if (err < 0)
		protocol_refuse(client, &e, err);
	if (!a->jobs.count && !a->settle_at)
		a->settle_at = clock_ms() + SETTLE_MS;
}

/* ---- the loop ---- */

static void on_signals(struct agent *a)
{
	struct signalfd_siginfo info;

	while (read(a->signals, &info, sizeof(info)) == sizeof(info))
		a->over |= info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT;
}

static void settle(struct agent *a)
{
	if (!a->settle_at || clock_ms() < a->settle_at)
		return;
	a->settle_at = 0;
	loader_rest(a->loader);
	loader_forget_ended(a->loader);
}

static int next_timeout(const struct agent *a)
{
	int watchdog = notify_watchdog_ms(), left;

	if (!a->settle_at)
		return watchdog;
	left = (int)(a->settle_at - clock_ms());
	left = left > 0 ? left : 0;
	return watchdog >= 0 && watchdog < left ? watchdog : left;
}

enum { P_LISTEN, P_SIGNALS, P_RING, P_ADMITTER, P_ADMITTED, P_JOBS };

/* Two descriptors for each job, after those of the agent itself. */
static nfds_t fill(const struct agent *a, struct pollfd *p)
{
	nfds_t n = P_JOBS;

	p[P_LISTEN] = (struct pollfd){ .fd = a->listener, .events = POLLIN };
	p[P_SIGNALS] = (struct pollfd){ .fd = a->signals, .events = POLLIN };
	p[P_RING] = (struct pollfd){ .fd = ring_poll_fd(a->ring), .events = POLLIN };
	p[P_ADMITTER] = (struct pollfd){ .fd = a->admitter.pidfd, .events = POLLIN };
	p[P_ADMITTED] = (struct pollfd){ .fd = a->admitter.socket, .events = POLLIN };
	for (const struct job *job = a->jobs.first; job; job = job->next) {
		p[n++] = (struct pollfd){ .fd = job->pidfd, .events = POLLIN };
		p[n++] = (struct pollfd){ .fd = job->feed,
					  .events = job->mark_waits ? POLLIN | POLLOUT : POLLIN };
	}
	return n;
}

static void take(struct agent *a, const struct pollfd *p)
{
	const struct pollfd *at = p + P_JOBS;
	struct job *next;

	if (p[P_RING].revents)
		ring_consume(a->ring);
	if (p[P_ADMITTED].revents)
		on_admitted(a);
	for (struct job *job = a->jobs.first; job; job = next, at += 2) {
		next = job->next;
		if (at[1].revents & POLLOUT)
			job_mark(job, ring_bad(a->ring));
		if (at[1].revents & POLLIN)
			on_feed(a, job);
		if (at[0].revents)
			job_take_end(&a->jobs, a->loader, job);
	}
	if (p[P_SIGNALS].revents)
		on_signals(a);
	if (p[P_LISTEN].revents)
		on_client(a);
	if (!a->jobs.count && !a->settle_at && at != p + P_JOBS)
		a->settle_at = clock_ms() + SETTLE_MS;
}

int agent_run(struct agent *a, struct error *e)
{
	size_t room = P_JOBS + 2 * (size_t)a->config->sessions;
	_free_ struct pollfd *p = calloc(room, sizeof(*p));

	if (!p)
		return error_set(e, -ENOMEM, "out of memory");
	notify("READY=1\nSTATUS=Watching what clients begin");
	while (!a->over) {
		nfds_t n = fill(a, p);

		if (poll(p, n, next_timeout(a)) < 0 && errno != EINTR)
			return error_set(e, -errno, "poll: %s", strerror(errno));
		if (p[P_ADMITTER].revents) /* scripts stay stopped: their sessions end */
			return error_set(e, -EPIPE, "its process that admits scripts has died");
		take(a, p);
		settle(a);
		notify("WATCHDOG=1");
	}
	notify("STOPPING=1");
	return 0;
}

/* ---- life ---- */

static int take_signals(struct agent *a, struct error *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP); /* of a terminal: ignored */
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return a->signals < 0 ? error_set(e, -errno, "signalfd: %s", strerror(errno)) : 0;
}

static int open_all(struct agent *a, struct error *e)
{
	struct loader_options lo = { .backend = a->config->backend };
	const struct hook_state *hooks;
	size_t count;
	int err;

	a->keep = calloc(a->config->keep_env.count + 1, sizeof(*a->keep));
	if (!a->keep)
		return error_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < a->config->keep_env.count; i++)
		a->keep[i] = a->config->keep_env.at[i];
	err = capabilities_check(true, e);
	err = err ?: agent_rules_read(&a->rules, a->config, e);
	err = err ?: loader_open(&a->loader, a->rules.tables, &lo, e);
	if (err < 0)
		return err;
	tls_libraries_watch(a->loader, getenv("PATH"));
	count = loader_hooks(a->loader, &hooks);
	a->rules.power = coverage_of(hooks, count, a->rules.set);
	loader_rest(a->loader);
	a->not_admitted = admitter_unavailable();
	if (!a->not_admitted)
		err = admitter_start(&a->admitter, a->loader, a->keep, e);
	err = err
		      ?: ring_open(&a->ring, loader_alerts_fd(a->loader),
				   loader_telemetry_fd(a->loader), on_record, a, e);
	err = err ?: take_signals(a, e);
	err = err ?: listen_at(&a->listener, a->config->socket, a->config->group, e);
	if (err == 0 && (err = capabilities_of_agent()) < 0)
		error_set(e, err, "privileges cannot be given up: %s", strerror(-err));
	return err;
}

int agent_open(struct agent **ret, const struct config *config, struct error *e)
{
	struct agent *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return error_set(e, -ENOMEM, "out of memory");
	a->config = config;
	a->admitter = (struct admitter){ .pidfd = -1, .socket = -1 };
	a->listener = a->signals = a->rules.image = -1;
	err = open_all(a, e);
	if (err < 0)
		agent_free(a);
	else
		*ret = a;
	return err;
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	if (a->listener >= 0) {
		unlink(a->config->socket);
		close(a->listener);
	}
	jobs_abandon(&a->jobs, a->loader); /* workers see it, and end their sessions */
	admitter_end(&a->admitter);
	free(a->keep);
	if (a->signals >= 0)
		close(a->signals);
	ring_free(a->ring);
	loader_free(a->loader);
	agent_rules_free(&a->rules);
	free(a);
}
