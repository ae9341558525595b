// SPDX-License-Identifier: GPL-2.0-only
/*
 * encoding_cef.c - Common Event Format, version 0: a header, then pairs of the format's own names.
 * Of cs1 to cs6 the label says what they are.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "delivery/encoding.h"
#include "delivery/json_path.h"

enum how {
	COPY, /* a list: its items, with commas */
	TIME, /* ms since 1970 */
	LAST, /* the last name of a path */
};

/* Where two rows have one key, the first that finds something has it. */
static const struct row {
	const char *key, *from;
	enum how how;
	const char *label; /* of a custom key */
} rows[] = {
	{ "rt", "@timestamp", .how = TIME },
	{ "externalId", "event.id", .how = COPY },
	{ "cat", "event.kind", .how = COPY },
	{ "act", "wormsign.effect", .how = COPY },
	{ "outcome", "event.outcome", .how = COPY },
	{ "reason", "event.reason", .how = COPY },
	{ "dvchost", "host.name", .how = COPY },
	{ "deviceExternalId", "host.id", .how = COPY },
	{ "deviceProcessName", "wormsign.command", .how = COPY },
	{ "suid", "user.id", .how = COPY },
	{ "suser", "user.name", .how = COPY },
	{ "spid", "process.pid", .how = COPY },
	{ "sproc", "process.executable", .how = COPY },
	{ "sproc", "process.name", .how = COPY },
	{ "filePath", "file.path", .how = COPY },
	{ "fname", "file.name", .how = COPY },
	{ "fname", "file.path", .how = LAST },
	{ "oldFilePath", "file.target_path", .how = COPY },
	{ "dst", "destination.ip", .how = COPY },
	{ "dhost", "destination.address", .how = COPY },
	{ "dpt", "destination.port", .how = COPY },
	{ "proto", "network.transport", .how = COPY },
	{ "out", "network.bytes", .how = COPY },
	{ "cnt", "wormsign.repeated", .how = COPY },
	{ "cs1", "package.name", .label = "package" },
	{ "cs2", "package.version", .label = "packageVersion" },
	{ "cs3", "wormsign.session", .label = "session" },
	{ "cs4", "wormsign.lineage", .label = "lineage" },
	{ "cs5", "threat.technique.id", .label = "technique" },
	{ "cs6", "process.command_line", .label = "commandLine" },
	{ "flexString2", "package.checksum", .label = "packageChecksum" },
	{ "flexString1", "threat.tactic.name", .label = "tactic" },
	{ "msg", "message", .how = COPY },
};

static const struct encoding_word severities[] = {
	{ "21", 3 }, { "47", 5 }, { "73", 8 }, { "99", 10 }, { NULL, 1 },
};

/* A line is one event, whatever the text holds. */
static void add_escaped(struct buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r') {
			buf_adds(out, *special == '|' ? " " : *text == '\n' ? "\\n" : "\\r");
			continue;
		}
		if ((unsigned char)*text < 0x20 || *text == 0x7f) { /* not of this log */
			buf_addc(out, '?');
			continue;
		}
		if (*text == '\\' || *text == *special)
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
}

static void add_header(struct buf *out, const char *text)
{
	add_escaped(out, text, "|");
	buf_addc(out, '|');
}

static void add_value(struct buf *out, const json_t *v)
{
	json_t *item;
	size_t i;

	if (json_is_integer(v))
		buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_string(v))
		add_escaped(out, json_string_value(v), "=");
	json_array_foreach((json_t *)v, i, item) {
		buf_adds(out, i ? "," : "");
		add_value(out, item);
	}
}

static bool is_empty(const json_t *v)
{
	return !(json_is_integer(v) || json_string_length(v) || json_array_size(v));
}

static void add_pair(struct buf *out, const struct row *r, const json_t *v)
{
	const char *text = json_string_value(v) ?: "", *slash = strrchr(text, '/');

	buf_addf(out, "%s=", r->key);
	if (r->how == TIME)
		buf_addf(out, "%" JSON_INTEGER_FORMAT, encoding_ms(v));
	else if (r->how == LAST)
		add_escaped(out, slash && slash[1] ? slash + 1 : text, "=");
	else
		add_value(out, v);
	if (r->label)
		buf_addf(out, " %sLabel=%s", r->key, r->label);
}

static const char *text_at(const json_t *event, const char *path)
{
	return json_string_value(json_path_get(event, path));
}

void encode_cef(struct buf *out, const json_t *event)
{
	const char *action = text_at(event, "event.action") ?: "event", *last = "";
	bool first = true;

	buf_adds(out, "CEF:0|Wormsign|Wormsign|");
	add_header(out, text_at(event, "wormsign.version") ?: WORMSIGN_VERSION);
	add_header(out, text_at(event, "rule.id") ?: action);
	add_header(out, text_at(event, "rule.name") ?: action);
	buf_addf(out, "%d|", encoding_word(severities, json_path_get(event, "event.severity")));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *v = json_path_get(event, rows[i].from);

		if (is_empty(v) || strcmp(last, rows[i].key) == 0)
			continue;
		if (!first)
			buf_addc(out, ' ');
		add_pair(out, &rows[i], v);
		last = rows[i].key;
		first = false;
	}
}
