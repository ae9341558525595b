// SPDX-License-Identifier: GPL-2.0-only
/* verdict_block.c - one block of rows for a verdict. */
#include "report/verdict_block.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/exit_status.h"
#include "events/process_lineage.h"
#include "events/remedy.h"
#include "events/verdict_rule.h"
#include "events/verdict_text.h"
#include "sanitize/redact_text.h"

/* Bytes of a lineage on the terminal; a longer one is shortened in the middle. */
#define LINEAGE_MAX 400

/* The first words of a block. kills: the verdict kills the script. */
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

/* Show the declared name of a package if its directory has another one: it may pose as that one. */
static void name_row(const struct block *b, uint64_t id)
{
	const struct scope *s = scope_table_find(b->context->scopes, id);
	_buf_ struct buf row = BUF_INIT;

	if (!s || !s->declared[0] || !s->name[0] || strcmp(s->name, s->declared) == 0)
		return;
	buf_addf(&row, "it calls itself %s", s->declared);
	terminal_row(b->terminal, "name", row.at);
}

/* Where the sentence before the one that ends at text[end] ends; 0: there is none. */
static size_t sentence_before(const char *text, size_t end)
{
	for (end = end > 2 ? end - 2 : 0; end; end--)
		if (text[end] == ' ' && text[end - 1] == '.')
			return end;
	return 0;
}

static void rule_row(const struct block *b, const struct verdict_rule *rule)
{
	const char *why = rule->why ? rule->why : rule->title;
	_buf_ struct buf row = BUF_INIT;
	size_t len = strlen(why), end;

	buf_addf(&row, "%s (%s): ", rule->id, severity_name(rule->severity));
	/* whole sentences, of which the first always fits; `rules list ID` has all of them */
	for (end = len; end && row.len + end > REMEDY_MAX;)
		end = sentence_before(why, end);
	buf_add(&row, why, end ? end : len);
	terminal_row(b->terminal, "rule", row.at);
}

