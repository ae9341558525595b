// SPDX-License-Identifier: GPL-2.0-only
/* summary.c - a session summed up for people. */
#include "report/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "events/record_names.h"
#include "events/verdict_rule.h"

/* Items of each kind that are shown; then the number of the others. */
#define ITEMS 8
/* Of what a finding was about. */
#define SAMPLES 6

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void rule_of(struct verdict_rule *ret, const struct summary *s, const struct finding *f)
{
	if (f->rule == FINDING_OUTLIVE)
		verdict_rule_outlive(ret, s->rules, f->actor);
	else if (f->rule == FINDING_SEARCH)
		verdict_rule_search(ret);
	else if (f->rule == FINDING_SHADOW)
		verdict_rule_shadowed(ret);
	else
		verdict_rule(ret, s->rules, f->rule);
}

/* The number of scripts that have a finding of this kind. */
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

/* What npx runs is no install script. *ret_tools: dependencies' programs that the project ran. */
static size_t install_scripts(const struct summary *s, size_t *ret_tools)
{
	size_t n = 0;

	*ret_tools = 0;
	for (size_t i = 0; i < scope_table_count(s->scopes); i++) {
		const struct scope *scope = scope_table_at(s->scopes, i);

		if (scope->actor == WS_ACTOR_TOOL)
			++*ret_tools;
		else
			n += !scope->fetched && strcmp(scope->event, "npx") != 0;
	}
	return n;
}

static bool lost_anything(const struct summary *s)
{
	for (size_t i = 0; i < WS_LOST_MAX; i++)
		if (s->end->lost[i])
			return true;
	return s->counts->unreported || s->end->missed || s->end->bad_records || s->log_error ||
	       s->log_lost || scope_table_left_out(s->scopes);
}

/* Rarest first: what happens once stands out among what is repeated. Among equals the latest. */
static int by_rarity(const void *a, const void *b)
{
	const struct finding_sample *one = *(const struct finding_sample *const *)a,
				    *two = *(const struct finding_sample *const *)b;

	if (one->count != two->count)
		return one->count < two->count ? -1 : 1;
	return one > two ? -1 : one < two;
}

/*
 * "~/.ssh, ~/Documents (12) and 3 more": what it was about, by class. Where there are too many, the
 * rarest and the most frequent, so that neither repetitions nor variety hide the others.
 */
static void add_samples(struct buf *row, const struct finding *f)
{
	const struct finding_sample *sorted[FINDING_SAMPLES];
	size_t count = f->sample_count, shown = 0;
	uint64_t more = f->samples_more;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &f->samples[i];
	if (count > SAMPLES)
		qsort(sorted, count, sizeof(sorted[0]), by_rarity);
	for (size_t i = 0; i < count; i++) {
		if (count > SAMPLES && i >= SAMPLES / 2 && i < count - SAMPLES / 2) {
			more += sorted[i]->count;
			continue;
		}
		buf_addf(row, "%s%s", shown++ ? ", " : "", sorted[i]->text);
		if (sorted[i]->count > 1)
			buf_addf(row, " (%" PRIu64 ")", sorted[i]->count);
	}
	if (more)
		buf_addf(row, "%s%" PRIu64 " more", shown ? " and " : "", more);
}

static void add_folded(struct buf *row, const struct finding *f)
{
	if (f->folded)
		buf_addf(row, "; %" PRIu64 " of them only counted", f->folded);
}

/* One row for each script and rule. */
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
		if (f->count > 1) {
			buf_addf(&row, " (%" PRIu64 " times", f->count);
			if (f->sample_count > 1 || f->samples_more) {
				buf_adds(&row, ": ");
				add_samples(&row, f);
			}
			add_folded(&row, f);
			buf_addc(&row, ')');
		}
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

static bool was_seen(const struct finding *f)
{
	return f->effect == WS_EFFECT_UNAVAILABLE || f->mode == WS_MODE_AUDIT;
}

/*
 * What rules hide from scripts, and scripts asked for, by script and rule. This accuses nobody, but
 * where it could not be hidden, scripts have seen it.
 */
