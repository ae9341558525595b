// SPDX-License-Identifier: GPL-2.0-only
/* event.c - records and session facts as events, one function for each kind. */
#include "events/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "events/command_label.h"
#include "events/decode.h"
#include "events/event_part.h"
#include "events/record_names.h"
#include "events/verdict_rule.h"
#include "events/verdict_text.h"
#include "sanitize/redact_text.h"

/* Unique. The log of a user, and the agent, which delivers, make events of one session: each with
 * ids of its own. */
static json_t *event_id(const struct event_context *c)
{
	char text[40];

	snprintf(text, sizeof(text), "%016" PRIx64 "-%s%" PRIu64, c->session, c->account ?: "",
		 c->sequence);
	return json_string(text);
}

/* The members that every event has. */
static json_t *new_event(struct event_context *c, const char *action, const char *kind,
			 uint64_t time)
{
	json_t *e = json_object(), *event, *wormsign;

	part_set(e, "@timestamp", part_time(c->realtime + time));
	part_set(part_object(e, "ecs"), "version", json_string(EVENT_ECS));
	event = part_object(e, "event");
	part_set(event, "kind", json_string(kind));
	part_set(event, "module", json_string("wormsign"));
	part_set(event, "dataset", json_string("wormsign.events"));
	part_set(event, "action", json_string(action));
	part_set(event, "sequence", json_integer((json_int_t)++c->sequence));
	part_set(event, "id", event_id(c));
	part_set_clean(part_object(e, "host"), "name", c->host);
	part_set_clean(part_object(e, "host"), "id", c->host_id);
	wormsign = part_object(e, "wormsign");
	part_set(wormsign, "schema", json_string(EVENT_SCHEMA));
	part_set(wormsign, "version", json_string(WORMSIGN_VERSION));
	part_set(wormsign, "session", part_id(c->session));
	part_set(wormsign, "mode", json_string(mode_name(c->mode)));
	part_set(wormsign, "backend", json_string(backend_name(c->backend)));
	if (c->job)
		part_set(wormsign, "job", json_incref(c->job));
	return e;
}

/* category: NULL-ended; outcome may be NULL. */
static void classify(json_t *e, const char *const *category, const char *type, const char *outcome)
{
	json_t *event = part_object(e, "event"), *list = json_array();

	for (; *category; category++)
		json_array_append_new(list, json_string(*category));
	part_set(event, "category", list);
	part_set(event, "type", json_pack("[s]", type));
	if (outcome)
		part_set(event, "outcome", json_string(outcome));
}

static void message(json_t *e, const struct buf *text)
{
	part_set(e, "message", part_clean(text->at, text->len));
}

/* "x@1.0 (postinstall)", "the command", and which process it was. */
static void add_who(struct buf *text, const struct event_context *c, const struct ws_head *h)
{
	scope_who(text, c->scopes, h->scope, h->actor);
	buf_addf(text, " [pid %" PRIu32 "]", h->pid);
}

static const struct process *process_of(const struct event_context *c, const struct ws_head *h)
{
	return c->processes ? process_table_find(c->processes, h->pid, h->started) : NULL;
}

static const struct scope *scope_of(const struct event_context *c, uint64_t id)
{
	return id && c->scopes ? scope_table_find(c->scopes, id) : NULL;
}

/* The job with the step of it that p belongs to, if that is known. */
static void add_step(json_t *wormsign, const struct event_context *c, const struct process *p)
{
	const char *step = c->job ? process_step(p) : NULL;
	json_t *job;

	if (!step)
		return;
	job = json_copy(c->job); /* all events share it */
	part_set_text(job, "step", step);
	part_set(wormsign, "job", job);
}

/* What a record's header says of the process, its scope, and how the record was made. */
static void add_head(json_t *e, const struct event_context *c, const struct ws_head *h)
{
	json_t *wormsign = part_object(e, "wormsign");
	const struct scope *scope = scope_of(c, h->scope);
	const struct process *process = process_of(c, h);

	part_process(e, c, h, process);
	add_step(wormsign, c, process);
	if (actor_name(h->actor))
		part_set(wormsign, "actor", json_string(actor_name(h->actor)));
	if (h->backend != WS_BACKEND_NONE)
		part_set(wormsign, "backend", json_string(backend_name(h->backend)));
	if (h->flags)
		part_set(wormsign, "flags", part_flags(h->flags));
	if (scope)
		part_scope(e, scope);
	else if (h->scope)
		part_set(wormsign, "scope", part_id(h->scope));
	part_project(e, c, scope);
}

