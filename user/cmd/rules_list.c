// SPDX-License-Identifier: GPL-2.0-only
/* rules_list.c - print rules, escaped for a terminal. */
#include "cmd/rules_list.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "policy/attack.h"
#include "policy/names.h"
#include "sanitize/escape.h"

/* Rows are escaped, since a site's rules may hold characters that a terminal obeys. */
static void put_row(const char *what, const char *text)
{
	_buf_ struct buf b = BUF_INIT;

	escape(&b, text, strlen(text), ESCAPE_TERMINAL);
	printf("  %-15s%s\n", what, b.at);
}

static void put_bits(const char *what, uint32_t bits, const char *(*name)(unsigned n))
{
	bool first = true;

	if (!bits)
		return;
	printf("  %-15s", what);
	for (unsigned n = 0; n < 32; n++)
		if (bits & 1u << n) {
			printf("%s%s", first ? "" : ", ", name(n));
			first = false;
		}
	printf("\n");
}

static void put_strings(const char *what, const struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		put_row(i ? "" : what, s->at[i]);
}

void rules_list_one(const struct rule *r)
{
	_buf_ struct buf title = BUF_INIT, verdict = BUF_INIT;

	escape(&title, r->title, strlen(r->title), ESCAPE_TERMINAL);
	printf("%s: %s\n", r->id, title.at);
	buf_addf(&verdict, "%s, %s (%s)", action_name(r->action), severity_name(r->severity),
		 r->file);
	put_row("verdict", verdict.at);
	put_bits("on", r->ops, op_name);
	put_bits("actor", r->actors, actor_name);
	put_strings("path", &r->path);
	put_bits("event", r->events, event_name);
	put_bits("place", r->places, place_name);
	put_strings("exe", &r->exe);
	put_strings("argv", &r->argv);
	put_strings("package", &r->package);
	put_strings("address", &r->address);
	for (size_t i = 0; i < r->port_count; i++)
		printf("  %-15s%u\n", i ? "" : "port", r->ports[i]);
	put_strings("unless path", &r->unless_path);
	put_strings("unless new dir", &r->unless_new_directory);
	put_bits("unless place", r->unless_places, place_name);
	put_strings("unless exe", &r->unless_exe);
	put_strings("unless package", &r->unless_package);
	put_strings("after", &r->after);
	if (r->count_of)
		printf("  %-15sover %u%s%s\n", "count", r->over,
		       r->count_of == WS_COUNT_BYTES   ? " bytes"
		       : r->count_of == WS_COUNT_PATHS ? " different paths"
						       : " times",
		       r->within_ms ? " within a window" : "");
	if (r->label)
		printf("  %-15s%s\n", "label", r->label);
	for (size_t i = 0; i < r->attack.count; i++) {
		_buf_ struct buf attack = BUF_INIT;

		attack_text(&attack, r->attack.at[i]);
		put_row(i ? "" : "attack", attack.at);
	}
	put_row("why", r->why);
	put_row("remedy", r->remedy);
	if (r->tuned)
		put_row("tuned", r->tuned);
}

static void put_line(const struct rule *r)
{
	_buf_ struct buf title = BUF_INIT;

	escape(&title, r->title, strlen(r->title), ESCAPE_TERMINAL);
	printf("%-5s  %-8s  %-26s  %s%s\n", action_name(r->action), severity_name(r->severity),
	       r->id, title.at, r->tuned ? " (tuned)" : "");
}

void rules_list(const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++)
		put_line(&set->rules[i]);
}

void rules_list_tuned(const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++) {
		_buf_ struct buf text = BUF_INIT;

		if (!set->rules[i].tuned)
			continue;
		buf_addf(&text, "%s: %s", set->rules[i].id, set->rules[i].tuned);
		put_row("tuned:", text.at);
	}
}
