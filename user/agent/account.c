// SPDX-License-Identifier: GPL-2.0-only
/* account.c - an observer without a log, whose events go to delivery. */
#include "agent/account.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/facts.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "report/message.h"
#include "sanitize/known_secrets.h"
#include "session/observer.h"
#include "session/run_as.h"
#include "session/session_secrets.h"

#define FACTS_MS 5000  /* a client that does not say them for so long is refused */
#define END_MS	 10000 /* for what is not on disk at the session's end */

struct account {
	const struct worker *w;
	struct delivery_feed *feed;
	struct observer *observer;
	struct reader reader;
	int null;
};

static int receive_facts(struct facts *ret, const struct worker *w, struct error *e)
{
	struct pollfd p = { .fd = w->client, .events = POLLIN };
	static union agent_message m;
	_close_ int fd = -1;
	size_t fds = 0;
	ssize_t n;

	if (poll(&p, 1, FACTS_MS) <= 0)
		return error_set(e, -ETIME, "the client did not send its facts");
	n = protocol_receive(w->client, &m, &fd, 1, &fds, MSG_DONTWAIT);
	if (!fds)
		fd = -1;
	if (n <= 0 || protocol_check_from_client(&m, n, fds, NULL) < 0 ||
	    m.head.kind != AGENT_FACTS)
		return error_set(e, -EBADMSG, "the second message is not FACTS");
	return facts_read(ret, &m.facts, fd, e);
}

static const char *variable(const struct facts *f, const char *name)
{
	size_t len = strlen(name);

	for (char **v = f->environment; *v; v++)
		if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
			return *v + len + 1;
	return NULL;
}

/* What no event may repeat, read with the user's rights. */
static int know_secrets(const struct facts *f, const struct run_as *as, const char *home,
			struct error *e)
{
	CLEANUP(run_as_files_end) struct run_as_files files = { 0 };
	struct session_secrets_sources s = {
		.environment = f->environment, .home = home, .cwd = f->cwd, .user = as->uid
	};
	int err = run_as_files_begin(&files, as);

	if (err < 0)
		return error_set(e, err, "the user's rights cannot be taken: %s", strerror(-err));
	err = session_secrets_collect(&s, e);
	if (err == 0 && known_secrets_left_out())
		return error_set(e, -E2BIG,
				 "the environment holds more secrets than can be kept out of what "
				 "is delivered");
	return err;
}

static void account_free(struct account *a)
{
	if (!a)
		return;
	observer_free(a->observer);
	delivery_feed_free(a->feed);
	reader_end(&a->reader);
	if (a->null >= 0)
		close(a->null);
	free(a);
}

static int begin(struct account *a, const struct facts *f, struct error *e)
{
	CLEANUP(run_as_free) struct run_as as = { 0 };
	struct observer_options o = {
		.rules = a->w->rules,
		.session = a->w->session.id,
		.account = "a",
		.mode = (enum ws_mode)a->w->session.mode,
		.backend = loader_backend(a->w->loader),
		.quiet = true,
		.start = { .command = f->command,
			   .cwd = f->cwd,
			   .uid = a->w->peer->uid,
			   .gid = a->w->peer->gid,
			   .rules_dirs = a->w->rules_dirs },
		.terminal = a->null,
	};
	int err = peer_run_as(&as, a->w->peer, a->w->client, e);

	if (err < 0)
		return err;
	o.start.home = variable(f, "HOME") ?: as.home;
	o.start.user = as.name;
	reader_start(&a->reader, &as);
	o.reader = &a->reader;
	err = know_secrets(f, &as, o.start.home, e);
	err = err ?: delivery_feed_connect(&a->feed, a->w->config->delivery, e);
	o.feed = a->feed;
	return err ?: observer_open(&a->observer, &o, e);
}

int account_open(struct account **ret, const struct worker *w, struct error *e)
{
	CLEANUP(facts_free) struct facts f = { 0 };
	struct account *a;
	int err;

	if (!w->config->delivery)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return error_set(e, -ENOMEM, "out of memory");
	a->w = w;
	a->reader.socket = -1;
	a->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	err = a->null < 0 ? error_set(e, -errno, "/dev/null: %s", strerror(errno)) : 0;
	err = err ?: receive_facts(&f, w, e);
	err = err ?: begin(a, &f, e);
	if (err < 0)
		account_free(a);
	else
		*ret = a;
	return err;
}

void account_record(struct account *a, const struct ws_head *rec)
{
	if (a)
		observer_record(a->observer, rec);
}

void account_leftover(struct account *a, const struct session_leftover *left)
{
	if (a)
		observer_leftover(a->observer, left);
}

bool account_saves(struct observer *o, uint64_t session)
{
	int64_t ms = observer_unsaved_ms(o);

	if (!ms)
		return true;
	message("session %016" PRIx64 " is ended: delivery could not put an alert on disk for "
		"%" PRId64 " s",
		session, ms / 1000);
	return false;
}

bool account_tick(struct account *a)
{
	if (!a)
		return true;
	observer_tick(a->observer, clock_ns(CLOCK_MONOTONIC));
	return account_saves(a->observer, a->w->session.id);
}

void account_finish_feed(struct delivery_feed *feed, uint64_t session)
{
	struct delivery_end left = { 0 };

	if (feed && delivery_feed_finish(feed, END_MS, &left) < 0)
		message("session %016" PRIx64 ": %llu alerts and %llu other events are not in the "
			"spool of delivery",
			session, (unsigned long long)left.alerts_left,
			(unsigned long long)(left.events_left + left.result.dropped));
}

void account_end(struct account *a, const struct session_end *end)
{
	if (!a)
		return;
	observer_finish(a->observer, end);
	account_finish_feed(a->feed, a->w->session.id);
	known_secrets_close();
	account_free(a);
}
