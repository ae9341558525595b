// SPDX-License-Identifier: GPL-2.0-only
/* sink_syslog.c - see sink_syslog.h. */
#include "delivery/sink_syslog.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "delivery/stream.h"

#define MAX_TXNR 999999999

/* ---- the message ---- */

/* A member that is text, "" if there is none. */
static const char *text_at(json_t *v, const char *object, const char *name)
{
	return json_string_value(json_object_get(object ? json_object_get(v, object) : v, name))
		       ?: "";
}

/* A header field: no blanks, of limited length; "-" if empty. */
static void add_field(struct buf *out, const char *text, size_t most)
{
	size_t n = 0;

	for (; *text && n < most; text++, n++)
		buf_addc(out, *text > ' ' && *text < 0x7f ? *text : '_');
	if (!n)
		buf_addc(out, '-');
}

/* local0, and the severity of RFC 5424 for that of ECS. */
static int priority(json_t *v)
{
	json_int_t severity =
		json_integer_value(json_object_get(json_object_get(v, "event"), "severity"));
	bool alert = strcmp(text_at(v, "event", "kind"), "alert") == 0;
	int level = severity >= 99 ? 2 : severity >= 73 ? 3 : alert ? 4 : 6;

	return 16 * 8 + level;
}

void syslog_message(struct buf *out, const struct sink_event *event, int pid)
{
	_json_ json_t *v = json_loadb(event->body, event->body_len, 0, NULL);
	const char *time = text_at(v, NULL, "@timestamp");
	size_t len = strlen(time);

	buf_addf(out, "<%d>1 ", priority(v));
	/* no more than microseconds */
	if (len > 27 && strspn(time, "0123456789-:.TZ") == len && time[len - 1] == 'Z' && len < 40)
		buf_addf(out, "%.26sZ ", time);
	else
		buf_addf(out, "%s ",
			 len && len < 40 && strspn(time, "0123456789-:.TZ") == len ? time : "-");
	add_field(out, text_at(v, "host", "name"), 255);
	buf_addf(out, " wormsign %d ", pid);
	add_field(out, text_at(v, "event", "action"), 32);
	buf_addf(out, " [wormsign@32473 id=\"%s\"] ", event->id);
	buf_add(out, event->text, event->text_len);
}

/* ---- syslog ---- */

struct syslog {
	const struct sink_settings *s;
	struct stream_address address;
	bool relp;
	struct stream *stream;
	int fd; /* of the unix socket */
	unsigned txnr;
	struct buf in; /* of RELP answers */
};

static bool skip_prefix(const char **text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*text, prefix, len) != 0)
		return false;
	*text += len;
	return true;
}

static int parse_syslog(struct stream_address *ret, const char *target, struct error *e)
{
	*ret = (struct stream_address){ 0 };
	if (skip_prefix(&target, "unix://")) {
		if (*target != '/' || strlen(target) >= sizeof(((struct sockaddr_un *)0)->sun_path))
			return error_set(e, -EINVAL, "unix:// needs a short absolute path");
		return 0;
	}
	ret->tls = skip_prefix(&target, "tls://");
	if (!ret->tls && !skip_prefix(&target, "tcp://"))
		return error_set(e, -EINVAL,
				 "the target of syslog is tcp://HOST:PORT, tls://HOST:PORT or "
				 "unix:///dev/log");
	return stream_parse(ret, target, ret->tls ? "6514" : NULL, e);
}

static int check_syslog(const struct sink_settings *s, struct error *e)
{
	struct stream_address a;

	return parse_syslog(&a, s->target, e);
}

static int open_either(void **ret, const struct sink_settings *s, bool relp)
{
	struct syslog *y = calloc(1, sizeof(*y));

	if (!y)
		return -ENOMEM;
	y->s = s;
	y->relp = relp;
	y->fd = -1;
	y->in = (struct buf)BUF_INIT;
	*ret = y;
	return 0;
}

static int syslog_open(void **ret, const struct sink_settings *s, struct error *e)
{
	struct stream_address a;
	int err = parse_syslog(&a, s->target, e);

	err = err ?: open_either(ret, s, false);
	if (err == 0)
		((struct syslog *)*ret)->address = a;
	return err;
}

static void hang_up(struct syslog *y)
{
	stream_close(y->stream);
	y->stream = NULL;
	if (y->fd >= 0)
		close(TAKE_FD(y->fd));
	buf_reset(&y->in);
}

static void syslog_close(void *sink)
{
	struct syslog *y = sink;

	hang_up(y);
	buf_free(&y->in);
	free(y);
}