static void hidden_rows(struct terminal *t, const struct summary *s, bool hidden)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < s->findings->count; i++) {
		const struct finding *f = &s->findings->at[i];
		_buf_ struct buf row = BUF_INIT;
		struct verdict_rule rule;

		if (finding_kind(f) != FINDING_HIDDEN || hidden == was_seen(f))
			continue;
		if (shown == ITEMS) {
			more++;
			continue;
		}
		rule_of(&rule, s, f);
		if (!hidden)
			buf_addf(&row, "not hidden (%s): ",
				 f->mode == WS_MODE_AUDIT ? "audit mode" : "this kernel cannot");
		scope_who(&row, s->scopes, f->scope, f->actor);
		buf_addf(&row, " %s (%" PRIu64, rule.id, f->count);
		add_folded(&row, f);
		buf_adds(&row, "): ");
		if (f->sample_count)
			add_samples(&row, f);
		else
			buf_adds(&row, f->tried ?: "?");
		terminal_row(t, shown++ ? "" : hidden ? "hidden" : "seen", row.at);
	}
	if (more) {
		_buf_ struct buf row = BUF_INIT;

		buf_addf(&row, "and %zu more, see the log", more);
		terminal_row(t, "", row.at);
	}
	if (shown && !hidden)
		terminal_row(
			t, "",
			s->mode == WS_MODE_AUDIT
				? "These scripts could read or use it. --mode enforce hides it "
				  "where the backend is deny (wormsign doctor)."
				: "These scripts could read or use it. Where the backend is deny "
				  "(wormsign doctor), it is hidden.");
}

/* What the rules on packages do not apply to: "nothing stopped" says nothing about it. */
static void unjudged_rows(struct terminal *t, const struct summary *s)
{
	_buf_ struct buf row = BUF_INIT;

	if (s->counts->unjudged_managers) {
		buf_addf(&row,
			 "%s: not a package manager that wormsign knows; nothing that its packages "
			 "ran was judged",
			 s->counts->unjudged_managers);
		terminal_row(t, "unjudged", row.at);
		buf_reset(&row);
	}
	if (s->counts->unjudged_programs) {
		buf_addf(&row,
			 "%s: not of this project (fetched, or installed elsewhere); judged as the "
			 "project's own code, not as a package",
			 s->counts->unjudged_programs);
		terminal_row(t, s->counts->unjudged_managers ? "" : "unjudged", row.at);
	}
}

/* Processes of scripts that outlived the command. Alone it accuses nobody. */
static void ended_rows(struct terminal *t, const struct summary *s)
{
	size_t shown = 0, more = 0;

	for (const char *at = s->ended && s->ended->len ? s->ended->at : "", *end; *at;
	     at = end + 1) {
		_buf_ struct buf row = BUF_INIT;

		end = strchrnul(at, '\n');
		if (shown < ITEMS) {
			buf_add(&row, at, (size_t)(end - at));
			buf_adds(&row,
				 " was still running when the command had ended, and was killed");
			terminal_row(t, shown++ ? "" : "ended", row.at);
		} else {
			more++;
		}
		if (!*end)
			break;
	}
	if (more) {
		_buf_ struct buf row = BUF_INIT;

		buf_addf(&row, "and %zu more, see the log", more);
		terminal_row(t, "", row.at);
	}
}

/* What was found changed for the next session. Where nobody knows by whom, it may have been others:
 * so it says when, too. */
static void residue_rows(struct terminal *t, const struct summary *s)
{
	size_t count = s->residue ? s->residue->count : 0, shown = 0;
	uint64_t more = s->residue ? s->residue->more : 0;
	_buf_ struct buf rest = BUF_INIT;

	for (; shown < count && shown < ITEMS; shown++) {
		const struct residue_item *item = &s->residue->at[shown];
		_buf_ struct buf row = BUF_INIT;

		residue_text(&row, item, s->home);
		if (item->actor) {
			buf_adds(&row, ", by ");
			scope_who(&row, s->scopes, item->scope, item->actor);
		}
		terminal_row(t, shown ? "" : "left", row.at);
	}
	more += count - shown;
	if (more)
		buf_addf(&rest, "and %" PRIu64 " more, see the log", more);
	if (s->residue && s->residue->incomplete)
		buf_addf(&rest, "%snot all places could be looked at", more ? "; " : "");
	if (rest.len)
		terminal_row(t, shown ? "" : "left", rest.at);
}

/* What cannot be said of programs that packages have left, here or in later sessions. */
static void earlier_rows(struct terminal *t, const struct earlier_facts *f)
{
	_buf_ struct buf row = BUF_INIT;

	if (f->unread)
		terminal_row(t, "earlier",
			     "not known: programs that packages left in earlier sessions may "
			     "count as the job's own");
	if (f->unsaved)
		terminal_row(t, "earlier",
			     "not kept: later sessions cannot say which programs packages left in "
			     "this one");
	if (!f->unsaved && f->left_out) {
		buf_addf(&row,
			 "not kept: %" PRIu64 " files that packages wrote; later sessions cannot "
			 "say whose they are",
			 f->left_out);
		terminal_row(t, "earlier", row.at);
	}
}