json_t *event_session_start(struct event_context *c, uint64_t time, const struct session_start *s)
{
	static const char *const category[] = { "session", NULL };
	json_t *e = new_event(c, "session-start", "event", time), *host, *os, *process, *user;
	_buf_ struct buf argv = BUF_INIT, text = BUF_INIT;
	struct utsname uts;
	char number[16];

	classify(e, category, "start", NULL);
	for (char *const *word = s->command; word && *word; word++)
		buf_add(&argv, *word, strlen(*word) + 1);
	part_argv(e, argv.at, argv.len, false);
	process = part_object(e, "process");
	part_set_text(process, "working_directory", s->cwd);
	if (!json_object_size(process))
		json_object_del(e, "process");
	user = part_object(e, "user");
	part_set_text(user, "name", s->user);
	snprintf(number, sizeof(number), "%" PRIu32, s->uid);
	part_set(user, "id", json_string(number));
	snprintf(number, sizeof(number), "%" PRIu32, s->gid);
	part_set(part_object(user, "group"), "id", json_string(number));
	host = part_object(e, "host");
	if (uname(&uts) == 0) {
		part_set_clean(host, "architecture", uts.machine);
		os = part_object(host, "os");
		part_set(os, "type", json_string("linux"));
		part_set_clean(os, "kernel", uts.release);
	}
	part_set_text(part_object(e, "wormsign"), "home", s->home);
	part_set(part_object(e, "wormsign"), "rules", json_integer(c->rules ? c->rules->count : 0));
	part_set_text(part_object(e, "wormsign"), "rules_dirs", s->rules_dirs);
	if (c->rules && c->rules->digest[0])
		part_set(part_object(e, "wormsign"), "rules_digest", json_string(c->rules->digest));
	part_project(e, c, NULL);
	if (c->rules && c->rules->expired.count)
		part_set(part_object(e, "wormsign"), "expired_tunings",
			 part_strings(&c->rules->expired));
	command_text(&text, argv.at, argv.len, false);
	buf_adds(&text, " was started");
	message(e, &text);
	return e;
}

json_t *event_scope(struct event_context *c, const struct ws_rec_scope *r)
{
	static const char *const category[] = { "package", "process", NULL };
	json_t *e = new_event(c, "scope", "event", r->head.time);
	const struct scope *s = scope_of(c, r->scope.id);
	_buf_ struct buf text = BUF_INIT;

	classify(e, category, "start", NULL);
	add_head(e, c, &r->head);
	part_scope(e, s);
	part_project(e, c, s);
	if (s)
		part_set_text(part_object(e, "process"), "working_directory", s->directory);
	part_lineage(e, process_of(c, &r->head));
	if (s)
		scope_title(&text, s);
	buf_adds(&text, " started");
	message(e, &text);
	return e;
}

json_t *event_exec(struct event_context *c, const struct ws_rec_exec *r)
{
	static const char *const category[] = { "process", NULL };
	json_t *e = new_event(c, "exec", "event", r->head.time),
	       *wormsign = part_object(e, "wormsign");
	_buf_ struct buf exe = BUF_INIT, text = BUF_INIT;

	classify(e, category, "start", NULL);
	add_head(e, c, &r->head);
	part_set(wormsign, "operation", json_string(op_name(WS_OP_EXEC)));
	part_argv(e, r->argv.bytes, r->argv.len, r->head.flags & WS_F_ARGV_CUT);
	if (r->exe_len) {
		decode_path(&exe, r->exe, r->exe_len, r->head.flags & WS_F_PATH_CUT);
		part_executable(e, exe.at, exe.len);
	}
	part_lineage(e, process_of(c, &r->head));
	add_who(&text, c, &r->head);
	buf_adds(&text, " ran ");
	if (r->argv.len)
		command_text(&text, r->argv.bytes, r->argv.len, r->head.flags & WS_F_ARGV_CUT);
	else
		buf_adds(&text, "a program whose arguments could not be read");
	message(e, &text);
	return e;
}