static int connect_unix(struct syslog *y, struct error *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = (time_t)(y->s->timeout_ms / 1000),
				 .tv_usec = (suseconds_t)(y->s->timeout_ms % 1000 * 1000) };

	if (y->fd >= 0)
		return 0;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", y->s->target + strlen("unix://"));
	y->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (y->fd < 0 || setsockopt(y->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(y->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return error_set(e, -errno, "%s: %s", a.sun_path, strerror(errno));
	return 0;
}

static void send_unix(struct syslog *y, struct sink_event *events, size_t count,
		      struct sink_result *ret)
{
	struct error e = { 0 };

	if (connect_unix(y, &e) < 0) {
		hang_up(y);
		sink_why(ret, "%s", e.text);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		_buf_ struct buf m = BUF_INIT;

		syslog_message(&m, &events[i], getpid());
		if (send(y->fd, m.at, m.len, MSG_NOSIGNAL) == (ssize_t)m.len) {
			events[i].fate = SINK_DONE;
		} else if (errno == EMSGSIZE) {
			events[i].fate = SINK_REFUSED;
			sink_why(ret, "too long for a datagram");
		} else {
			sink_why(ret, "%s", strerror(errno));
			hang_up(y);
			return;
		}
	}
}

static int send_tcp(struct syslog *y, struct sink_event *events, size_t count, struct error *e)
{
	_buf_ struct buf out = BUF_INIT;
	struct error ignored = { 0 };
	char byte;
	ssize_t n;
	int err;

	for (size_t i = 0; i < count; i++) {
		_buf_ struct buf m = BUF_INIT;

		syslog_message(&m, &events[i], getpid());
		buf_addf(&out, "%zu ", m.len);
		buf_add(&out, m.at, m.len);
		if (m.failed || out.failed)
			return error_set(e, -ENOMEM, "out of memory");
	}
	err = y->stream ? 0 : stream_open(&y->stream, &y->address, y->s, e);
	err = err ?: stream_write(y->stream, out.at, out.len, e);
	err = err ?: stream_drain(y->stream, e);
	if (err < 0)
		return err;
	/* A receiver that refuses the certificate of a TLS 1.3 client says so only now. */
	n = stream_read(y->stream, &byte, 1, y->address.tls ? 50 : 1, &ignored);
	if (n >= 0 || n != -ETIMEDOUT)
		return error_set(e, -EPIPE, "the receiver has closed the connection%s%s",
				 ignored.text[0] ? ": " : "", ignored.text);
	return 0;
}

static void syslog_send(void *sink, struct sink_event *events, size_t count,
			struct sink_result *ret)
{
	struct syslog *y = sink;
	struct error e = { 0 };

	if (!y->address.host[0]) {
		send_unix(y, events, count, ret);
	} else {
		int err = send_tcp(y, events, count, &e);

		if (err == 0) {
			sink_all(events, count, SINK_DONE);
			return;
		}
		hang_up(y);
		sink_why(ret, "%s", e.text);
		ret->slow = err == -ETIMEDOUT;
	}
}

const struct sink_kind sink_syslog = {
	.name = "syslog",
	.target = "tcp://HOST:PORT, tls://HOST:PORT or unix:///dev/log",
	.best_effort = true,
	.uses = USES_TLS | USES_SERVER_NAME,
	.encodings = ENCODING_ANY,
	.check = check_syslog,
	.open = syslog_open,
	.send = syslog_send,
	.close = syslog_close,
};

/* ---- RELP ---- */

static int parse_relp(struct stream_address *ret, const char *target, struct error *e)
{
	*ret = (struct stream_address){ 0 };
	ret->tls = skip_prefix(&target, "relps://");
	if (!ret->tls && !skip_prefix(&target, "relp://"))
		return error_set(e, -EINVAL,
				 "the target of relp is relp://HOST:PORT or relps://HOST:PORT");
	return stream_parse(ret, target, NULL, e);
}

static int check_relp(const struct sink_settings *s, struct error *e)
{
	struct stream_address a;

	return parse_relp(&a, s->target, e);
}

static int relp_open(void **ret, const struct sink_settings *s, struct error *e)
{
	struct stream_address a;
	int err = parse_relp(&a, s->target, e);

	err = err ?: open_either(ret, s, true);
	if (err == 0)
		((struct syslog *)*ret)->address = a;
	return err;
}

/* A number of at most 9 digits; the character after it, or NULL. */
static const char *relp_number(const char *p, const char *end, unsigned *ret)
{
	unsigned n = 0;
	int digits = 0;

	for (; p < end && ascii_digit(*p) && digits < 9; p++, digits++)
		n = n * 10 + (unsigned)(*p - '0');
	*ret = n;
	return digits ? p : NULL;
}

int relp_answer(const char *text, size_t len, unsigned *ret_txnr, int *ret_status)
{
	const char *end = text + len, *p = text, *command;
	unsigned size, status = 0;

	if (len > 16 && !memchr(text, ' ', 16))
		return -EBADMSG;
	p = relp_number(p, end, ret_txnr);
	if (!p)
		return len ? -EBADMSG : 0;
	if (p == end)
		return 0;
	if (*p++ != ' ')
		return -EBADMSG;
	for (command = p; p < end && ascii_letter(*p) && p - command < 32; p++)
		;
	if (p == end)
		return 0;
	if (p == command || *p != ' ')
		return -EBADMSG;
	*ret_status = p - command == 3 && memcmp(command, "rsp", 3) == 0;
	if (++p == end)
		return 0;
	p = relp_number(p, end, &size);
	if (!p || size > 1 << 20)
		return -EBADMSG;
	if (p == end)
		return 0;
	if (size) {
		if (*p++ != ' ')
			return -EBADMSG;
		if ((size_t)(end - p) < (size_t)size + 1)
			return 0;
		if (*ret_status && relp_number(p, p + size, &status))
			*ret_status = status > 999 ? 0 : (int)status;
		p += size;
	}
	return *p == '\n' ? (int)(p + 1 - text) : -EBADMSG;
}

/* Wait for one answer. */
static int relp_wait(struct syslog *y, unsigned *ret_txnr, int *ret_status, struct error *e)
{
	int64_t until = clock_ms() + (int64_t)y->s->timeout_ms;

	for (;;) {
		int n = relp_answer(y->in.at, y->in.len, ret_txnr, ret_status);
		char chunk[4096];
		ssize_t got;

		if (n < 0)
			return error_set(e, n, "the receiver does not speak RELP");
		if (n > 0) {
			memmove(y->in.at, y->in.at + n, y->in.len - n);
			buf_cut(&y->in, y->in.len - n);
			return 0;
		}
		got = until > clock_ms() ? stream_read(y->stream, chunk, sizeof(chunk),
						       (int)(until - clock_ms()), e)
					 : error_set(e, -ETIMEDOUT, "no acknowledgement came");
		if (got == 0)
			return error_set(e, -EPIPE, "the receiver has closed the connection");
		if (got < 0)
			return (int)got;
		buf_add(&y->in, chunk, got);
		if (y->in.failed)
			return error_set(e, -ENOMEM, "out of memory");
	}
}

static int relp_connect(struct syslog *y, struct error *e)
{
	static const char offer[] = "relp_version=0\nrelp_software=wormsign\ncommands=syslog";
	unsigned txnr;
	char text[128];
	int status, len, err;

	if (y->stream)
		return 0;
	err = stream_open(&y->stream, &y->address, y->s, e);
	if (err < 0)
		return err;
	len = snprintf(text, sizeof(text), "1 open %zu %s\n", sizeof(offer) - 1, offer);
	err = stream_write(y->stream, text, len, e);
	err = err ?: relp_wait(y, &txnr, &status, e);
	if (err == 0 && (txnr != 1 || status != 200))
		return error_set(e, -EPROTO, "the receiver refuses the session (status %d)",
				 status);
	y->txnr = 1;
	return err;
}

/* So many are sent before their answers are read: what stands unread in between fits the socket's
 * buffers on both sides, so nobody waits for the other for ever. */
#define RELP_WINDOW 64

static int relp_window(struct syslog *y, struct sink_event *events, size_t count,
		       struct sink_result *ret, struct error *e)
{
	_buf_ struct buf out = BUF_INIT;
	unsigned first = y->txnr + 1;
	int err;

	for (size_t i = 0; i < count; i++) {
		_buf_ struct buf m = BUF_INIT;

		syslog_message(&m, &events[i], getpid());
		buf_addf(&out, "%u syslog %zu ", ++y->txnr, m.len);
		buf_add(&out, m.at, m.len);
		buf_addc(&out, '\n');
		if (m.failed || out.failed)
			return error_set(e, -ENOMEM, "out of memory");
	}
	err = stream_write(y->stream, out.at, out.len, e);
	for (size_t answers = 0; err == 0 && answers < count; answers++) {
		unsigned txnr;
		int status;

		err = relp_wait(y, &txnr, &status, e);
		if (err < 0)
			break;
		if (!status)
			return error_set(e, -EPIPE, "the receiver has ended the session");
		if (txnr < first || txnr > y->txnr)
			return error_set(e, -EPROTO,
					 "the receiver answers a message that was not sent");
		if (status == 200) {
			events[txnr - first].fate = SINK_DONE;
		} else {
			events[txnr - first].fate = SINK_REFUSED;
			sink_why(ret, "RELP status %d", status);
		}
	}
	return err;
}

static void relp_send(void *sink, struct sink_event *events, size_t count, struct sink_result *ret)
{
	struct syslog *y = sink;
	struct error e = { 0 };
	int err = 0;

	if (y->txnr > MAX_TXNR - 20000)
		hang_up(y);
	err = relp_connect(y, &e);
	for (size_t i = 0; err == 0 && i < count; i += RELP_WINDOW)
		err = relp_window(y, events + i, count - i < RELP_WINDOW ? count - i : RELP_WINDOW,
				  ret, &e);
	if (err < 0) {
		hang_up(y);
		sink_why(ret, "%s", e.text);
		ret->slow = err == -ETIMEDOUT;
	}
}

const struct sink_kind sink_relp = {
	.name = "relp",
	.target = "relp://HOST:PORT or relps://HOST:PORT",
	.uses = USES_TLS | USES_SERVER_NAME,
	.encodings = ENCODING_ANY,
	.check = check_relp,
	.open = relp_open,
	.send = relp_send,
	.close = syslog_close,
};