/* What scripts did not get, by name, never by value. */
static void withheld_row(struct terminal *t, const struct summary *s)
{
	const struct withheld *w = &s->end->withheld;
	_buf_ struct buf row = BUF_INIT;
	size_t shown = 0;

	if (w->unavailable && scope_table_count(s->scopes)) {
		buf_addf(&row, "nothing: scripts see every variable (%s)", w->unavailable);
		terminal_row(t, "withheld", row.at);
		buf_reset(&row);
	}
	if (w->files_open && scope_table_count(s->scopes)) {
		buf_addf(&row,
			 "no files: scripts can read the tokens in ~/.npmrc and the like (%s)",
			 w->files_open);
		terminal_row(t, "withheld", row.at);
		buf_reset(&row);
	}
	if (w->calls_open && scope_table_count(s->scopes)) {
		buf_addf(&row,
			 "no calls: a script is killed when it has deleted or made a file (%s)",
			 w->calls_open);
		terminal_row(t, "refused", row.at);
		buf_reset(&row);
	} else if (w->unguarded) {
		buf_addf(&row,
			 "no calls of %" PRIu64 " script%s, killed when it has deleted or made a "
			 "file: it is traced, or of another ABI",
			 w->unguarded, w->unguarded == 1 ? "" : "s");
		terminal_row(t, "refused", row.at);
		buf_reset(&row);
	}
	if (!w->scripts)
		return;
	for (const char *n = withheld_next(w, NULL); n && shown < ITEMS; n = withheld_next(w, n))
		buf_addf(&row, "%s%s", shown++ ? " " : "", n);
	if (w->count + w->left_out > shown)
		buf_addf(&row, " and %zu more", w->count + w->left_out - shown);
	buf_addf(&row, ", from %" PRIu64 " script%s", w->scripts, plural(w->scripts));
	terminal_row(t, "withheld", row.at);
}

/* Requests whose HTTP method was not seen, so that rules on methods could not judge them. */
static void unseen_row(struct terminal *t, const struct session_end *end)
{
	_buf_ struct buf row = BUF_INIT;

	if (!end->unseen_tls)
		return;
	buf_addf(&row,
		 "the HTTP methods in the TLS connections of %" PRIu64
		 " package%s (TLS library not watched)",
		 end->unseen_tls, plural(end->unseen_tls));
	terminal_row(t, "unseen", row.at);
}

