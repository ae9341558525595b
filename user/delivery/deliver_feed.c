// SPDX-License-Identifier: GPL-2.0-only
/*
 * deliver_feed.c - `wormsign-deliver feed` and `serve`: read the configuration and its credentials
 * with the rights they were started with, give those up, and run the server in a child, again if
 * that dies.
 */
#include "delivery/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/exit_status.h"
#include "base/listen.h"
#include "base/notify.h"
#include "delivery/feed_server.h"
#include "delivery/sandbox.h"
#include "delivery/sink_http.h"
#include "delivery/sink_set.h"
#include "delivery/spool_place.h"
#include "delivery/spool_share.h"
#include "events/feed_message.h"

#define FEED_FLUSH   30000
#define SERVE_FLUSH  10000
#define MOST_RESTART 5000  /* ms between two starts */
#define GOOD_RUN     60000 /* ms after which the next start comes soon again */

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
	/* credentials can come by descriptors; the session's are none of our business */
	if (!d->listen && close_range(d->socket + 1, ~0U, 0) < 0)
		return -errno;
	if (errors->count)
		return -EINVAL;
	err = sandbox_user_find(&user, c->user, &e);
	if (err == 0) {
		dir = spool_place_make(d->spool ?: c->spool ?: SPOOL_DEFAULT_DIR, &user, &e);
		err = dir < 0 ? dir : 0;
	}
	if (err == 0 && d->listen)
		err = listen_at(&o->listener, d->listen, SOCK_SEQPACKET, 0600, NULL, &e);
	err = err ?: sandbox_drop(&user, &e);
	if (err == 0) {
		err = spool_share_take(&dir, &lock, &e);
		o->gather = err == 0;
		err = err > 0 ? 0 : err;
	}
	if (err == 0 && (err = sink_set_try(c, &e)) < 0 && d->listen) {
		/* it may be there later, and the others are needed now */
		fprintf(stderr, "wormsign: delivery: %s\n", e.text);
		e = (struct error){ 0 };
		err = 0;
	}
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

/* The pipe's end whose closing tells the child that the service is to end; -1: it is closed. */
static volatile sig_atomic_t quit_write = -1;

static void on_term(int signal)
{
	(void)signal;
	if (quit_write >= 0)
		close(quit_write);
	quit_write = -1;
}

static pid_t start(const struct feed_server_options *o, const struct delivery_config *c)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		if (quit_write >= 0)
			close(quit_write);
		_exit(child(o, c, parent));
	}
	return pid;
}

static int keep_running(const struct feed_server_options *o, const struct delivery_config *c)
{
	bool serves = o->listener >= 0;

	for (int ms = 50;; ms = ms < MOST_RESTART ? ms * 2 : MOST_RESTART) {
		int64_t began = clock_ms();
		pid_t pid = start(o, c);
		int status = 0;

		while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return 0;
		if (serves ? quit_write < 0 : !is_open(o->socket))
			return STATUS_TROUBLE;
		if (WIFSIGNALED(status))
			fprintf(stderr,
				"wormsign: delivery: its process was ended by signal %d; it is "
				"started again\n",
				WTERMSIG(status));
		if (clock_ms() - began > GOOD_RUN)
			ms = 50;
		sleep_ms(ms);
	}
}

static void ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* Ctrl-C is the session's to answer: it flushes then */
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

int deliver_feed(int argc, char **argv)
{
	struct feed_server_options o = {
		.socket = -1, .listener = -1, .quit = -1, .flush_ms = FEED_FLUSH
	};
	struct json_form_errors errors = JSON_FORM_ERRORS("");
	struct deliver_options d = { 0 };
	struct delivery_config c;
	int status = deliver_options_parse(&d, argc, argv);

	if (status >= 0)
		return status;
	delivery_config_init(&c);
	ignore_signals();
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

/* ---- the service ---- */

/* From now on SIGTERM closes the pipe. */
static int make_quit(struct feed_server_options *o)
{
	struct sigaction term = { .sa_handler = on_term };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	o->quit = ends[0];
	quit_write = ends[1];
	return sigaction(SIGTERM, &term, NULL);
}

/* A descriptor for each session. */
static void raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void complain(const char *text)
{
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		fprintf(stderr, "wormsign: delivery: %.*s\n", (int)len, text);
	}
}

int deliver_serve(int argc, char **argv)
{
	struct feed_server_options o = { .socket = -1,
					 .listener = -1,
					 .quit = -1,
					 .flush_ms = SERVE_FLUSH,
					 .owner = geteuid() };
	struct json_form_errors errors = JSON_FORM_ERRORS("");
	struct deliver_options d = { 0 };
	struct delivery_config c;
	int status = deliver_options_parse(&d, argc, argv);

	if (status >= 0)
		return status;
	delivery_config_init(&c);
	ignore_signals();
	raise_limit();
	d.listen = d.listen ?: DELIVERY_SOCKET;
	if (d.flush_ms)
		o.flush_ms = d.flush_ms;
	sink_http_start();
	if (make_quit(&o) < 0 || prepare(&o, &c, &d, &errors) < 0) {
		complain(errors.text.at ?: "it cannot be started");
		status = STATUS_TROUBLE;
	} else {
		fprintf(stderr, "wormsign: delivery listens at %s\n", d.listen);
		notify("READY=1\nSTATUS=Delivering");
		status = keep_running(&o, &c);
		notify("STOPPING=1");
	}
	buf_free(&errors.text);
	delivery_config_free(&c);
	return status;
}
