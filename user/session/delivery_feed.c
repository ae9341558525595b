// SPDX-License-Identifier: GPL-2.0-only
/* delivery_feed.c - a queue of events, each kept until it is on disk. */
#include "session/delivery_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "session/libexec_program.h"

#define MOST_EVENT_BYTES (32 << 20)
#define START_MS	 30000
#define MARGIN_MS	 5000 /* grace for its last report, beyond the time for the flush */
#define CHILD_SOCKET	 3
#define CONNECT_MS	 5000
#define AGAIN_MS	 200 /* between two tries to connect */

struct entry {
	struct entry *next;
	size_t size;  /* of the packet */
	int64_t made; /* clock_ms() */
	struct feed_head head;
	char bytes[]; /* id, NUL, line */
};

struct delivery_feed {
	int socket;
	pid_t pid;	  /* 0: adopted */
	char *path;	  /* of the service; NULL: the process is ours */
	int64_t again;	  /* when to connect to it again */
	uint64_t stop_ms; /* after that long without room for an alert the session is to end; 0: not
			   */
	struct entry *first, **last, *unsent;
	size_t event_bytes;
	uint64_t number, lost;
	bool begin;	 /* FEED_BEGIN is to be sent */
	bool listening;	 /* FEED_HELLO has come */
	bool dead, done; /* the process has ended; FEED_RESULT has come */
	int64_t end_at;	 /* 0: the session goes on; then the deadline */
	bool end_sent;
	struct delivery_end end;
};

/* ---- start ---- */

static void __attribute__((noreturn)) become(const char *program, char *const *argv, int socket)
{
	static char *const no_environment[] = { "PATH=/usr/bin:/bin", NULL };
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    (socket == CHILD_SOCKET ? fcntl(socket, F_SETFD, 0) : dup2(socket, CHILD_SOCKET)) < 0)
		_exit(126);
	/* Descriptors that we were given stay until the credentials that come by them are read.
	 * Environments of CI hold secrets, and none of it is needed. */
	execve(program, argv, no_environment);
	_exit(126);
}

static int spawn(struct delivery_feed *f, const struct delivery_options *o, int socket,
		 struct error *e)
{
	char program[PATH_MAX], socket_text[32], flush[48];
	char *argv[80], *parts[72] = { 0 };
	size_t n = 0, p = 0;
	int err = libexec_program(program, sizeof(program), "wormsign-deliver", e);

	if (err < 0)
		return err;
	snprintf(socket_text, sizeof(socket_text), "--socket=%d", CHILD_SOCKET);
	snprintf(flush, sizeof(flush), "--flush=%llums", (unsigned long long)o->flush_ms);
	argv[n++] = program;
	argv[n++] = "feed";
	argv[n++] = socket_text;
	argv[n++] = flush;
	if (o->config && asprintf(&parts[p], "--config=%s", o->config) >= 0)
		argv[n++] = parts[p++];
	if (o->spool && asprintf(&parts[p], "--spool=%s", o->spool) >= 0)
		argv[n++] = parts[p++];
	for (size_t i = 0; o->sinks && o->sinks[i] && p < ARRAY_SIZE(parts) - 1; i++)
		if (asprintf(&parts[p], "--sink=%s", o->sinks[i]) >= 0)
			argv[n++] = parts[p++];
	argv[n] = NULL;
	f->pid = fork();
	if (f->pid == 0)
		become(program, argv, socket);
	err = f->pid < 0 ? -errno : 0;
	while (p)
		free(parts[--p]);
	return err < 0 ? error_set(e, err, "fork: %s", strerror(-err)) : 0;
}

/* Wait for FEED_READY. Of FEED_FAILED the text, a line for each thing that is wrong, goes into
 * e. */
static int wait_until_ready(struct delivery_feed *f, struct error *e)
{
	struct pollfd p = { .fd = f->socket, .events = POLLIN };
	struct {
		struct feed_head head;
		char text[2048];
	} packet;
	ssize_t n = 0;
	int ready;

	do
		ready = poll(&p, 1, START_MS);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		n = recv(f->socket, &packet, sizeof(packet) - 1, 0);
	if (n < (ssize_t)sizeof(packet.head))
		return error_set(e, -EIO, "delivery: the process %s",
				 ready > 0 ? "ended while it was starting"
					   : "did not start in time");
	if (packet.head.kind == FEED_READY)
		return 0;
	((char *)&packet)[n] = 0;
	for (char *line = packet.text; (line = strchr(line, '\n'));)
		*line = ';'; /* an error is one line */
	return error_set(e, -EINVAL, "delivery: %s", packet.text);
}