static void lost_rows(struct terminal *t, const struct summary *s)
{
	_buf_ struct buf row = BUF_INIT;

	if (s->counts->unreported) {
		buf_addf(&row,
			 "the record of %" PRIu64
			 " verdict%s: carried out by the kernel, but which "
			 "script it was is not known",
			 s->counts->unreported, plural(s->counts->unreported));
		terminal_row(t, "lost", row.at);
		buf_reset(&row);
	}
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		if (s->end->lost[i])
			buf_addf(&row, "%s%" PRIu64 " %s", row.len ? ", " : "", s->end->lost[i],
				 lost_meaning(i));
	if (s->end->missed)
		buf_addf(&row, "%s%" PRIu64 " runs of a hook that the kernel skipped",
			 row.len ? ", " : "", s->end->missed);
	if (s->end->bad_records)
		buf_addf(&row, "%s%lu malformed records", row.len ? ", " : "", s->end->bad_records);
	if (scope_table_left_out(s->scopes))
		buf_addf(&row, "%s%" PRIu64 " names of scripts", row.len ? ", " : "",
			 scope_table_left_out(s->scopes));
	if (row.len) {
		buf_adds(&row, "; every verdict was carried out, but this report is incomplete");
		terminal_row(t, "lost", row.at);
	}
	if (s->log_lost) {
		buf_reset(&row);
		buf_addf(&row, "the log %s: %s", s->log_path, s->log_lost);
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

/* Errors inside the kernel programs. They changed no verdict. */
static void error_rows(struct terminal *t, const struct session_end *end)
{
	_buf_ struct buf row = BUF_INIT;

	for (size_t i = 0; i < end->error_count && i < ARRAY_SIZE(end->errors); i++) {
		const struct ws_error *e = &end->errors[i];

		buf_reset(&row);
		buf_addf(&row, "%s (%s): %s, %" PRIu64 " time%s", error_helper(e->place),
			 error_place(e->place), strerror((int)e->error), (uint64_t)e->count,
			 plural(e->count));
		terminal_row(t, "error", row.at);
	}
	if (end->error_count > ARRAY_SIZE(end->errors)) {
		buf_reset(&row);
		buf_addf(&row, "%zu more", end->error_count - ARRAY_SIZE(end->errors));
		terminal_row(t, "error", row.at);
	}
}

static void add_ops(struct buf *row, const char *words, uint32_t ops)
{
	if (!ops)
		return;
	buf_addf(row, "; %s:", words);
	for (unsigned op = 0; op < WS_OP_MAX; op++)
		if ((ops & (1u << op)) && op_name(op))
			buf_addf(row, " %s", op_name(op));
}

static void backend_row(struct terminal *t, const struct summary *s)
{
	const struct op_coverage *c = &s->end->coverage;
	_buf_ struct buf row = BUF_INIT;

	if (s->backend == WS_BACKEND_DENY) {
		buf_adds(&row, "deny (operations are refused)");
		add_ops(&row, "caller killed instead", c->kill);
	} else {
		buf_adds(&row, "watch (a script is killed at the operation)");
		add_ops(&row, "refused", c->deny);
	}
	add_ops(&row, "only reported", c->watch);
	add_ops(&row, "not watched", c->blind);
	if (c->blind)
		buf_adds(&row, " (see wormsign doctor)");
	terminal_row(t, "backend", row.at);
}

/* The outcome: "2 scripts STOPPED", "1 script REFUSED something", "nothing stopped". */
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
	else if (s->counts->unreported)
		buf_adds(out, "something was STOPPED, and the record of it lost");
	else if (lost_anything(s))
		buf_adds(out, "nothing stopped, but not everything was seen");
	else if (scripts_with(s, FINDING_ALERT))
		buf_adds(out, "nothing stopped, something to look at");
	else
		buf_adds(out, "nothing stopped");
}

/* Why the job fails, where the command did not. */
static void status_row(struct terminal *t, const struct summary *s)
{
	int status = session_status(s->end, s->mode, s->strongest);
	_buf_ struct buf row = BUF_INIT;

	if (status == s->end->command_status)
		return;
	buf_addf(&row, "%d, not the command's own %d: %s", status, s->end->command_status,
		 status == STATUS_VERDICT ? "something was stopped or refused"
		 : s->end->broken	  ? "the watch ended before the command did"
					  : "what the scripts did is not fully known");
	terminal_row(t, "status", row.at);
}

void summary_print(struct terminal *t, const struct summary *s, bool only_trouble)
{
	bool audit = s->mode == WS_MODE_AUDIT;
	bool accused = scripts_with(s, FINDING_STOPPED) + scripts_with(s, FINDING_REFUSED) > 0 ||
		       s->counts->unreported;
	_buf_ struct buf head = BUF_INIT, rest = BUF_INIT;
	size_t tools, scripts = install_scripts(s, &tools);

	if (only_trouble && !lost_anything(s))
		return;
	heading(&head, s);
	buf_addf(&rest,
		 " in %" PRIu64 ".%" PRIu64 " s: %" PRIu64 " process%s, %zu install script%s",
		 s->ns / 1000000000, s->ns / 100000000 % 10, s->counts->processes,
		 s->counts->processes == 1 ? "" : "es", scripts, plural(scripts));
	if (tools)
		buf_addf(&rest, ", %zu tool%s", tools, plural(tools));
	if (audit)
		buf_adds(&rest, " (audit mode: nothing was refused)");
	terminal_begin(t, accused ? PAINT_ALARM : PAINT_TITLE, head.at, rest.at);
	finding_rows(t, s, audit ? "verdict" : "stopped", FINDING_STOPPED);
	finding_rows(t, s, audit ? "verdict" : "refused", FINDING_REFUSED);
	finding_rows(t, s, "alert", FINDING_ALERT);
	if (!only_trouble) {
		scripts_row(t, s);
		network_row(t, s);
		withheld_row(t, s);
		hidden_rows(t, s, true);
		hidden_rows(t, s, false);
		ended_rows(t, s);
		residue_rows(t, s);
		earlier_rows(t, &s->end->earlier);
		unjudged_rows(t, s);
	}
	unseen_row(t, s->end);
	lost_rows(t, s);
	status_row(t, s);
	error_rows(t, s->end);
	if (!only_trouble)
		backend_row(t, s);
	if (s->log_path && !s->log_lost)
		terminal_row(t, "log", s->log_path);
	terminal_end(t);
}