/* event.outcome: whether the operation succeeded, from the caller's point of view. */
static const char *outcome_of(unsigned effect)
{
	switch (effect) {
	case WS_EFFECT_REFUSED:
	case WS_EFFECT_DROPPED:
	case WS_EFFECT_KILLED_BEFORE:
		return "failure";
	}
	return "success";
}

/* Ids of the rules that fired beside the one that decided. */
static json_t *also_fired(const struct event_context *c, const struct ws_rec_verdict *r)
{
	json_t *ids = json_array();

	for (unsigned i = 0; c->rules && i < c->rules->count && i < WS_RULES_MAX; i++)
		if (i != r->rule && (r->fired.w[i / 64] >> (i & 63) & 1))
			json_array_append_new(ids, json_string(c->rules->rules[i].id));
	return ids;
}

static void add_target(json_t *e, const struct event_context *c, uint32_t pid)
{
	const struct process *p = c->processes ? process_table_find_pid(c->processes, pid) : NULL;
	json_t *target = part_object(part_object(e, "wormsign"), "target");

	part_set(target, "pid", json_integer(pid));
	if (p && p->comm[0]) {
		_buf_ struct buf name = BUF_INIT;

		redact_comm(&name, p->comm, strlen(p->comm));
		part_set_clean(target, "name", name.at);
	}
}

/* accuses: the verdict is more than hardening, and somebody should look. */
static void classify_verdict(json_t *e, const struct ws_rec_verdict *r, bool accuses)
{
	const char *category[4] = { NULL }, *const *own = verdict_category(r->op);
	size_t n = 0;

	for (; n < 2 && own[n]; n++)
		category[n] = own[n];
	if (accuses)
		category[n] = "intrusion_detection";
	classify(e, category, verdict_type(r->op), outcome_of(r->effect));
	if (r->effect != WS_EFFECT_NONE && r->effect != WS_EFFECT_UNAVAILABLE)
		json_array_append_new(json_object_get(part_object(e, "event"), "type"),
				      json_string("denied"));
}

/* What the operation was about. */
static void add_object(json_t *e, const struct event_context *c, const struct ws_rec_verdict *r)
{
	json_t *wormsign = part_object(e, "wormsign");
	_buf_ struct buf path = BUF_INIT, path2 = BUF_INIT;

	if (op_name(r->op))
		part_set(wormsign, "operation", json_string(op_name(r->op)));
	if (r->path.len || (r->head.flags & WS_F_PATH_UNREAD))
		part_set(wormsign, "place", json_string(place_name(r->place)));
	if (r->op != WS_OP_SIGNAL && r->op != WS_OP_MEMORY && r->amount)
		part_set(wormsign, "amount", json_integer(r->amount));
	else if (r->op == WS_OP_SIGNAL && r->amount && touch_name(r->amount))
		part_set(wormsign, "changed", json_string(touch_name(r->amount)));
	else if (r->op == WS_OP_SIGNAL && r->amount)
		part_set(wormsign, "signal", json_integer(r->amount));
	if (r->target_pid)
		add_target(e, c, r->target_pid);
	if (verdict_path(&path, r))
		part_file(e, path.at, path.len);
	if (verdict_path2(&path2, r))
		part_set(part_object(e, "file"), "target_path", part_text(path2.at, path2.len));
	part_network(e, &r->to);
}

json_t *event_verdict(struct event_context *c, const struct ws_rec_verdict *r)
{
	bool accuses = r->action == WS_ALERT || r->action >= WS_DENY;
	json_t *e = new_event(c, "verdict", accuses ? "alert" : "event", r->head.time);
	json_t *wormsign = part_object(e, "wormsign");
	_buf_ struct buf text = BUF_INIT;
	struct verdict_rule rule;

	classify_verdict(e, r, accuses);
	add_head(e, c, &r->head);
	verdict_rule(&rule, c->rules, r->rule);
	/* nothing is to be done about what was prevented, except where a rule has a threshold: the
	 * operations before it went through */
	if (!verdict_done(r) && !(rule.rule && rule.rule->count_of))
		rule.remedy = verdict_undone(r->op);
	part_rule(e, &rule, scope_of(c, r->head.scope));
	part_set(wormsign, "mode", json_string(mode_name(r->mode)));
	part_set(wormsign, "verdict", json_string(action_name(r->action)));
	part_set(wormsign, "effect", json_string(effect_name(r->effect)));
	part_set(wormsign, "labels", part_label_names(c->rules, r->labels));
	part_set(wormsign, "session_labels", part_label_names(c->rules, r->session_labels));
	part_set(wormsign, "also_fired", also_fired(c, r));
	add_object(e, c, r);
	if (r->argv_valid)
		part_argv(e, r->argv.bytes, r->argv.len, r->head.flags & WS_F_ARGV_CUT);
	part_lineage(e, process_of(c, &r->head));

	scope_who(&text, c->scopes, r->head.scope, r->head.actor);
	buf_adds(&text, " tried to ");
	verdict_tried(&text, r, NULL, NULL);
	buf_adds(&text, ": ");
	verdict_effect(&text, r);
	message(e, &text);
	return e;
}