static void set_socket(struct delivery_feed *f, int socket)
{
	int bytes = 4 << 20;

	f->socket = socket;
	if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

int delivery_feed_adopt(struct delivery_feed **ret, int socket)
{
	struct delivery_feed *f = calloc(1, sizeof(*f));

	if (!f) {
		close(socket);
		return -ENOMEM;
	}
	set_socket(f, socket);
	f->last = &f->first;
	*ret = f;
	return 0;
}

int delivery_feed_start(struct delivery_feed **ret, const struct delivery_options *o,
			struct error *e)
{
	struct delivery_feed *f;
	_close_ int theirs = -1;
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(e, -errno, "delivery: %s", strerror(errno));
	theirs = pair[1];
	err = delivery_feed_adopt(&f, pair[0]);
	if (err < 0)
		return error_set(e, err, "out of memory");
	err = spawn(f, o, theirs, e);
	close(TAKE_FD(theirs));
	err = err ?: wait_until_ready(f, e);
	if (err < 0) {
		delivery_feed_free(f);
		return err;
	}
	*ret = f;
	return 0;
}

/* ---- the service ---- */

/* A socket that is connected, or -errno. */
static int connect_to(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	strcpy(at.sun_path, path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* After the service has closed: connect again if it is time. */
static void reconnect(struct delivery_feed *f)
{
	int fd;

	if (!f->path || clock_ms() < f->again)
		return;
	f->again = clock_ms() + AGAIN_MS;
	fd = connect_to(f->path);
	if (fd < 0)
		return;
	close(f->socket);
	set_socket(f, fd);
	f->dead = f->listening = f->end_sent = false;
}

int delivery_feed_connect(struct delivery_feed **ret, const char *path, struct error *e)
{
	int64_t until = clock_ms() + CONNECT_MS;
	struct delivery_feed *f;
	int fd = connect_to(path), err;

	if (fd < 0)
		return error_set(e, fd, "delivery at %s cannot be reached: %s", path,
				 strerror(-fd));
	err = delivery_feed_adopt(&f, fd);
	if (err < 0)
		return error_set(e, err, "out of memory");
	f->path = strdup(path);
	while (f->path && !f->listening && clock_ms() < until) {
		struct pollfd p = { .fd = f->dead ? -1 : f->socket, .events = POLLIN };

		poll(&p, 1, AGAIN_MS);
		delivery_feed_pump(f);
	}
	if (!f->listening) {
		delivery_feed_free(f);
		return error_set(e, -ETIME, "delivery at %s does not answer", path);
	}
	*ret = f;
	return 0;
}

int64_t delivery_feed_unsaved_ms(const struct delivery_feed *f)
{
	const struct entry *entry = f->first;
	int64_t ms;

	while (entry && entry->head.kind != FEED_ALERT)
		entry = entry->next;
	ms = entry && f->stop_ms ? clock_ms() - entry->made : 0;
	return ms < (int64_t)f->stop_ms ? 0 : ms;
}

void delivery_feed_free(struct delivery_feed *f)
{
	if (!f)
		return;
	close(f->socket); /* the process ends when it sees that, after its flush */
	free(f->path);
	while (f->first) {
		struct entry *entry = f->first;

		f->first = entry->next;
		free(entry);
	}
	/* It ends at once if it has failed or has nothing more to do; else nobody waits for it. */
	for (int i = 0; f->pid > 0 && i < 100 && waitpid(f->pid, NULL, WNOHANG) == 0; i++)
		poll(NULL, 0, 10);
	free(f);
}

/* ---- the queue ---- */

static void drop_first(struct delivery_feed *f)
{
	struct entry *entry = f->first;

	f->first = entry->next;
	if (!f->first)
		f->last = &f->first;
	if (f->unsent == entry)
		f->unsent = entry->next;
	if (entry->head.kind == FEED_EVENT)
		f->event_bytes -= entry->size;
	free(entry);
}

static const char *text_of(const json_t *event, const char *name)
{
	return json_string_value(json_object_get(json_object_get(event, "event"), name)) ?: "";
}

void delivery_feed_event(void *arg, const json_t *event, const char *line, size_t len)
{
	struct delivery_feed *f = arg;
	const char *id = text_of(event, "id");
	bool alert = strcmp(text_of(event, "kind"), "alert") == 0;
	size_t id_len = strlen(id), size = sizeof(struct feed_head) + id_len + 1 + len;
	struct entry *entry = NULL;

	if (size <= FEED_MOST && (alert || f->event_bytes + size <= MOST_EVENT_BYTES))
		entry = malloc(sizeof(*entry) + id_len + 1 + len);
	if (!entry) {
		/* An alert that is too long, or has no memory, is not taken: that is reported. */
		f->end.alerts_left += alert;
		f->lost += !alert;
		return;
	}
	*entry = (struct entry){ .size = size,
				 .made = clock_ms(),
				 .head = { .kind = alert ? FEED_ALERT : FEED_EVENT,
					   .id_len = (uint32_t)id_len,
					   .number = ++f->number } };
	memcpy(entry->bytes, id, id_len + 1);
	memcpy(entry->bytes + id_len + 1, line, len);
	*f->last = entry;
	f->last = &entry->next;
	if (!f->unsent)
		f->unsent = entry;
	if (!alert)
		f->event_bytes += size;
	delivery_feed_pump(f);
}

/* ---- the socket ---- */

static void take_result(struct delivery_feed *f, const char *bytes, size_t len)
{
	if (len < sizeof(f->end.result))
		return;
	memcpy(&f->end.result, bytes, sizeof(f->end.result));
	snprintf(f->end.text, sizeof(f->end.text), "%.*s", (int)(len - sizeof(f->end.result)),
		 bytes + sizeof(f->end.result));
	f->done = true;
}

static void take_answers(struct delivery_feed *f)
{
	struct {
		struct feed_head head;
		char bytes[4096];
	} packet;
	ssize_t n;

	while ((n = recv(f->socket, &packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
		if ((size_t)n < sizeof(packet.head))
			continue;
		switch (packet.head.kind) {
		case FEED_HELLO:
			f->listening = f->begin = true;
			f->stop_ms = packet.head.number;
			f->end_sent = false;
			f->unsent = f->first;
			break;
		case FEED_TAKEN:
			while (f->first && f->first->head.number <= packet.head.number &&
			       f->first != f->unsent)
				drop_first(f);
			break;
		case FEED_RESULT:
			take_result(f, packet.bytes, n - sizeof(packet.head));
			break;
		}
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		f->dead = true;
}

/* 0: sent; -EAGAIN: not now. */
static int send_packet(struct delivery_feed *f, const struct feed_head *head, const char *bytes,
		       size_t len)
{
	struct iovec parts[] = { { (void *)head, sizeof(*head) }, { (void *)bytes, len } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(f->socket, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		f->dead = true;
	return -EAGAIN;
}

static int send_short(struct delivery_feed *f, enum feed_kind kind, uint64_t number)
{
	struct feed_head head = { .kind = kind, .number = number };

	return send_packet(f, &head, "", 0);
}

static void send_waiting(struct delivery_feed *f)
{
	int64_t left;

	if (f->begin && send_short(f, FEED_BEGIN, 0) < 0)
		return;
	f->begin = false;
	if (f->lost && send_short(f, FEED_LOST, f->lost) == 0)
		f->lost = 0;
	while (f->unsent) {
		const struct entry *entry = f->unsent;

		if (send_packet(f, &entry->head, entry->bytes, entry->size - sizeof(entry->head)) <
		    0)
			return;
		f->unsent = entry->next;
	}
	if (!f->end_at || f->end_sent)
		return;
	left = f->end_at - clock_ms();
	f->end_sent = send_short(f, FEED_END, left > 0 ? (uint64_t)left : 0) == 0;
}

void delivery_feed_pump(struct delivery_feed *f)
{
	if (f->dead && !f->done)
		reconnect(f);
	if (!f->dead)
		take_answers(f);
	if (!f->dead && f->listening)
		send_waiting(f);
}

int delivery_feed_finish(struct delivery_feed *f, uint64_t flush_ms, struct delivery_end *ret)
{
	f->end_at = clock_ms() + (int64_t)flush_ms;
	for (;;) {
		struct pollfd p = { .events = POLLIN };

		delivery_feed_pump(f);
		if (f->done || (f->dead && !f->path) || clock_ms() > f->end_at + MARGIN_MS)
			break;
		p.fd = f->dead ? -1 : f->socket;
		if (f->unsent || !f->end_sent)
			p.events |= POLLOUT;
		if (!f->listening)
			p.events = POLLIN;
		poll(&p, 1, 50);
	}
	f->end.died = !f->done;
	for (const struct entry *entry = f->first; entry; entry = entry->next) {
		f->end.alerts_left += entry->head.kind == FEED_ALERT;
		f->end.events_left += entry->head.kind == FEED_EVENT;
	}
	*ret = f->end;
	return f->done && !f->end.alerts_left && !f->end.events_left && !f->end.result.alerts &&
			       !f->end.result.events && !f->end.result.dropped
		       ? 0
		       : -EAGAIN;
}
