// SPDX-License-Identifier: GPL-2.0-only
/* summary.c - the end of a session in a few lines for people. */
#include "summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "coverage.h"
#include "verdict_text.h"
#include "wire_names.h"

/* A summary is short: so many items of a kind, then how many more there are. */
#define ITEMS 8

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void rule_of(struct verdict_rule *ret, const struct summary *s, const struct finding *f)
{
	if (f->rule == FINDING_OUTLIVE)
		verdict_rule_outlive(ret, s->rules, f->actor);
	else
		verdict_rule(ret, s->rules, f->rule);
}

/* Different scripts of which there is a finding of this kind. */
static size_t scripts_with(const struct summary *s, enum finding_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < s->findings->count; i++) {
		const struct finding *f = &s->findings->at[i];
		bool seen = finding_kind(f) != kind;

		for (size_t j = 0; j < i && !seen; j++)
			seen = finding_kind(&s->findings->at[j]) == kind &&
			       s->findings->at[j].scope == f->scope;
		n += !seen;
	}
	return n;
}

static bool lost_anything(const struct summary *s)
{
	for (size_t i = 0; i < WS_LOST_MAX; i++)
		if (s->end->lost[i])
			return true;
	return s->end->missed || s->end->bad_records || s->log_error ||
	       scope_table_left_out(s->scopes);
}

/* Of a count that the kernel stopped telling, this is the least. */
static const char *or_more(const struct finding *f)
{
	return f->action < WS_DENY && f->count >= WS_TELL_MOST ? " or more" : "";
}

/* One row a script and rule. */
static void finding_rows(struct terminal *t, const struct summary *s, const char *label,
			 enum finding_kind kind)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < s->findings->count; i++) {
		const struct finding *f = &s->findings->at[i];
		_buf_ struct buf row = BUF_INIT;
		struct verdict_rule rule;

		if (finding_kind(f) != kind)
			continue;
		if (shown == ITEMS) {
			more++;
			continue;
		}
		rule_of(&rule, s, f);
		scope_who(&row, s->scopes, f->scope, f->actor);
		buf_addf(&row, ": %s, %s", rule.id, f->tried ? f->tried : "?");
		if (f->count > 1)
			buf_addf(&row, " (%" PRIu64 "%s times)", f->count, or_more(f));
		terminal_row(t, shown ? "" : label, row.at);
		shown++;
	}
	if (more || (shown && s->findings->left_out)) {
		_buf_ struct buf row = BUF_INIT;

		buf_addf(&row, "and %zu more, see the log", more + (size_t)s->findings->left_out);
		terminal_row(t, "", row.at);
	}
}

static void scripts_row(struct terminal *t, const struct summary *s)
{
	_buf_ struct buf row = BUF_INIT;
	size_t shown = 0, count = scope_table_count(s->scopes);

	for (size_t i = 0; i < count && shown < ITEMS; i++, shown++) {
		const struct scope *scope = scope_table_at(s->scopes, i);

		if (shown)
			buf_adds(&row, ", ");
		scope_title(&row, scope);
		if (scope->execs > 1)
			buf_addf(&row, " %" PRIu64 " programs", scope->execs);
	}
	if (count > shown)
		buf_addf(&row, " and %zu more", count - shown);
	if (count)
		terminal_row(t, "scripts", row.at);
}

static void network_row(struct terminal *t, const struct summary *s)
{
	_buf_ struct buf row = BUF_INIT;
	size_t shown = 0;

	for (size_t i = 0; i < s->findings->to_count && shown < ITEMS; i++, shown++) {
		const struct destination *d = &s->findings->to[i];

		if (i && s->findings->to[i - 1].scope == d->scope) {
			buf_addf(&row, " %s", d->text);
			continue;
		}
		if (shown)
			buf_adds(&row, "; ");
		scope_who(&row, s->scopes, d->scope, d->actor);
		buf_addf(&row, ": %s", d->text);
	}
	if (s->findings->to_count + s->findings->to_left_out > shown)
		buf_addf(&row, " and %zu more",
			 (size_t)(s->findings->to_count + s->findings->to_left_out - shown));
	if (shown)
		terminal_row(t, "network", row.at);
}

static void hidden_row(struct terminal *t, const struct summary *s)
{
	_buf_ struct buf row = BUF_INIT;
	size_t shown = 0, scripts = scripts_with(s, FINDING_HIDDEN);

	for (size_t i = 0; i < s->findings->count && shown < 4; i++) {
		const struct finding *f = &s->findings->at[i];
		struct verdict_rule rule;

		if (finding_kind(f) != FINDING_HIDDEN)
			continue;
		rule_of(&rule, s, f);
		buf_adds(&row, shown++ ? ", " : "");
		scope_who(&row, s->scopes, f->scope, f->actor);
		buf_addf(&row, " %s (%" PRIu64 "%s)", rule.id, f->count, or_more(f));
	}
	if (scripts > shown)
		buf_addf(&row, " and %zu more scripts", scripts - shown);
	if (shown)
		terminal_row(t, "hidden", row.at);
}

