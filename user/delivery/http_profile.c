// SPDX-License-Identifier: GPL-2.0-only
/* http_profile.c - what profiles share. */
#include "delivery/http_profile.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void http_url(struct buf *out, const char *target, const char *mark, const char *path)
{
	size_t len = strcspn(target, "?#");

	if (memmem(target, len, mark, strlen(mark))) {
		buf_adds(out, target);
		return;
	}
	while (len && target[len - 1] == '/')
		len--;
	buf_add(out, target, len);
	buf_adds(out, path);
	buf_adds(out, target + strcspn(target, "?#"));
}

void http_json_string(struct buf *out, const char *s)
{
	json_t *v = json_string(s);
	char *text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	buf_adds(out, text ?: "\"\"");
	free(text);
	json_decref(v);
}

const char *http_event_text(const json_t *event, const char *object, const char *name)
{
	return json_string_value(json_object_get(json_object_get(event, object), name)) ?: "";
}

uint64_t http_event_time(const json_t *event)
{
	const char *text = json_string_value(json_object_get(event, "@timestamp")) ?: "", *rest;
	struct tm tm = { 0 };
	uint64_t ns = 0, unit = 100000000;
	time_t seconds;

	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest)
		return 0;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
			ns += (uint64_t)(*rest - '0') * unit;
	seconds = timegm(&tm);
	return seconds < 0 ? 0 : (uint64_t)seconds * 1000000000 + ns;
}