json_t *event_search(struct event_context *c, const struct ws_rec_verdict *r, unsigned files,
		     bool hidden)
{
	static const char *const category[] = { "file", "intrusion_detection", NULL };
	json_t *e = new_event(c, "verdict", "alert", r->head.time);
	_buf_ struct buf text = BUF_INIT;
	struct verdict_rule rule;

	classify(e, category, "access", hidden ? "failure" : "success");
	add_head(e, c, &r->head);
	verdict_rule_search(&rule);
	part_rule(e, &rule, scope_of(c, r->head.scope));
	part_set(part_object(e, "wormsign"), "verdict", json_string(action_name(rule.action)));
	part_lineage(e, process_of(c, &r->head));
	scope_who(&text, c->scopes, r->head.scope, r->head.actor);
	buf_addf(&text, " looked for %u different files of the home that are none of its business",
		 files);
	message(e, &text);
	return e;
}

json_t *event_shadowed(struct event_context *c, const struct ws_rec_exec *r, const char *name,
		       const char *package)
{
	static const char *const category[] = { "process", "intrusion_detection", NULL };
	json_t *e = new_event(c, "verdict", "alert", r->head.time), *object;
	_buf_ struct buf text = BUF_INIT;
	struct verdict_rule rule;

	classify(e, category, "start", "success");
	add_head(e, c, &r->head);
	verdict_rule_shadowed(&rule);
	part_rule(e, &rule, scope_of(c, r->head.scope));
	part_set(part_object(e, "wormsign"), "verdict", json_string(action_name(rule.action)));
	part_lineage(e, process_of(c, &r->head));
	if (package) { /* whose program it is, instead of the project's name */
		json_object_del(e, "package");
		object = part_object(e, "package");
		part_set_clean(object, "name", package);
	}
	scope_who(&text, c->scopes, r->head.scope, r->head.actor);
	buf_addf(&text, " ran %s of %s in place of the system's", name,
		 package ?: "an unknown package");
	message(e, &text);
	return e;
}

json_t *event_repeated(struct event_context *c, uint64_t time, const struct verdict_repeated *r)
{
	static const char *const category[] = { "intrusion_detection", NULL };
	json_t *e = new_event(c, "verdict", r->action == WS_HIDE ? "event" : "alert", time),
	       *wormsign = part_object(e, "wormsign");
	const struct scope *scope = scope_of(c, r->scope);
	_buf_ struct buf text = BUF_INIT;
	struct verdict_rule rule;

	classify(e, category, "info", NULL);
	verdict_rule(&rule, c->rules, r->rule);
	part_rule(e, &rule, scope);
	part_set(wormsign, "verdict", json_string(action_name(r->action)));
	if (actor_name(r->actor))
		part_set(wormsign, "actor", json_string(actor_name(r->actor)));
	if (scope)
		part_scope(e, scope);
	part_set(wormsign, "repeated", json_integer((json_int_t)r->count));
	if (r->about)
		part_set_clean(wormsign, "about", r->about);
	scope_who(&text, c->scopes, r->scope, r->actor);
	buf_addf(&text, ": %" PRIu64 " more of %s, about %s: counted, not logged one by one",
		 r->count, rule.id, r->about ?: "different things");
	message(e, &text);
	return e;
}

