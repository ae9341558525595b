/* SPDX-License-Identifier: GPL-2.0-only */
/* stream.h - a TCP connection, plain or under TLS, with a time limit on every step. */
#ifndef WORMSIGN_STREAM_H
#define WORMSIGN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "delivery/sink_settings.h"

struct stream_address {
	char host[256], port[16];
	bool tls;
};

/* "HOST:PORT" or "[IPV6]:PORT"; port_default: NULL: it must be given. */
int stream_parse(struct stream_address *ret, const char *text, const char *port_default,
		 struct error *e);

struct stream;

/*
 * Connect within s->timeout_ms. Under TLS the receiver's certificate must be signed by s->ca (NULL:
 * the system's) and name s->server_name (NULL: the host).
 */
int stream_open(struct stream **ret, const struct stream_address *a, const struct sink_settings *s,
		struct error *e);
void stream_close(struct stream *s);
/* All of it within the time limit, or -errno with e. */
int stream_write(struct stream *s, const void *bytes, size_t len, struct error *e);
/* At least one byte; 0: the peer has closed; -ETIMEDOUT and other -errno with e. ms: how long to
 * wait. */
ssize_t stream_read(struct stream *s, void *bytes, size_t room, int ms, struct error *e);
/* Wait until the peer's kernel has acknowledged all that was sent, or the time limit. */
int stream_drain(struct stream *s, struct error *e);

#endif
