// SPDX-License-Identifier: GPL-2.0-only
/* client.c - talk to the agent. */
#include "agent/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "agent/facts.h"
#include "agent/protocol.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/ring_check.h"
#include "policy/ruleset_image.h"

#define ANSWER_MS 30000 /* an agent that does not answer for so long is taken for dead */
#define LEASE_MS  60000 /* ... when the command has ended: it may have much to do */
#define REST_MS	  5000	/* to end what a dead agent has left */
#define SHARE	  1024	/* messages that are handled before signals are looked at */

bool client_wanted(void)
{
	struct stat st;

	return geteuid() != 0 && stat(AGENT_SOCKET, &st) == 0 && S_ISSOCK(st.st_mode);
}

static ssize_t receive(struct client *c, union agent_message *ret, int *ret_fd, size_t *ret_fds,
		       int flags)
{
	ssize_t n = protocol_receive(c->socket, ret, ret_fd, 1, ret_fds, flags);

	/* it closed without reading all that we sent; what it said before is still there */
	return n == -ECONNRESET ? protocol_receive(c->socket, ret, ret_fd, 1, ret_fds, flags) : n;
}

/* The next message, for which this waits. *ret_fd: its descriptor, the caller's; -1: none. */
static int answer(struct client *c, union agent_message *ret, int *ret_fd, struct error *e)
{
	struct pollfd p = { .fd = c->socket, .events = POLLIN };
	size_t fds = 0;
	ssize_t n;
	int fd = -1;

	if (poll(&p, 1, ANSWER_MS) <= 0)
		return error_set(e, -ETIME, "the agent does not answer");
	n = receive(c, ret, &fd, &fds, 0);
	if (n <= 0)
		return error_set(e, n < 0 ? (int)n : -ECONNRESET, "the agent has closed");
	if (protocol_check_from_agent(ret, n, fds, e) < 0) {
		if (fds)
			close(fd);
		return -EBADMSG;
	}
	*ret_fd = fds ? fd : -1;
	return 0;
}

static int read_rules(struct client *c, int image, struct error *e)
{
	struct stat st;
	void *at;
	int err;

	if (fstat(image, &st) < 0 || st.st_size == 0)
		return error_set(e, -EBADMSG, "the agent's rules cannot be read");
	at = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, image, 0);
	if (at == MAP_FAILED)
		return error_set(e, -errno, "the agent's rules cannot be read: %s",
				 strerror(errno));
	err = ruleset_from_image(&c->rules, at, st.st_size, e);
	munmap(at, st.st_size);
	return err;
}

static int take_started(struct client *c, const struct agent_started *m, int image, struct error *e)
{
	c->session = m->session;
	c->backend = m->backend;
	c->files = m->files;
	c->left_out = m->left_out;
	c->refused = m->refused;
	memcpy(c->rules_dirs, m->rules_dirs, sizeof(c->rules_dirs));
	memcpy(c->not_admitted, m->not_admitted, sizeof(c->not_admitted));
	memcpy(c->files_open, m->files_open, sizeof(c->files_open));
	memcpy(c->calls_open, m->calls_open, sizeof(c->calls_open));
	return read_rules(c, image, e);
}

int client_start(struct client *c, const struct launch *l, const struct places *p,
		 enum ws_mode mode, bool tools, int grace_ms, const char *cwd, char *const *command,
		 struct error *e)
{
	static union agent_message m;
	struct agent_start start = {
		.head.kind = AGENT_START,
		.version = WORMSIGN_VERSION,
		.mode = mode,
		.tools = tools,
		.grace_ms = (uint32_t)grace_ms,
		.home_tree = p->home_tree,
	};
	/* an agent that takes nothing for so long must not hold us */
	const struct timeval patience = { .tv_sec = ANSWER_MS / 1000 };
	int fds[AGENT_FDS_MAX] = { l->pidfd }, err;
	struct error ignored = { 0 };
	_close_ int image = -1;

