// SPDX-License-Identifier: GPL-2.0-only
/* block.c - one block of rows a verdict. */
#include "block.h"

#include <inttypes.h>
#include <string.h>

#include "remedy.h"
#include "verdict_text.h"

#define LINEAGE_SHOWN 400

/* What a block begins with; `kills`: the script dies of it. */
static const char *heading_of(enum ws_action action, bool kills, bool audit)
{
	if (action == WS_HIDE)
		return "HIDDEN  ";
	if (action < WS_DENY)
		return "ALERT  ";
	if (audit)
		return action == WS_DENY ? "WOULD REFUSE  " : "WOULD STOP  ";
	return kills ? "STOPPED  " : "REFUSED  ";
}

static void begin(const struct block *b, const char *heading, enum ws_action action, uint64_t scope,
		  unsigned actor)
{
	_buf_ struct buf who = BUF_INIT;

	scope_who(&who, b->context->scopes, scope, actor);
	terminal_begin(b->terminal, action >= WS_DENY ? PAINT_ALARM : PAINT_TITLE, heading, who.at);
}

static void name_row(const struct block *b, uint64_t id)
{
	const struct scope *s = scope_table_find(b->context->scopes, id);
	_buf_ struct buf row = BUF_INIT;

	if (!s || !s->declared[0] || !s->name[0] || strcmp(s->name, s->declared) == 0)
		return;
	buf_addf(&row, "it calls itself %s", s->declared);
	terminal_row(b->terminal, "name", row.at);
}

static void rule_row(const struct block *b, const struct verdict_rule *rule)
{
	_buf_ struct buf row = BUF_INIT;

	buf_addf(&row, "%s (%s): %s", rule->id, severity_name(rule->severity),
		 rule->why ? rule->why : rule->title);
	terminal_row(b->terminal, "rule", row.at);
}

static void process_row(const struct block *b, const struct process *p, const char *comm,
			uint32_t pid)
{
	_buf_ struct buf row = BUF_INIT;

	if (p)
		process_lineage(&row, p, LINEAGE_SHOWN);
	else
		buf_addf(&row, "%.*s (lineage incomplete)", (int)strnlen(comm, 16), comm);
	buf_addf(&row, " [pid %" PRIu32 "]", pid);
	terminal_row(b->terminal, "process", row.at);
}

static void verdict_row(const struct block *b, const struct ws_rec_verdict *r,
			const struct block_fate *f)
{
	_buf_ struct buf row = BUF_INIT;
	uint64_t from = r->head.time;

	buf_addf(&row, "%s: ", action_name(r->action));
	verdict_effect(&row, r);
	if (verdict_kills(r))
		buf_addf(&row, "; %s",
			 r->action == WS_STOP ? "session stopped"
			 : r->head.scope      ? "scope killed"
					      : "process killed");
	if (verdict_kills(r) && f->died_at) {
		if (f->condemned_at && f->condemned_at <= f->died_at)
			from = f->condemned_at;
		if (from <= f->died_at)
			buf_addf(&row, " %.1f ms after the hook",
				 (double)(f->died_at - from) / 1e6);
	}
	terminal_row(b->terminal, "verdict", row.at);
}

static void next_rows(const struct block *b, const struct verdict_rule *rule, uint64_t id)
{
	const struct scope *scope = scope_table_find(b->context->scopes, id);
	_buf_ struct buf row = BUF_INIT;

	if (rule->remedy && rule->remedy[0]) {
		remedy_text(&row, rule->remedy, scope ? scope_name(scope) : NULL, b->log_path);
		terminal_row(b->terminal, "next", row.at);
	}
	if (b->log_path)
		terminal_row(b->terminal, "log", b->log_path);
}

void block_verdict(const struct block *b, const struct ws_rec_verdict *r,
		   const struct block_fate *f)
{
	const struct process_table *processes = b->context->processes;
	const struct process *target = NULL;
	_buf_ struct buf row = BUF_INIT;
	struct verdict_rule rule;

	if (r->target_pid)
		target = process_table_find_pid(processes, r->target_pid);
	verdict_rule(&rule, b->context->rules, r->rule);
	begin(b, heading_of(r->action, verdict_kills(r), r->mode == WS_MODE_AUDIT), r->action,
	      r->head.scope, r->head.actor);
	name_row(b, r->head.scope);
	verdict_tried(&row, r, b->home, target && target->comm[0] ? target->comm : NULL);
	if (f->times > 1)
		buf_addf(&row, " (%" PRIu64 " times)", f->times);
	terminal_row(b->terminal, "tried", row.at);
	rule_row(b, &rule);
	process_row(b, process_table_find(processes, r->head.pid, r->head.started), r->head.comm,
		    r->head.pid);
	verdict_row(b, r, f);
	next_rows(b, &rule, r->head.scope);
	terminal_end(b->terminal);
}

void block_leftover(const struct block *b, const struct observer_leftover *l)
{
	bool audit = b->context->mode == WS_MODE_AUDIT;
	_buf_ struct buf row = BUF_INIT;
	struct verdict_rule rule;

	verdict_rule_outlive(&rule, b->context->rules, l->actor);
	begin(b, heading_of(rule.action, true, audit), rule.action, l->scope, l->actor);
	name_row(b, l->scope);
	terminal_row(b->terminal, "tried", "outlive the command");
	rule_row(b, &rule);
	process_row(b, process_table_find_pid(b->context->processes, l->pid), l->comm, l->pid);
	/* Audit or not: a session does not end with a living process. */
	buf_addf(&row, "%s: killed when the command had ended%s", action_name(rule.action),
		 audit ? ", as in any mode" : "");
	terminal_row(b->terminal, "verdict", row.at);
	next_rows(b, &rule, l->scope);
	terminal_end(b->terminal);
}
