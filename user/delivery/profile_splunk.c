// SPDX-License-Identifier: GPL-2.0-only
/*
 * profile_splunk.c - Splunk's HTTP Event Collector, event endpoint. Without indexer acknowledgement
 * ("acknowledge") a 200 says that Splunk's queue has the events, not that they are indexed. The
 * file of authorization_file holds `Splunk TOKEN`.
 */
#include "delivery/http_profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static void url(struct buf *out, const struct sink_settings *s)
{
	http_url(out, s->target, "/services/collector", "/services/collector/event");
}

static void body(struct buf *out, const struct sink_settings *s, const struct sink_event *events,
		 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_json_ json_t *v = json_loadb(events[i].body, events[i].body_len, 0, NULL);
		uint64_t ns = http_event_time(v);
		const char *host = http_event_text(v, "host", "name");

		buf_adds(out, "{");
		if (ns)
			buf_addf(out, "\"time\":%" PRIu64 ".%09" PRIu64 ",", ns / 1000000000,
				 ns % 1000000000);
		if (*host) {
			buf_adds(out, "\"host\":");
			http_json_string(out, host);
			buf_adds(out, ",");
		}
		if (s->index) {
			buf_adds(out, "\"index\":");
			http_json_string(out, s->index);
			buf_adds(out, ",");
		}
		buf_adds(out, "\"source\":\"wormsign\",\"sourcetype\":\"");
		buf_adds(out, s->encoding == ENCODING_CEF ? "cef" : "_json");
		buf_adds(out, "\",\"event\":");
		if (s->encoding == ENCODING_CEF)
			http_json_string(out, events[i].text);
		else
			buf_add(out, events[i].text, events[i].text_len);
		buf_adds(out, "}\n");
	}
}

static void answer(const char *text, size_t len, struct sink_event *events, size_t count,
		   struct sink_result *ret)
{
	_json_ json_t *v = json_loadb(text, len, 0, NULL);
	json_t *code = json_object_get(v, "code");

	if (json_is_integer(code) && json_integer_value(code) == 0)
		sink_all(events, count, SINK_DONE);
	else
		sink_why(ret, "the answer is not that of an event collector");
}

/* Codes of a status of 400 that the event is to blame for: no data, invalid format, no or a blank
 * event field, indexed fields. Others name a wrong index, a missing channel and the like. */
static bool is_refusal(const char *text, size_t len)
{
	static const json_int_t codes[] = { 5, 6, 12, 13, 15 };
	_json_ json_t *v = json_loadb(text, len, 0, NULL);
	json_t *code = json_object_get(v, "code");

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (json_is_integer(code) && json_integer_value(code) == codes[i])
			return true;
	return false;
}

static int64_t receipt(const char *text, size_t len)
{
	_json_ json_t *v = json_loadb(text, len, 0, NULL);
	json_t *id = json_object_get(v, "ackId");

	return json_is_integer(id) && json_integer_value(id) >= 0 ? json_integer_value(id) : -1;
}

static void ask(struct buf *to, struct buf *question, const struct sink_settings *s, int64_t id)
{
	_buf_ struct buf at = BUF_INIT;
	char *found;

	url(&at, s);
	found = at.len ? strstr(at.at, "/services/collector") : NULL;
	if (found) /* what is behind it names the endpoint for events */
		buf_add(to, at.at, (size_t)(found - at.at));
	buf_adds(to, "/services/collector/ack");
	buf_addf(question, "{\"acks\":[%" PRId64 "]}", id);
}

static bool is_acknowledged(const char *text, size_t len, int64_t id)
{
	_json_ json_t *v = json_loadb(text, len, 0, NULL);
	char key[24];

	snprintf(key, sizeof(key), "%" PRId64, id);
	return json_is_true(json_object_get(json_object_get(v, "acks"), key));
}

const struct http_profile profile_splunk = {
	.content_type = "application/json",
	.url = url,
	.body = body,
	.answer = answer,
	.is_refusal = is_refusal,
	.receipt = receipt,
	.ask = ask,
	.is_acknowledged = is_acknowledged,
};