	setsockopt(c->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));

	for (size_t i = 0; i < p->count && start.places < WS_PLACES_MAX; i++) {
		int fd = open(p->at[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		start.place[start.places++] = p->at[i].place;
		fds[start.places] = fd;
	}
	err = protocol_send(c->socket, &start, sizeof(start), NULL, 0, fds, 1 + start.places, 0);
	for (uint32_t i = 1; i <= start.places; i++)
		close(fds[i]);
	err = err ?: facts_send(c->socket, cwd, command, environ);
	/* it has refused before it read this; its answer is there */
	if (err < 0 && err != -EPIPE && err != -ECONNRESET)
		return error_set(e, err, "the agent cannot be talked to: %s", strerror(-err));
	err = answer(c, &m, &image, e);
	if (err < 0)
		return err;
	if (m.head.kind == AGENT_REFUSED)
		return error_set(e, -EPERM, "the agent refuses: %s", m.refused.text);
	if (m.head.kind != AGENT_STARTED)
		return error_set(e, -EBADMSG, "the agent's answer is malformed");
	cgroup_open_of(&c->cgroup, l->pid, &ignored);
	return take_started(c, &m.started, image, e);
}

/* ---- what looks have found ---- */

#define PASSES 1000 /* tries, of 1 ms, to pass a descriptor that the kernel has no room for */

static int pass(struct client *c, const void *m, size_t len, int fd)
{
	int err;

	/* -ETOOMANYREFS: as many of this user's are under way as he may have open */
	for (int i = 0; i < PASSES; i++) {
		err = protocol_send(c->socket, m, len, NULL, 0, &fd, 1, 0);
		if (err != -ETOOMANYREFS)
			break;
		poll(NULL, 0, 1);
	}
	return err;
}

static int know(void *arg, int fd, const char *class, uint64_t size)
{
	struct agent_know m = { .head.kind = AGENT_KNOW, .size = size };

	snprintf(m.class, sizeof(m.class), "%s", class);
	return pass(arg, &m, sizeof(m), fd);
}

static int place(void *arg, int fd, enum ws_place place)
{
	struct agent_place m = { .head.kind = AGENT_PLACE, .place = place };

	return pass(arg, &m, sizeof(m), fd);
}

struct knower client_knower(struct client *c)
{
	return (struct knower){ .know = know, .place = place, .arg = c };
}

int client_guard(struct client *c, int log, struct error *e)
{
	static union agent_message m;
	struct agent_head guard = { .kind = AGENT_GUARD };
	int fd = -1;
	int err;

	if (log < 0)
		return 0;
	err = protocol_send(c->socket, &guard, sizeof(guard), NULL, 0, &log, 1, 0);
	err = err ?: answer(c, &m, &fd, e);
	if (fd >= 0)
		close(fd);
	if (err == 0 && m.head.kind != AGENT_GUARDED)
		err = -EBADMSG;
	return err < 0 ? error_set(e, err, "the session log cannot be protected: %s",
				   strerror(-err))
		       : 0;
}

/* ---- while the command runs ---- */

/* A record lies behind a head of 8 bytes, so it is aligned. */
static void take_record(struct client *c, struct observer *o, const union agent_message *m,
			size_t len)
{
	if (ring_check(&m->record.record, len - sizeof(m->head)) < 0) {
		c->bad_records++;
	} else {
		late_looks_record(&c->late, &m->record.record);
		observer_record(o, &m->record.record);
	}
}

/* Collect them: they come before the end. */
static void take_report(struct client *c, const struct ws_reported *r)
{
	struct ws_reported *more =
		reallocarray(c->reports, c->report_count + 1, sizeof(*c->reports));

	if (!more)
		return;
	c->reports = more;
	c->reports[c->report_count++] = *r;
}

enum taken { NOTHING, SOMETHING, THE_END, DEAD };

static enum taken take_one(struct client *c, struct observer *o, struct session_end *ret)
{
	static union agent_message m;
	size_t fds = 0;
	int fd;
	ssize_t n = receive(c, &m, &fd, &fds, MSG_DONTWAIT);

	if (n == -EAGAIN)
		return NOTHING;
	if (n <= 0)
		return DEAD;
	if (fds)
		close(fd);
	if (protocol_check_from_agent(&m, n, fds, NULL) < 0) {
		c->bad_records++;
		return SOMETHING;
	}
	switch (m.head.kind) {
	case AGENT_RECORD:
		take_record(c, o, &m, n);
		break;
	case AGENT_LEFTOVER:
		observer_leftover(o, &m.leftover.left);
		break;
	case AGENT_REPORT:
		take_report(c, &m.report.reported);
		break;
	case AGENT_RESIDUE:
		if (residue_add(&c->residue, m.residue.place, m.residue.made, m.residue.path) < 0)
			c->residue.incomplete = true;
		break;
	case AGENT_END:
		*ret = m.end.end;
		ret->withheld.unavailable = NULL;
		c->leftovers = m.end.leftovers;
		c->stopped = m.end.stopped;
		return THE_END;
	}
	return SOMETHING;
}

static enum taken take_share(struct client *c, struct observer *o, struct session_end *ret)
{
	enum taken taken = SOMETHING;

	for (int n = 0; taken == SOMETHING && n < SHARE; n++)
		taken = take_one(c, o, ret);
	return taken;
}

/* What the session has is dead, or must be: wait for the command's status. */
static void end_command(struct attend *a)
{
	while (!a->ended) {
		struct pollfd p = { .fd = a->signals, .events = POLLIN };

		syscall(SYS_pidfd_send_signal, a->launch->pidfd, SIGKILL, NULL, 0);
		poll(&p, 1, 100);
		attend_take(a);
	}
}

/* Nobody else does it if all processes of the agent were killed at once. What has another user's
 * rights is not ours to kill. */
static bool end_rest(struct client *c, struct attend *a)
{
	int64_t until = clock_ms() + REST_MS;

	while (c->cgroup && cgroup_populated(c->cgroup) > 0) {
		if (clock_ms() > until)
			return false;
		cgroup_kill(c->cgroup);
		cgroup_wait_empty(c->cgroup, 20);
		attend_take(a);
	}
	return true;
}

static bool send_ended(struct client *c, const struct attend *a)
{
	struct agent_ended m = { .head.kind = AGENT_ENDED, .status = a->status };

	protocol_send(c->socket, &m, sizeof(m), NULL, 0, NULL, 0, 0);
	return true;
}

void client_watch(struct client *c, struct attend *a, struct observer *o, int grace_ms,
		  struct session_end *ret)
{
	struct pollfd p[2] = { { .fd = a->signals, .events = POLLIN },
			       { .fd = c->socket, .events = POLLIN } };
	struct agent_head hurry = { .kind = AGENT_HURRY };
	enum taken taken = NOTHING;
	bool hurried = false, told = false;
	int tick = -1, lease = grace_ms + LEASE_MS;
	int64_t said = 0;

	while (taken != THE_END && taken != DEAD) {
		if (told && (tick < 0 || tick > lease))
			tick = lease;
		poll(p, 2, taken == SOMETHING ? 0 : tick);
		attend_take(a);
		if (a->ended && !told)
			told = send_ended(c, a);
		if (a->hurry && !hurried)
			hurried = protocol_send(c->socket, &hurry, sizeof(hurry), NULL, 0, NULL, 0,
						0) == 0;
		taken = take_share(c, o, ret);
		if (!told || taken == SOMETHING || !said)
			said = clock_ms();
		else if (taken == NOTHING && clock_ms() - said >= lease)
			taken = DEAD; /* it is stopped, or hangs */
		if (taken != SOMETHING)
			tick = observer_tick(o, clock_ns(CLOCK_MONOTONIC));
	}
	c->agent_died = taken == DEAD;
	ret->broken |= c->agent_died;
	end_command(a);
	c->rest_lives = c->agent_died && !end_rest(c, a);
	ret->bad_records += c->bad_records;
	ret->reports = TAKE_PTR(c->reports);
	ret->report_count = c->report_count;
}

void client_free(struct client *c)
{
	if (c->socket >= 0)
		close(TAKE_FD(c->socket));
	cgroup_free(c->cgroup);
	c->cgroup = NULL;
	free(c->reports);
	c->reports = NULL;
	residue_free(&c->residue);
	ruleset_free(c->rules);
	c->rules = NULL;
}
