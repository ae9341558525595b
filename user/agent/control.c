// SPDX-License-Identifier: GPL-2.0-only
/* control.c - one question over a connection of its own; its answers end where the agent closes. */
#include "agent/control.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

#define STATUS_MS 30000
#define RELOAD_MS 360000 /* loads a kernel side */
#define STOP_MS	  60000	 /* a process in an uninterruptible call dies only after it */

static int ask(int *ret, const char *path, enum agent_kind kind, uint64_t session, struct error *e)
{
	struct agent_ask m = { .head.kind = kind, .version = WORMSIGN_VERSION, .session = session };
	_close_ int fd = -1;
	int err = protocol_connect(&fd, path, e);

	if (err < 0)
		return err;
	err = protocol_send(fd, &m, sizeof(m), NULL, 0, NULL, 0, 0);
	/* -EPIPE: it has refused before it read this */
	if (err < 0 && err != -EPIPE)
		return error_set(e, err, "the agent cannot be talked to: %s", strerror(-err));
	*ret = TAKE_FD(fd);
	return 0;
}

/* The next message: 1; 0: the agent has closed. */
static int next(int fd, union agent_message *m, int ms, struct error *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t fds = 0;
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return error_set(e, -ETIME, "the agent does not answer");
	n = protocol_receive(fd, m, NULL, 0, &fds, 0);
	if (n == -ECONNRESET) /* closed unread; what it said before is still there */
		n = protocol_receive(fd, m, NULL, 0, &fds, 0);
	if (n == 0 || n == -ECONNRESET)
		return 0;
	if (n < 0)
		return error_set(e, (int)n, "the agent's answer cannot be received: %s",
				 strerror((int)-n));
	if (protocol_check_from_agent(m, n, fds, e) < 0)
		return -EBADMSG;
	if (m->head.kind == AGENT_REFUSED)
		return error_set(e, -ECANCELED, "the agent refuses: %s", m->refused.text);
	return 1;
}

/* ---- status ---- */

static int add(void **at, size_t *count, const void *more, size_t n, size_t size, struct error *e)
{
	char *all = reallocarray(*at, *count + n + 1, size);

	if (!all)
		return error_set(e, -ENOMEM, "out of memory");
	memcpy(all + *count * size, more, n * size);
	*at = all;
	*count += n;
	return 0;
}

static int take(struct control_status *s, const union agent_message *m, struct error *e)
{
	switch (m->head.kind) {
	case AGENT_SESSIONS:
		return add((void **)&s->sessions, &s->session_count, m->sessions.at,
			   m->sessions.count, sizeof(*s->sessions), e);
	case AGENT_PART:
		return add((void **)&s->parts, &s->part_count, &m->part, 1, sizeof(*s->parts), e);
	}
	return error_set(e, -EBADMSG, "the agent's answer makes no sense");
}

/* Those that run first, each group by its beginning, latest first. */
static int order(const void *a, const void *b)
{
	const struct agent_session *x = a, *y = b;

	if (!x->ended != !y->ended)
		return x->ended ? 1 : -1;
	return x->began < y->began ? 1 : x->began > y->began ? -1 : 0;
}

/* The current server first, then those that were replaced, latest first. */
static int part_order(const void *a, const void *b)
{
	const struct agent_part *x = a, *y = b;

	if (x->draining != y->draining)
		return x->draining ? 1 : -1;
	return x->since < y->since ? 1 : x->since > y->since ? -1 : 0;
}

int control_status(struct control_status *ret, const char *path, struct error *e)
{
	static union agent_message m;
	struct control_status s = { 0 };
	_close_ int fd = -1;
	size_t said = 0;
	int err = ask(&fd, path, AGENT_STATUS, 0, e);

	while (err == 0 && (err = next(fd, &m, STATUS_MS, e)) > 0)
		err = take(&s, &m, e);
	for (size_t i = 0; i < s.part_count; i++)
		said += s.parts[i].sessions;
	if (err == 0 &&
	    (!s.part_count || s.part_count != s.parts[0].parts || said != s.session_count))
		err = error_set(e, -EBADMSG, "the agent has closed before it said all");
	if (err < 0) {
		control_status_free(&s);
		return err;
	}
	qsort(s.parts, s.part_count, sizeof(*s.parts), part_order);
	if (s.session_count)
		qsort(s.sessions, s.session_count, sizeof(*s.sessions), order);
	*ret = s;
	return 0;
}

void control_status_free(struct control_status *s)
{
	free(s->parts);
	free(s->sessions);
	*s = (struct control_status){ 0 };
}

/* ---- stop, reload ---- */

static int take_done(int err, const union agent_message *m, struct error *e)
{
	if (err < 0)
		return err;
	if (err == 0)
		return error_set(e, -ECONNRESET, "the agent has closed before it was done");
	return m->head.kind == AGENT_DONE
		       ? 0
		       : error_set(e, -EBADMSG, "the agent's answer makes no sense");
}

int control_reload(const char *path, struct error *e)
{
	static union agent_message m;
	_close_ int fd = -1;
	int err = ask(&fd, path, AGENT_RELOAD, 0, e);

	err = err ?: next(fd, &m, RELOAD_MS, e);
	return take_done(err, &m, e);
}

int control_stop(const char *path, uint64_t session, struct error *e)
{
	static union agent_message m;
	_close_ int fd = -1;
	int err = ask(&fd, path, AGENT_STOP, session, e);

	err = err ?: next(fd, &m, STOP_MS, e);
	if (err == 0)
		return error_set(e, -ESRCH, "the agent has no session %016" PRIx64 "%s", session,
				 geteuid() ? " of yours" : "");
	return take_done(err, &m, e);
}