static void lost_rows(struct terminal *t, const struct summary *s)
{
	_buf_ struct buf row = BUF_INIT;

	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		if (s->end->lost[i])
			buf_addf(&row, "%s%" PRIu64 " %s", row.len ? ", " : "", s->end->lost[i],
				 lost_meaning(i));
	if (s->end->missed)
		buf_addf(&row, "%s%" PRIu64 " runs of a hook, skipped by the kernel",
			 row.len ? ", " : "", s->end->missed);
	if (s->end->bad_records)
		buf_addf(&row, "%s%lu records that made no sense", row.len ? ", " : "",
			 s->end->bad_records);
	if (scope_table_left_out(s->scopes))
		buf_addf(&row, "%s%" PRIu64 " names of scripts", row.len ? ", " : "",
			 scope_table_left_out(s->scopes));
	if (row.len) {
		buf_adds(&row, "; every verdict was carried out, but what is told here is not all");
		terminal_row(t, "lost", row.at);
	}
	if (s->log_error) {
		buf_reset(&row);
		buf_addf(&row, "%" PRIu64 " event%s could not be written to the log: %s",
			 s->counts->unwritten, plural(s->counts->unwritten),
			 strerror(-s->log_error));
		terminal_row(t, "lost", row.at);
	}
}

static void add_ops(struct buf *row, const char *words, uint32_t ops)
{
	if (!ops)
		return;
	buf_addf(row, "; %s:", words);
	coverage_names(row, ops);
}

static void backend_row(struct terminal *t, const struct summary *s)
{
	struct coverage c = coverage_of(s->end->hooks, s->end->hook_count, s->rules);
	_buf_ struct buf row = BUF_INIT;

	if (s->backend == WS_BACKEND_DENY) {
		buf_adds(&row, "deny (operations are refused)");
		add_ops(&row, "killed for instead", c.kill);
	} else {
		buf_adds(&row, "watch (a script is killed at the operation)");
		add_ops(&row, "refused", c.deny);
	}
	add_ops(&row, "only watched", c.watch);
	add_ops(&row, "not watched", c.blind);
	if (c.blind)
		buf_adds(&row, " (see wormsign doctor)");
	terminal_row(t, "backend", row.at);
}

/* "2 scripts STOPPED", "1 script REFUSED", "nothing stopped". */
static void heading(struct buf *out, const struct summary *s)
{
	size_t stopped = scripts_with(s, FINDING_STOPPED),
	       refused = scripts_with(s, FINDING_REFUSED);
	bool audit = s->mode == WS_MODE_AUDIT;

	if (s->strongest == WS_STOP)
		buf_adds(out, "the session was STOPPED");
	else if (stopped)
		buf_addf(out, "%zu script%s %s", stopped, plural(stopped),
			 audit ? "would have been stopped" : "STOPPED");
	else if (refused)
		buf_addf(out, "%zu script%s %s", refused, plural(refused),
			 audit ? "would have been refused something" : "REFUSED something");
	else if (lost_anything(s))
		buf_adds(out, "nothing stopped, but not all was seen");
	else if (scripts_with(s, FINDING_ALERT))
		buf_adds(out, "nothing stopped, something to look at");
	else
		buf_adds(out, "nothing stopped");
}

void summary_print(struct terminal *t, const struct summary *s, bool only_trouble)
{
	bool audit = s->mode == WS_MODE_AUDIT;
	bool accused = scripts_with(s, FINDING_STOPPED) + scripts_with(s, FINDING_REFUSED) > 0;
	_buf_ struct buf head = BUF_INIT, rest = BUF_INIT;
	size_t scripts = scope_table_count(s->scopes);

	if (only_trouble && !lost_anything(s))
		return;
	heading(&head, s);
	buf_addf(&rest,
		 " in %" PRIu64 ".%" PRIu64 " s: %" PRIu64 " process%s, %zu install script%s",
		 s->ns / 1000000000, s->ns / 100000000 % 10, s->counts->processes,
		 s->counts->processes == 1 ? "" : "es", scripts, plural(scripts));
	if (audit)
		buf_adds(&rest, " (audit mode: nothing was refused)");
	terminal_begin(t, accused ? PAINT_ALARM : PAINT_TITLE, head.at, rest.at);
	finding_rows(t, s, audit ? "verdict" : "stopped", FINDING_STOPPED);
	finding_rows(t, s, audit ? "verdict" : "refused", FINDING_REFUSED);
	finding_rows(t, s, "alert", FINDING_ALERT);
	if (!only_trouble) {
		scripts_row(t, s);
		network_row(t, s);
		hidden_row(t, s);
	}
	lost_rows(t, s);
	if (!only_trouble)
		backend_row(t, s);
	if (s->log_path)
		terminal_row(t, "log", s->log_path);
	terminal_end(t);
}
