/* SPDX-License-Identifier: GPL-2.0-only */
/* sink_http.h - the sinks that post to a URL; each has a profile (http_profile.h). */
#ifndef WORMSIGN_SINK_HTTP_H
#define WORMSIGN_SINK_HTTP_H

#include "delivery/http_profile.h"
#include "delivery/sink.h"

extern const struct sink_kind sink_elastic, sink_splunk_hec, sink_otlp, sink_loki, sink_webhook;

/* Once for the process, before threads are started. */
void sink_http_start(void);

/* What a status and its body mean for the events. retry_after: seconds, 0: none. */
void http_judge(const struct http_profile *p, long status, uint64_t retry_after, const char *text,
		size_t len, struct sink_event *events, size_t count, struct sink_result *ret);

#endif