static void process_row(const struct block *b, const struct process *p, const char *comm,
			uint32_t pid)
{
	_buf_ struct buf row = BUF_INIT;

	if (p) {
		process_lineage(&row, p, LINEAGE_MAX);
	} else {
		redact_comm(&row, comm, strnlen(comm, 16));
		buf_adds(&row, " (lineage incomplete)");
	}
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

/* What of the rule's remedy applies. done: the operation was done, or may have been. */
static void remedy_row(const struct block *b, const struct verdict_rule *rule,
		       const struct scope *scope, const struct manager_commands *commands,
		       bool done, const char *undone)
{
	_buf_ struct buf row = BUF_INIT;

	/* a rule with a threshold has let through what came before */
	if (!done && !(rule->rule && rule->rule->count_of))
		buf_adds(&row, undone);
	else if (rule->remedy)
		remedy_fill(&row, rule->remedy, scope ? scope_name(scope) : NULL, b->log_path,
			    commands);
	if (row.len)
		terminal_row(b->terminal, "next", row.at);
}

/* How to get rid of the package, why the job fails, and how to permit what was a false alarm. */
static void accusation_rows(const struct block *b, const struct verdict_rule *rule,
			    const struct scope *scope, const struct process *p,
			    const struct dependents *d, const struct manager_commands *commands,
			    enum ws_action action)
{
	const struct image *image = p ? process_image(p) : NULL;
	_buf_ struct buf row = BUF_INIT;

	if (scope && scope->actor != WS_ACTOR_PROJECT) {
		remedy_remove(&row, scope_name(scope), d, commands);
		if (row.len)
			terminal_row(b->terminal, "next", row.at);
	}
	if (b->context->mode == WS_MODE_ENFORCE) {
		buf_reset(&row);
		buf_addf(&row, "%d, whatever %s returns: a rule of verdict %s fired",
			 STATUS_VERDICT, scope ? commands->name : "the command",
			 action_name(action));
		terminal_row(b->terminal, "status", row.at);
	}
	buf_reset(&row);
	/* exceptions by package are about names in a node_modules */
	if (remedy_permit(&row, rule, scope && !scope_build(scope) ? scope_name(scope) : NULL,
			  image ? image->exe : NULL, time(NULL)))
		terminal_row(b->terminal, "permit", row.at);
}

static void left_row(const struct block *b, const char *left)
{
	_buf_ struct buf row = BUF_INIT;

	if (!left)
		return;
	redact_text(&row, left, strlen(left), false);
	buf_adds(&row, " was made during this session, and is still there");
	terminal_row(b->terminal, "left", row.at);
}

static void log_row(const struct block *b)
{
	if (b->log_path)
		terminal_row(b->terminal, "log", b->log_path);
}

static const struct manager_commands *commands_of(const struct scope *scope,
						  const struct dependents *d)
{
	return manager_commands(scope ? scope->manager : 0, d && d->yarn_berry);
}

void block_verdict(const struct block *b, const struct ws_rec_verdict *r,
		   const struct block_fate *f)
{
	const struct process_table *processes = b->context->processes;
	const struct scope *scope = scope_table_find(b->context->scopes, r->head.scope);
	const struct manager_commands *commands = commands_of(scope, f->dependents);
	const struct process *target = NULL, *process;
	bool reported = r->head.flags & WS_F_REPORTED;
	enum ws_action action = reported && r->action >= WS_DENY ? WS_ALERT : r->action;
	_buf_ struct buf row = BUF_INIT;
	struct verdict_rule rule;

	if (r->target_pid)
		target = process_table_find_pid(processes, r->target_pid);
	verdict_rule(&rule, b->context->rules, r->rule);
	begin(b, heading_of(action, verdict_kills(r), r->mode == WS_MODE_AUDIT), action,
	      r->head.scope, r->head.actor);
	name_row(b, r->head.scope);
	verdict_tried(&row, r, b->home, target && target->comm[0] ? target->comm : NULL);
	if (f->times > 1)
		buf_addf(&row, " (%" PRIu64 " times)", f->times);
	terminal_row(b->terminal, "tried", row.at);
	rule_row(b, &rule);
	process = process_table_find(processes, r->head.pid, r->head.started);
	process_row(b, process, r->head.comm, r->head.pid);
	verdict_row(b, r, f);
	remedy_row(b, &rule, scope, commands, verdict_done(r), verdict_undone(r->op));
	if (action >= WS_DENY)
		accusation_rows(b, &rule, scope, process, f->dependents, commands, action);
	left_row(b, f->left);
	log_row(b);
	terminal_end(b->terminal);
}

void block_leftover(const struct block *b, const struct session_leftover *l)
{
	const struct process *process = process_table_find_pid(b->context->processes, l->pid);
	const struct scope *scope = scope_table_find(b->context->scopes, l->scope);
	const struct manager_commands *commands = commands_of(scope, NULL);
	bool audit = b->context->mode == WS_MODE_AUDIT;
	_buf_ struct buf row = BUF_INIT;
	struct verdict_rule rule;

	verdict_rule_outlive(&rule, b->context->rules, l->actor);
	begin(b, heading_of(rule.action, true, audit), rule.action, l->scope, l->actor);
	name_row(b, l->scope);
	terminal_row(b->terminal, "tried", "outlive the command");
	rule_row(b, &rule);
	process_row(b, process, l->comm, l->pid);
	/* In audit mode, too: no process of a session survives its end. */
	buf_addf(&row, "%s: killed when the command had ended%s", action_name(rule.action),
		 audit ? ", as in any mode" : "");
	terminal_row(b->terminal, "verdict", row.at);
	remedy_row(b, &rule, scope, commands, true, NULL);
	if (rule.action >= WS_DENY)
		accusation_rows(b, &rule, scope, process, NULL, commands, rule.action);
	log_row(b);
	terminal_end(b->terminal);
}
