// SPDX-License-Identifier: GPL-2.0-only
/* sink_kafka.c - by librdkafka, where the build has it. */
#include "delivery/sink_kafka.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"

int kafka_parse(struct kafka_address *ret, const char *target, struct error *e)
{
	const char *at = strstr(target, "://"), *slash;

	*ret = (struct kafka_address){ .tls = strncmp(target, "kafkas://", 9) == 0 };
	if (!ret->tls && strncmp(target, "kafka://", 8) != 0)
		return error_set(e, -EINVAL,
				 "the target of kafka is kafka://HOST:PORT/TOPIC or "
				 "kafkas://HOST:PORT/TOPIC");
	at += 3;
	slash = strchr(at, '/');
	if (!slash || slash == at || slash - at >= (ptrdiff_t)sizeof(ret->brokers) ||
	    memchr(at, '@', slash - at))
		return error_set(e, -EINVAL,
				 "kafka:// wants brokers, then a topic: kafka://HOST:PORT/TOPIC");
	snprintf(ret->brokers, sizeof(ret->brokers), "%.*s", (int)(slash - at), at);
	snprintf(ret->topic, sizeof(ret->topic), "%s", slash + 1);
	for (const char *p = ret->topic; *p; p++)
		if (!ascii_alnum(*p) && !strchr("._-", *p))
			return error_set(e, -EINVAL,
					 "a topic is of letters, digits, '.', '_' and '-'");
	if (!ret->topic[0] || strlen(slash + 1) > 249)
		return error_set(e, -EINVAL, "a topic has 1 to 249 characters");
	return 0;
}

size_t kafka_key(const char *id)
{
	const char *dash = strrchr(id, '-');

	return dash ? (size_t)(dash - id) : strlen(id);
}

#ifdef WORMSIGN_KAFKA
#include <librdkafka/rdkafka.h>

#define EXTRA_MS 5000 /* after the time-out, for the reports of it */

struct kafka {
	const struct sink_settings *s;
	struct kafka_address address;
	rd_kafka_t *client;
	char trouble[200]; /* what librdkafka said last about the connection */

	/* of the batch that is being sent */
	size_t left;
	bool too_long;
	char why[200];
};

static int check(const struct sink_settings *s, struct error *e)
{
	struct kafka_address a;
	int err = kafka_parse(&a, s->target, e);

	if (err == 0 && s->authorization_file && !a.tls)
		return error_set(e, -EINVAL, "authorization_file wants kafkas://");
	return err;
}

/* ---- what librdkafka calls, from rd_kafka_poll() in this thread ---- */

static void on_error(rd_kafka_t *client, int err, const char *reason, void *arg)
{
	struct kafka *k = arg;

	(void)client;
	/* that all brokers are down says less than the reason that came before it */
	if (err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !k->trouble[0])
		snprintf(k->trouble, sizeof(k->trouble), "%s", reason);
}

static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	(void)client;
	(void)level;
	(void)facility;
	(void)text;
}

static void on_report(rd_kafka_t *client, const rd_kafka_message_t *m, void *arg)
{
	struct sink_event *event = m->_private;
	struct kafka *k = arg;

	(void)client;
	k->left--;
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		event->fate = SINK_DONE;
		return;
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
		/* said of all that were sent together */
		k->too_long = true;
		event->fate = SINK_REFUSED;
		break;
	default:
		event->fate = SINK_KEPT;
	}
	snprintf(k->why, sizeof(k->why), "%s", rd_kafka_err2str(m->err));
}

/* ---- open ---- */

struct setting {
	const char *name, *value; /* value NULL: it is not set */
};

/* The file of authorization_file: USER:PASSWORD in one line. */
static int add_sasl(rd_kafka_conf_t *conf, const struct kafka *k, char *why, size_t room)
{
	const char *text = k->s->authorization.at, *colon = text ? strchr(text, ':') : NULL;
	char user[256];

	if (!text)
		return RD_KAFKA_CONF_OK;
	if (!colon || colon - text >= (ptrdiff_t)sizeof(user)) {
		snprintf(why, room, "the file of authorization_file must hold USER:PASSWORD");
		return RD_KAFKA_CONF_INVALID;
	}
	snprintf(user, sizeof(user), "%.*s", (int)(colon - text), text);
	return rd_kafka_conf_set(conf, "sasl.mechanisms", "PLAIN", why, room) ?:
		       rd_kafka_conf_set(conf, "sasl.username", user, why, room) ?:
		       rd_kafka_conf_set(conf, "sasl.password", colon + 1, why, room);
}

static int configure(rd_kafka_conf_t *conf, const struct kafka *k, struct error *e)
{
	const struct sink_settings *s = k->s;
	bool sasl = s->authorization.at;
	char timeout[32], why[256] = "";
	const struct setting settings[] = {
		{ "bootstrap.servers", k->address.brokers },
		{ "client.id", "wormsign" },
		{ "security.protocol", !k->address.tls ? "plaintext"
				       : sasl	       ? "sasl_ssl"
						       : "ssl" },
		{ "enable.idempotence", "true" },
		{ "acks", "all" },
		{ "linger.ms", "5" },
		{ "message.max.bytes", "2000000" },
		{ "message.timeout.ms", timeout },
		{ "compression.codec", s->gzip ? "gzip" : NULL },
		{ "ssl.ca.pem", s->ca.at },
		{ "ssl.certificate.pem", s->cert.at },
		{ "ssl.key.pem", s->key.at },
	};

	snprintf(timeout, sizeof(timeout), "%" PRIu64, s->timeout_ms);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (settings[i].value &&
		    rd_kafka_conf_set(conf, settings[i].name, settings[i].value, why,
				      sizeof(why)) != RD_KAFKA_CONF_OK)
			return error_set(e, -EINVAL, "librdkafka: %s: %s", settings[i].name, why);
	if (add_sasl(conf, k, why, sizeof(why)) != RD_KAFKA_CONF_OK)
		return error_set(e, -EINVAL, "librdkafka: %s", why);
	rd_kafka_conf_set_opaque(conf, (void *)k);
	rd_kafka_conf_set_dr_msg_cb(conf, on_report);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_log_cb(conf, on_log);
	return 0;
}

