/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink.h - where events go. A kind of sink is one file, and a row in the table of sink_table.c.
 *
 * A sink is used by one thread. It sends a batch and says what became of each event; waiting,
 * trying again and keeping is done by whoever calls it (sink_run.h).
 */
#ifndef WORMSIGN_SINK_H
#define WORMSIGN_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "delivery/encoding.h"
#include "delivery/sink_settings.h"

enum sink_fate {
	SINK_KEPT = 0, /* not delivered: to be sent again */
	SINK_DONE,     /* the receiver has it */
	SINK_REFUSED,  /* the receiver will never take it */
};

struct sink_event {
	const char *id, *body; /* NUL-ended; body: a JSON object, the event as the log has it */
	size_t body_len;
	const char *text; /* NUL-ended: what is sent; the body, or the event in another encoding */
	size_t text_len;
	enum sink_fate fate;
};

struct sink_result {
	uint64_t wait_ms; /* the receiver asked for this pause (Retry-After); 0: it did not */
	bool split;	  /* send fewer at a time: they are too long, or one of them is refused */
	bool slow;	  /* the time was up: send fewer at a time, so that some arrive */
	char why[256];	  /* why not all are SINK_DONE; holds no credential and no URL */
};

/* Settings that not every kind uses; delivery_config.c refuses those that have no effect. */
enum sink_use {
	USES_INDEX = 1 << 0,
	USES_PROXY = 1 << 1, /* proxy, proxy_authorization_file */
	USES_TLS = 1 << 2,   /* ca_file, cert_file, key_file */
	USES_SERVER_NAME = 1 << 3,
	USES_AUTHORIZATION = 1 << 4,
	USES_HMAC = 1 << 5,
	USES_ACKNOWLEDGE = 1 << 6,
	USES_GZIP = 1 << 7,
	USES_ROTATION = 1 << 8,
};

struct sink_kind {
	const char *name;
	const char *target;   /* what its target is, for help and errors */
	bool best_effort;     /* SINK_DONE does not mean that the receiver has it */
	bool alerts_only;     /* whatever the settings say */
	unsigned uses;	      /* enum sink_use */
	unsigned encodings;   /* that it can send: ENCODING_BIT(), ENCODING_ANY */
	const char *package;  /* that a build needs for it, beside what all need; NULL: none */
	uint64_t most_events; /* in a batch, whatever the settings say; 0: no limit */
	int (*check)(const struct sink_settings *s, struct error *e);
	/* NULL: this build has none */
	int (*open)(void **ret, const struct sink_settings *s, struct error *e);
	void (*send)(void *sink, struct sink_event *events, size_t count, struct sink_result *ret);
	void (*close)(void *sink);
};

/* Set the fate of all, and why. */
void sink_all(struct sink_event *events, size_t count, enum sink_fate fate);
void sink_why(struct sink_result *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Make stars of what of a credential a receiver has repeated in its answer: 8 bytes of it in one
 * piece, or all of a shorter one. */
void sink_hide(struct sink_result *r, const struct sink_settings *s);

#endif
