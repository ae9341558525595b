// SPDX-License-Identifier: GPL-2.0-only
/* event_redact.c - the final redaction of an event before it is written. */
#include "events/event_redact.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "sanitize/escape.h"
#include "sanitize/known_secrets.h"

static bool redact_string(json_t *string)
{
	_buf_ struct buf plain = BUF_INIT, clean = BUF_INIT, text = BUF_INIT;
	CLEANUP(spans_free) struct spans found = { 0 };

	/* What stands in a log as \x41 is an A to whoever reads it. */
	escape_undo(&plain, json_string_value(string), json_string_length(string));
	if (plain.failed)
		return false;
	/* Words of our own may stand here, such as the ids of rules. */
	known_secrets_find(&found, plain.at, plain.len, KNOWN_SECRETS_LONG);
	if (!found.count && !found.failed)
		return true;
	spans_sort(&found);
	spans_write(&clean, &found, plain.at, 0, plain.len);
	escape(&text, clean.at, clean.len, ESCAPE_JSON);
	return !clean.failed && !text.failed && json_string_setn(string, text.at, text.len) == 0;
}

bool event_redact(json_t *event)
{
	const char *key;
	json_t *member;
	size_t i;
	bool done = true;

	switch (json_typeof(event)) {
	case JSON_STRING:
		return redact_string(event);
	case JSON_OBJECT:
		json_object_foreach(event, key, member)
			done = event_redact(member) && done;
		return done;
	case JSON_ARRAY:
		json_array_foreach(event, i, member)
			done = event_redact(member) && done;
		return done;
	default:
		return true;
	}
}