json_t *event_death(struct event_context *c, const struct ws_rec_exit *r)
{
	static const char *const category[] = { "process", NULL };
	json_t *e = new_event(c, "death", "event", r->head.time),
	       *wormsign = part_object(e, "wormsign");
	_buf_ struct buf text = BUF_INIT;

	classify(e, category, "end", NULL);
	add_head(e, c, &r->head);
	if (WIFEXITED(r->code))
		part_set(part_object(e, "process"), "exit_code",
			 json_integer(WEXITSTATUS(r->code)));
	else if (WIFSIGNALED(r->code))
		part_set(wormsign, "signal", json_integer(WTERMSIG(r->code)));
	if (r->condemned_at && r->condemned_at <= r->head.time) {
		part_set(wormsign, "ms_to_kill",
			 json_real((double)(r->head.time - r->condemned_at) / 1e6));
	}
	part_lineage(e, process_of(c, &r->head));
	add_who(&text, c, &r->head);
	buf_adds(&text, " was killed by the verdict about it");
	if (r->condemned_at && r->condemned_at <= r->head.time)
		buf_addf(&text, ", %.1f ms after the hook",
			 (double)(r->head.time - r->condemned_at) / 1e6);
	message(e, &text);
	return e;
}

json_t *event_net(struct event_context *c, const struct ws_rec_net *r)
{
	static const char *const category[] = { "network", NULL };
	json_t *e = new_event(c, "net", "event", r->head.time);
	_buf_ struct buf text = BUF_INIT;

	classify(e, category, "connection", NULL);
	add_head(e, c, &r->head);
	part_network(e, &r->to);
	if (r->bytes)
		part_set(part_object(e, "network"), "bytes", json_integer((json_int_t)r->bytes));
	part_lineage(e, process_of(c, &r->head));
	add_who(&text, c, &r->head);
	buf_adds(&text, " connected to ");
	verdict_address(&text, &r->to);
	message(e, &text);
	return e;
}

json_t *event_leftover(struct event_context *c, uint64_t time, const struct session_leftover *l)
{
	bool accuses = leftover_accuses(l);
	const char *category[] = { "process", accuses ? "intrusion_detection" : NULL, NULL };
	json_t *e = new_event(c, "leftover", accuses ? "alert" : "event", time), *wormsign;
	const struct process *p = c->processes ? process_table_find_pid(c->processes, l->pid)
					       : NULL;
	struct ws_head h = { .pid = l->pid, .tid = l->pid, .scope = l->scope };
	_buf_ struct buf text = BUF_INIT;
	struct verdict_rule rule;

	classify(e, category, "end", "failure");
	memcpy(h.comm, l->comm, sizeof(h.comm));
	h.actor = l->actor < WS_ACTOR_MAX ? l->actor : WS_ACTOR_NONE;
	if (p) {
		h.started = p->started;
		h.parent = p->parent_pid;
		h.uid = h.gid = p->uid;
	}
	add_head(e, c, &h);
	json_object_del(part_object(e, "user"), "group");
	if (!p) { /* only its pid and its name are known */
		json_t *process = part_object(e, "process");

		json_object_del(e, "user");
		json_object_del(process, "start");
		json_object_del(process, "entity_id");
		json_object_del(process, "parent");
	}
	wormsign = part_object(e, "wormsign");
	part_set(wormsign, "operation", json_string(op_name(WS_OP_OUTLIVE)));
	if (accuses) {
		verdict_rule_outlive(&rule, c->rules, l->actor);
		part_rule(e, &rule, scope_of(c, l->scope));
		part_set(wormsign, "verdict", json_string(action_name(rule.action)));
	}
	/* In audit mode, too: no process of a session survives its end. */
	part_set(wormsign, "effect", json_string(effect_name(WS_EFFECT_KILLED_AFTER)));
	part_lineage(e, p);
	scope_who(&text, c->scopes, h.scope, h.actor);
	buf_adds(&text, " was still running after the command had ended");
	message(e, &text);
	return e;
}

json_t *event_residue(struct event_context *c, uint64_t time, const struct residue_item *item)
{
	static const char *const file[] = { "file", NULL }, *const socket[] = { "network", NULL };
	bool is_file = item->place != RESIDUE_SOCKET;
	json_t *e = new_event(c, "residue", "event", time), *wormsign = part_object(e, "wormsign"),
	       *residue = part_object(wormsign, "residue");
	const struct scope *scope = scope_of(c, item->scope);
	_buf_ struct buf text = BUF_INIT;

	classify(e, is_file ? file : socket, item->made ? "creation" : "change", NULL);
	part_set(residue, "what", json_string(residue_what(item)));
	part_set(residue, "change", json_string(item->made ? "new" : "changed"));
	if (is_file)
		part_file(e, item->path, strlen(item->path));
	else
		part_set_clean(residue, "socket", item->path);
	if (actor_name(item->actor))
		part_set(wormsign, "actor", json_string(actor_name(item->actor)));
	if (scope)
		part_scope(e, scope);
	part_project(e, c, scope);
	residue_text(&text, item, NULL);
	if (item->actor) {
		buf_adds(&text, ", by ");
		scope_who(&text, c->scopes, item->scope, item->actor);
	}
	message(e, &text);
	return e;
}

