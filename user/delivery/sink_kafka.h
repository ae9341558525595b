/* SPDX-License-Identifier: GPL-2.0-only */
/* sink_kafka.h - a topic of Kafka: idempotent, acknowledged by all replicas in sync, keyed by
 * session. */
#ifndef WORMSIGN_SINK_KAFKA_H
#define WORMSIGN_SINK_KAFKA_H

#include "base/buf.h"
#include "delivery/sink.h"

/* Also in a build without librdkafka, where its check says which package to install. */
extern const struct sink_kind sink_kafka;

struct kafka_address {
	bool tls;
	char brokers[512]; /* HOST:PORT, with commas between them */
	char topic[256];
};

/* kafka://HOST:PORT[,HOST:PORT...]/TOPIC, or kafkas:// for TLS. -EINVAL with e. */
int kafka_parse(struct kafka_address *ret, const char *target, struct error *e);
/* The length of an event's key in its id: the session, so that a session's events keep their
 * order. */
size_t kafka_key(const char *id);

#endif
