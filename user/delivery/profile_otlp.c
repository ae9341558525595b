// SPDX-License-Identifier: GPL-2.0-only
/*
 * profile_otlp.c - OpenTelemetry logs by OTLP/HTTP with JSON. The body of a record is the event's
 * message; every other member of the event is an attribute under its ECS name ("rule.id").
 */
#include "delivery/http_profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static void url(struct buf *out, const struct sink_settings *s)
{
	http_url(out, s->target, "/v1/logs", "/v1/logs");
}

/* An AnyValue; NULL for what has no place there (null). */
static json_t *any_value(json_t *v)
{
	json_t *values, *item;
	char number[32];
	size_t i;

	if (json_is_string(v))
		return json_pack("{s:O}", "stringValue", v);
	if (json_is_boolean(v))
		return json_pack("{s:O}", "boolValue", v);
	if (json_is_integer(v)) { /* 64 bits are text in OTLP's JSON */
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		return json_pack("{s:s}", "intValue", number);
	}
	if (json_is_real(v))
		return json_pack("{s:O}", "doubleValue", v);
	if (!json_is_array(v))
		return NULL;
	values = json_array();
	json_array_foreach(v, i, item) {
		json_t *value = any_value(item);

		if (value)
			json_array_append_new(values, value);
	}
	return json_pack("{s:{s:o}}", "arrayValue", "values", values);
}

static void add_attribute(json_t *attributes, const char *key, json_t *value)
{
	if (value)
		json_array_append_new(attributes,
				      json_pack("{s:s,s:o}", "key", key, "value", value));
}

static void flatten(json_t *attributes, const char *prefix, json_t *object)
{
	const char *name;
	json_t *v;

	json_object_foreach(object, name, v) {
		_buf_ struct buf key = BUF_INIT;

		buf_addf(&key, "%s%s%s", prefix, *prefix ? "." : "", name);
		if (json_is_object(v))
			flatten(attributes, key.at, v);
		else if (strcmp(key.at, "@timestamp") != 0 && strcmp(key.at, "message") != 0)
			add_attribute(attributes, key.at, any_value(v));
	}
}

/* SeverityNumber of the OpenTelemetry log model. */
static int severity_of(const json_t *event)
{
	json_int_t n =
		json_integer_value(json_object_get(json_object_get(event, "event"), "severity"));

	if (n >= 99)
		return 21; /* FATAL */
	if (n >= 73)
		return 17; /* ERROR */
	return strcmp(http_event_text(event, "event", "kind"), "alert") == 0 ? 13 : 9;
}

static json_t *log_record(json_t *event)
{
	const char *message = json_string_value(json_object_get(event, "message")) ?: "";
	json_t *attributes = json_array();
	char time[32];

	snprintf(time, sizeof(time), "%" PRIu64, http_event_time(event));
	flatten(attributes, "", event);
	return json_pack("{s:s,s:i,s:{s:s},s:o}", "timeUnixNano", time, "severityNumber",
			 severity_of(event), "body", "stringValue", message, "attributes",
			 attributes);
}

static void body(struct buf *out, const struct sink_settings *s, const struct sink_event *events,
		 size_t count)
{
	_json_ json_t *request = NULL;
	json_t *records = json_array(), *resource = json_array();
	char *text;

	(void)s;
	for (size_t i = 0; i < count; i++) {
		_json_ json_t *v = json_loadb(events[i].body, events[i].body_len, 0, NULL);

		json_array_append_new(records, log_record(v));
	}
	add_attribute(resource, "service.name", json_pack("{s:s}", "stringValue", "wormsign"));
	add_attribute(resource, "service.version",
		      json_pack("{s:s}", "stringValue", WORMSIGN_VERSION));
	request = json_pack("{s:[{s:{s:o},s:[{s:{s:s},s:o}]}]}", "resourceLogs", "resource",
			    "attributes", resource, "scopeLogs", "scope", "name", "wormsign",
			    "logRecords", records);
	text = request ? json_dumps(request, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	if (text)
		buf_adds(out, text);
	else
		out->failed = true;
	free(text);
}

/* A partial success does not say which records were rejected: so all of a batch are kept as dead
 * letters, too. */
static void answer(const char *text, size_t len, struct sink_event *events, size_t count,
		   struct sink_result *ret)
{
	_json_ json_t *v = json_loadb(text, len, 0, NULL);
	json_t *partial = json_object_get(v, "partialSuccess");
	json_t *rejected = json_object_get(partial, "rejectedLogRecords");
	long long n = json_is_string(rejected) ? atoll(json_string_value(rejected))
					       : json_integer_value(rejected);

	if (!json_is_object(v)) {
		sink_why(ret, "the answer is not that of an OTLP receiver");
		return;
	}
	sink_all(events, count, n > 0 ? SINK_REFUSED : SINK_DONE);
	if (n > 0)
		sink_why(ret, "%lld of %zu records rejected: %s", n, count,
			 json_string_value(json_object_get(partial, "errorMessage")) ?: "");
}

const struct http_profile profile_otlp = {
	.content_type = "application/json",
	.url = url,
	.body = body,
	.answer = answer,
};