json_t *event_session_end(struct event_context *c, uint64_t time, const struct session_end *end,
			  const struct session_counts *n, enum ws_action strongest)
{
	static const char *const category[] = { "session", NULL };
	json_t *e = new_event(c, "session-end", "event", time),
	       *wormsign = part_object(e, "wormsign");
	json_t *lost = json_object(), *counts, *coverage;
	int status = session_status(end, c->mode, strongest);
	_buf_ struct buf text = BUF_INIT;

	classify(e, category, "end", status == 0 ? "success" : "failure");
	/* the session's own; the command may have ended with another */
	part_set(part_object(e, "process"), "exit_code", json_integer(status));
	part_set(wormsign, "status", json_integer(status));
	part_set(wormsign, "command_status", json_integer(end->command_status));
	if (WIFSIGNALED(end->status))
		part_set(wormsign, "signal", json_integer(WTERMSIG(end->status)));
	part_project(e, c, NULL);
	buf_addf(&text, "the session ended with status %d; ", status);
	if (WIFSIGNALED(end->status))
		buf_addf(&text, "signal %d ended the command", WTERMSIG(end->status));
	else
		buf_addf(&text, "the command's own was %d", end->command_status);
	message(e, &text);
	part_set(wormsign, "strongest", json_string(action_name(strongest)));
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		if (end->lost[i])
			part_set(lost, lost_name(i), json_integer((json_int_t)end->lost[i]));
	if (end->missed)
		part_set(lost, "hook-runs", json_integer((json_int_t)end->missed));
	if (n->unreported)
		part_set(lost, "verdicts", json_integer((json_int_t)n->unreported));
	if (end->bad_records)
		part_set(lost, "bad-records", json_integer((json_int_t)end->bad_records));
	if (n->unwritten)
		part_set(lost, "log-lines", json_integer((json_int_t)n->unwritten));
	part_set(wormsign, "lost", lost);
	part_set(wormsign, "withheld", part_withheld(&end->withheld));
	counts = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "shown", (json_int_t)n->shown,
			   "processes", (json_int_t)n->processes, "execs", (json_int_t)n->execs,
			   "scopes", (json_int_t)n->scopes, "verdicts", (json_int_t)n->verdicts,
			   "alerts", (json_int_t)n->alerts, "hidden", (json_int_t)n->hidden,
			   "killed", (json_int_t)n->killed, "folded", (json_int_t)n->folded);
	part_set(wormsign, "counts", counts);
	if (n->residue)
		part_set(wormsign, "residue",
			 json_pack("{s:I, s:b}", "found",
				   (json_int_t)(n->residue->count + n->residue->more), "incomplete",
				   (int)n->residue->incomplete));
	if (end->earlier.unread || end->earlier.unsaved || end->earlier.left_out)
		part_set(wormsign, "earlier",
			 json_pack("{s:b, s:b, s:I}", "unread", (int)end->earlier.unread, "unsaved",
				   (int)end->earlier.unsaved, "left_out",
				   (json_int_t)end->earlier.left_out));
	if (n->unjudged_managers)
		part_set_clean(wormsign, "unjudged_managers", n->unjudged_managers);
	if (n->unjudged_programs)
		part_set_clean(wormsign, "unjudged_programs", n->unjudged_programs);
	part_set(wormsign, "session_labels", part_label_names(c->rules, end->labels));
	coverage = part_object(wormsign, "coverage");
	part_set(coverage, "deny", part_op_names(end->coverage.deny));
	part_set(coverage, "kill", part_op_names(end->coverage.kill));
	part_set(coverage, "watch", part_op_names(end->coverage.watch));
	part_set(coverage, "blind", part_op_names(end->coverage.blind));
	return e;
}
