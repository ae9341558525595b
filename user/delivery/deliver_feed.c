// SPDX-License-Identifier: GPL-2.0-only
/*
 * deliver_feed.c - `wormsign-deliver feed`: reads the configuration and its credentials with the
 * rights it was started with, gives those up, and runs the server in a child, again if that dies.
 */
#include "delivery/deliver.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/exit_status.h"
#include "delivery/feed_server.h"
#include "delivery/sandbox.h"
#include "delivery/sink_http.h"
#include "delivery/sink_set.h"
#include "delivery/spool_place.h"
#include "delivery/spool_share.h"
#include "events/feed_message.h"

#define DEFAULT_FLUSH 30000
#define MOST_RESTART  5000 /* ms between two starts */

static void tell(int socket, enum feed_kind kind, const char *text)
{
	struct feed_head head = { .kind = kind };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)text, strlen(text) } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(socket, &m, MSG_NOSIGNAL) < 0)
		fprintf(stderr, "wormsign: delivery: %s\n", text);
}

/* The part of the start that needs rights. */
static int prepare(struct feed_server_options *o, struct delivery_config *c,
		   const struct deliver_options *d, struct json_form_errors *errors)
{
	_close_ int dir = -1, lock = -1;
	struct sandbox_user user;
	struct error e = { 0 };
	int err;

	deliver_configure(c, d, errors);
	if (errors->count)
		return -EINVAL;
	err = sandbox_user_find(&user, c->user, &e);
	if (err == 0) {
		dir = spool_place_make(d->spool ?: c->spool ?: SPOOL_DEFAULT_DIR, &user, &e);
		err = dir < 0 ? dir : 0;
	}
	err = err ?: sandbox_drop(&user, &e);
	if (err == 0) {
		err = spool_share_take(&dir, &lock, &e);
		o->gather = err == 0;
		err = err > 0 ? 0 : err;
	}
	err = err ?: sink_set_try(c, &e);
	err = err ?: sandbox_enter(&e);
	if (err < 0) {
		buf_addf(&errors->text, "%s%s", errors->text.len ? "\n" : "", e.text);
		return err;
	}
	o->dir = TAKE_FD(dir);
	TAKE_FD(lock); /* held as long as this process or a child lives */
	return 0;
}

static int child(const struct feed_server_options *o, const struct delivery_config *c, pid_t parent)
{
	struct error e = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		return STATUS_TROUBLE;
	if (feed_server(o, c, &e) == 0)
		return 0;
	fprintf(stderr, "wormsign: delivery: %s\n", e.text);
	return STATUS_TROUBLE;
}

static void sleep_ms(int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* Whether the session still listens. */
static bool is_open(int socket)
{
	struct feed_head head;

	return recv(socket, &head, sizeof(head), MSG_PEEK | MSG_DONTWAIT) != 0;
}

static int keep_running(const struct feed_server_options *o, const struct delivery_config *c)
{
	pid_t parent = getpid();

	for (int ms = 50;; ms = ms < MOST_RESTART ? ms * 2 : MOST_RESTART) {
		pid_t pid = fork();
		int status = 0;

		if (pid == 0)
			_exit(child(o, c, parent));
		while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return 0;
		if (!is_open(o->socket))
			return STATUS_TROUBLE;
		sleep_ms(ms);
	}
}

int deliver_feed(int argc, char **argv)
{
	struct feed_server_options o = { .socket = -1, .flush_ms = DEFAULT_FLUSH };
	struct json_form_errors errors = JSON_FORM_ERRORS("");
	struct deliver_options d = { 0 };
	struct delivery_config c;
	int status = deliver_options_parse(&d, argc, argv);

	if (status >= 0)
		return status;
	delivery_config_init(&c);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* Ctrl-C is the session's to answer: it flushes then */
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	o.socket = d.socket;
	if (d.flush_ms)
		o.flush_ms = d.flush_ms;
	sink_http_start();
	if (prepare(&o, &c, &d, &errors) < 0) {
		tell(o.socket, FEED_FAILED, errors.text.at);
		status = STATUS_TROUBLE;
	} else {
		tell(o.socket, FEED_READY, "");
		status = keep_running(&o, &c);
	}
	buf_free(&errors.text);
	delivery_config_free(&c);
	return status;
}
