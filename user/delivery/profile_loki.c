// SPDX-License-Identifier: GPL-2.0-only
/* profile_loki.c - Loki's push API. Labels: job, host and kind; the line is the event's JSON. */
#include "delivery/http_profile.h"

#include <inttypes.h>

#include "base/cleanup.h"

static void url(struct buf *out, const struct sink_settings *s)
{
	http_url(out, s->target, "/push", "/loki/api/v1/push");
}

static void body(struct buf *out, const struct sink_settings *s, const struct sink_event *events,
		 size_t count)
{
	(void)s;
	buf_adds(out, "{\"streams\":[");
	for (size_t i = 0; i < count; i++) {
		_json_ json_t *v = json_loadb(events[i].body, events[i].body_len, 0, NULL);

		buf_adds(out, i ? ",{\"stream\":{\"job\":\"wormsign\",\"host\":"
				: "{\"stream\":{\"job\":\"wormsign\",\"host\":");
		http_json_string(out, http_event_text(v, "host", "name"));
		buf_adds(out, ",\"kind\":");
		http_json_string(out, http_event_text(v, "event", "kind"));
		buf_addf(out, "},\"values\":[[\"%" PRIu64 "\",", http_event_time(v));
		http_json_string(out, events[i].text);
		buf_adds(out, "]]}");
	}
	buf_adds(out, "]}");
}

const struct http_profile profile_loki = {
	.content_type = "application/json",
	.url = url,
	.body = body,
};
