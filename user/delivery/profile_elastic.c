// SPDX-License-Identifier: GPL-2.0-only
/*
 * profile_elastic.c - Elasticsearch and OpenSearch, by the bulk API. Each event is created under
 * its own id, so what is sent twice is there once: the second gets 409, which is a success.
 */
#include "delivery/http_profile.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define DEFAULT_INDEX "logs-wormsign-default" /* type-dataset-namespace of a data stream */

static void url(struct buf *out, const struct sink_settings *s)
{
	http_url(out, s->target, "/_bulk", "/_bulk");
}

static void body(struct buf *out, const struct sink_settings *s, const struct sink_event *events,
		 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_adds(out, "{\"create\":{\"_index\":");
		http_json_string(out, s->index ?: DEFAULT_INDEX);
		buf_adds(out, ",\"_id\":");
		http_json_string(out, events[i].id);
		buf_adds(out, "}}\n");
		buf_add(out, events[i].text, events[i].text_len);
		buf_addc(out, '\n');
	}
}

/* What the receiver refuses for what the event is; the rest (a full or closed index, no rights) may
 * change. */
static enum sink_fate fate_of(json_int_t status, const char *type)
{
	if ((status >= 200 && status < 300) || status == 409)
		return SINK_DONE;
	/* index_closed_exception, invalid_index_name_exception: it is not the event's fault */
	if (strncmp(type, "index_", 6) == 0 || strncmp(type, "invalid_index", 13) == 0)
		return SINK_KEPT;
	return status == 400 || status == 413 || status == 422 ? SINK_REFUSED : SINK_KEPT;
}

static void answer(const char *text, size_t len, struct sink_event *events, size_t count,
		   struct sink_result *ret)
{
	_json_ json_t *v = json_loadb(text, len, 0, NULL);
	json_t *items = json_object_get(v, "items");

	if (json_array_size(items) != count) {
		sink_why(ret, "the answer is not that of a bulk request");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object_get(json_array_get(items, i), "create");
		json_int_t status = json_integer_value(json_object_get(item, "status"));
		json_t *error = json_object_get(item, "error");
		const char *type = json_string_value(json_object_get(error, "type")) ?: "no reason";

		events[i].fate = fate_of(status, type);
		if (events[i].fate != SINK_DONE)
			sink_why(ret, "item status %d: %s", (int)status, type);
	}
}

const struct http_profile profile_elastic = {
	.content_type = "application/x-ndjson",
	.url = url,
	.body = body,
	.answer = answer,
};