static int connect_client(struct kafka *k, struct error *e)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];
	int err = configure(conf, k, e);

	if (err == 0) {
		k->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
		if (k->client)
			return 0;
		err = error_set(e, -EINVAL, "librdkafka: %s", why);
	}
	rd_kafka_conf_destroy(conf);
	return err;
}

static void kafka_close(void *sink)
{
	struct kafka *k = sink;

	if (k->client)
		rd_kafka_destroy(k->client);
	free(k);
}

static int kafka_open(void **ret, const struct sink_settings *s, struct error *e)
{
	struct kafka *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return error_set(e, -ENOMEM, "out of memory");
	k->s = s;
	err = kafka_parse(&k->address, s->target, e);
	err = err ?: connect_client(k, e);
	if (err < 0) {
		kafka_close(k);
		return err;
	}
	*ret = k;
	return 0;
}

/* ---- send ---- */

static void produce(struct kafka *k, struct sink_event *event)
{
	rd_kafka_resp_err_t err =
		rd_kafka_producev(k->client, RD_KAFKA_V_TOPIC(k->address.topic),
				  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
				  RD_KAFKA_V_KEY(event->id, kafka_key(event->id)),
				  RD_KAFKA_V_VALUE((void *)event->text, event->text_len),
				  RD_KAFKA_V_OPAQUE(event), RD_KAFKA_V_END);

	event->fate = SINK_KEPT;
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		k->left++;
		return;
	}
	if (err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) /* this one alone */
		event->fate = SINK_REFUSED;
	snprintf(k->why, sizeof(k->why), "%s", rd_kafka_err2str(err));
}

/* Each message has its report before this returns, so that none points to an event that is gone. */
static void wait_for_reports(struct kafka *k)
{
	int64_t until = clock_ms() + (int64_t)k->s->timeout_ms + EXTRA_MS;
	bool purged = false;

	while (k->left) {
		rd_kafka_poll(k->client, 100);
		if (purged || clock_ms() < until)
			continue;
		rd_kafka_purge(k->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		purged = true;
	}
}

/* An idempotent producer that has lost its place can send nothing any more: another one can. */
static void renew(struct kafka *k, struct sink_result *ret)
{
	struct error e = { 0 };
	char why[200];

	if (k->client) {
		if (rd_kafka_fatal_error(k->client, why, sizeof(why)) == RD_KAFKA_RESP_ERR_NO_ERROR)
			return;
		sink_why(ret, "%s", why);
		rd_kafka_destroy(k->client);
		k->client = NULL;
	}
	if (connect_client(k, &e) < 0)
		sink_why(ret, "%s", e.text);
}

/* Some were too long together: what has arrived need not be sent again. */
static void again_in_parts(struct sink_event *events, size_t count, struct sink_result *ret)
{
	size_t done = 0;

	for (size_t i = 0; i < count; i++) {
		done += events[i].fate == SINK_DONE;
		if (events[i].fate == SINK_REFUSED)
			events[i].fate = SINK_KEPT;
	}
	ret->slow = done;
	ret->split = !done;
}

static void kafka_send(void *sink, struct sink_event *events, size_t count, struct sink_result *ret)
{
	struct kafka *k = sink;

	renew(k, ret);
	if (!k->client)
		return;
	k->left = 0;
	k->too_long = false;
	k->why[0] = k->trouble[0] = 0;
	for (size_t i = 0; i < count; i++)
		produce(k, &events[i]);
	wait_for_reports(k);
	if (k->too_long && count > 1)
		again_in_parts(events, count, ret);
	if (k->why[0])
		sink_why(ret, "%s%s%s", k->why, k->trouble[0] ? ": " : "", k->trouble);
}

const struct sink_kind sink_kafka = {
	.name = "kafka",
	.target = "kafka://HOST:PORT[,HOST:PORT...]/TOPIC or kafkas://",
	.package = "librdkafka-dev",
	.uses = USES_TLS | USES_AUTHORIZATION | USES_GZIP,
	.encodings = ENCODING_ANY,
	.check = check,
	.open = kafka_open,
	.send = kafka_send,
	.close = kafka_close,
};
#else

static int check(const struct sink_settings *s, struct error *e)
{
	(void)s;
	return error_set(e, -EINVAL,
			 "this wormsign was built without librdkafka: install librdkafka-dev and "
			 "build it again");
}

const struct sink_kind sink_kafka = {
	.name = "kafka",
	.target = "kafka://HOST:PORT/TOPIC (not in this build)",
	.package = "librdkafka-dev",
	.uses = USES_TLS | USES_AUTHORIZATION | USES_GZIP,
	.encodings = ENCODING_ANY,
	.check = check,
};
#endif
