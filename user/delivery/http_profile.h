/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * http_profile.h - what differs between receivers of events by HTTP: the URL, the body, and the
 * answer. One file for each. The table of profiles is that of the sinks (sink_http.c).
 */
#ifndef WORMSIGN_HTTP_PROFILE_H
#define WORMSIGN_HTTP_PROFILE_H

#include <jansson.h>

#include "base/buf.h"
#include "delivery/sink.h"

struct http_profile {
	const char *content_type;
	/* Append the URL to post to. */
	void (*url)(struct buf *out, const struct sink_settings *s);
	/* Append the body. */
	void (*body)(struct buf *out, const struct sink_settings *s,
		     const struct sink_event *events, size_t count);
	/* Set the fates by the answer to a status of 2xx; NULL: all are done. What it does not
	 * understand leaves all SINK_KEPT. */
	void (*answer)(const char *text, size_t len, struct sink_event *events, size_t count,
		       struct sink_result *ret);
	/* Events that the receiver has are not done before it has acknowledged them. NULL: they
	 * are. The answer's number for that; -1: it has none. */
	int64_t (*receipt)(const char *text, size_t len);
	/* Append the URL and the body of the question whether that number is acknowledged. */
	void (*ask)(struct buf *url, struct buf *body, const struct sink_settings *s, int64_t id);
	/* Whether the answer to it says yes. */
	bool (*is_acknowledged)(const char *text, size_t len, int64_t id);
	/* Whether an answer to a status of 400 and its like says that the events are wrong, and not
	 * the configuration; NULL: it does. */
	bool (*is_refusal)(const char *text, size_t len);
	/* Append header lines, each ended by a NUL, for this body; NULL: none. */
	void (*headers)(struct buf *out, const struct sink_settings *s,
			const struct sink_event *event, const char *body, size_t len);
};

extern const struct http_profile profile_elastic, profile_splunk, profile_otlp, profile_loki,
	profile_webhook;

/* Append target, and path unless target holds `mark`; a query of the target stays at the end. */
void http_url(struct buf *out, const char *target, const char *mark, const char *path);
/* Append s as a JSON string, with its quotes. */
void http_json_string(struct buf *out, const char *s);
/* An event's time, ns since 1970; 0: it has none. */
uint64_t http_event_time(const json_t *event);
/* event.NAME or host.NAME, "" if it is no text. */
const char *http_event_text(const json_t *event, const char *object, const char *name);

#endif
