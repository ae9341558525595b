// SPDX-License-Identifier: GPL-2.0-only
/* event.c - checked records as events, one function a kind. */
#include "event.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "coverage.h"
#include "decode.h"
#include "event_part.h"
#include "redact.h"
#include "wire_names.h"

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
	part_set_clean(part_object(e, "host"), "name", c->host);
	wormsign = part_object(e, "wormsign");
	part_set(wormsign, "schema", json_string(EVENT_SCHEMA));
	part_set(wormsign, "version", json_string(WORMSIGN_VERSION));
	part_set(wormsign, "session", part_id(c->session));
	part_set(wormsign, "mode", json_string(mode_name(c->mode)));
	part_set(wormsign, "backend", json_string(backend_name(c->backend)));
	return e;
}

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

static const struct process *process_of(const struct event_context *c, const struct ws_head *h)
{
	return c->processes ? process_table_find(c->processes, h->pid, h->started) : NULL;
}

static const struct scope *scope_of(const struct event_context *c, uint64_t id)
{
	return id && c->scopes ? scope_table_find(c->scopes, id) : NULL;
}

/* What a record's header tells. */
static void add_head(json_t *e, const struct event_context *c, const struct ws_head *h)
{
	json_t *wormsign = part_object(e, "wormsign");
	const struct scope *scope = scope_of(c, h->scope);

	part_process(e, c, h, process_of(c, h));
	if (actor_name(h->actor))
		part_set(wormsign, "actor", json_string(actor_name(h->actor)));
	if (h->backend != WS_BACKEND_NONE)
		part_set(wormsign, "backend", json_string(backend_name(h->backend)));
	if (h->flags)
		part_set(wormsign, "flags", part_flags(h->flags));
	if (scope)
		part_scope(e, c, scope);
	else if (h->scope)
		part_set(wormsign, "scope", part_id(h->scope));
}

json_t *event_session_start(struct event_context *c, uint64_t time,
			    const struct observer_options *o)
{
	static const char *const category[] = { "session", NULL };
	json_t *e = new_event(c, "session-start", "event", time), *host, *os, *process, *user;
	_buf_ struct buf argv = BUF_INIT;
	struct utsname uts;
	char number[16];

	classify(e, category, "start", NULL);
	for (char *const *word = o->command; word && *word; word++)
		buf_add(&argv, *word, strlen(*word) + 1);
	part_argv(e, argv.at, argv.len, false);
	process = part_object(e, "process");
	part_set_text(process, "working_directory", o->cwd);
	if (!json_object_size(process))
		json_object_del(e, "process");
	user = part_object(e, "user");
	part_set_text(user, "name", o->user);
	snprintf(number, sizeof(number), "%" PRIu32, o->uid);
	part_set(user, "id", json_string(number));
	snprintf(number, sizeof(number), "%" PRIu32, o->gid);
	part_set(part_object(user, "group"), "id", json_string(number));
	host = part_object(e, "host");
	if (uname(&uts) == 0) {
		part_set_clean(host, "architecture", uts.machine);
		os = part_object(host, "os");
		part_set(os, "type", json_string("linux"));
		part_set_clean(os, "kernel", uts.release);
	}
	part_set_text(part_object(e, "wormsign"), "home", o->home);
	part_set(part_object(e, "wormsign"), "rules", json_integer(c->rules ? c->rules->count : 0));
	part_set_text(part_object(e, "wormsign"), "rules_dirs", o->rules_dirs);
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
	part_scope(e, c, s);
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
	_buf_ struct buf exe = BUF_INIT;

	classify(e, category, "start", NULL);
	add_head(e, c, &r->head);
	part_set(wormsign, "operation", json_string(op_name(WS_OP_EXEC)));
	part_argv(e, r->argv.bytes, r->argv.len, r->head.flags & WS_F_ARGV_CUT);
	if (r->exe_len) {
		decode_path(&exe, r->exe, r->exe_len, r->head.flags & WS_F_PATH_CUT);
		part_executable(e, exe.at, exe.len);
	}
	if (r->cwd_place && place_name(r->cwd_place)) /* 0: the kernel did not look */
		part_set(wormsign, "cwd_place", json_string(place_name(r->cwd_place)));
	part_lineage(e, process_of(c, &r->head));
	return e;
}

/* Whether the operation had its way. */
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

/* Rules beside the one that names the verdict. */
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
	if (p && p->comm[0])
		part_set_text(target, "name", p->comm);
}

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
		if (r->path.len || (r->head.flags & WS_F_PATH_UNREAD))
			part_set(wormsign, "place", json_string(place_name(r->place)));
	if (r->amount)
		part_set(wormsign, r->op == WS_OP_SIGNAL ? "signal" : "amount", json_integer(r->amount));
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

json_t *event_death(struct event_context *c, const struct ws_rec_exit *r)
{
	static const char *const category[] = { "process", NULL };
	json_t *e = new_event(c, "death", "event", r->head.time),
	       *wormsign = part_object(e, "wormsign");

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
	return e;
}

json_t *event_net(struct event_context *c, const struct ws_rec_net *r)
{
	static const char *const category[] = { "network", NULL };
	json_t *e = new_event(c, "net", "event", r->head.time);

	classify(e, category, "connection", NULL);
	add_head(e, c, &r->head);
	part_network(e, &r->to);
	if (r->bytes)
		part_set(part_object(e, "network"), "bytes", json_integer((json_int_t)r->bytes));
	part_lineage(e, process_of(c, &r->head));
	return e;
}

json_t *event_leftover(struct event_context *c, uint64_t time, const struct observer_leftover *l)
{
	bool accuses = l->actor == WS_ACTOR_PACKAGE;
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
	if (!p) { /* only its number and name are known */
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
	/* Audit or not: a session does not end with a living process. */
	part_set(wormsign, "effect", json_string(effect_name(WS_EFFECT_KILLED_AFTER)));
	part_lineage(e, p);
	scope_who(&text, c->scopes, h.scope, h.actor);
	buf_adds(&text, " was still running after the command had ended");
	message(e, &text);
	return e;
}

static json_t *op_list(uint32_t ops)
{
	json_t *names = json_array();

	for (unsigned op = 0; op < WS_OP_MAX; op++)
		if ((ops & (1u << op)) && op_name(op))
			json_array_append_new(names, json_string(op_name(op)));
	return names;
}

json_t *event_session_end(struct event_context *c, uint64_t time, const struct observer_end *end,
			  const struct event_counts *n, enum ws_action strongest)
{
	static const char *const category[] = { "session", NULL };
	json_t *e = new_event(c, "session-end", "event", time),
	       *wormsign = part_object(e, "wormsign");
	json_t *lost = json_object(), *counts, *coverage;
	struct coverage covered;

	classify(e, category, "end", end->status == 0 ? "success" : "failure");
	if (WIFEXITED(end->status))
		part_set(part_object(e, "process"), "exit_code",
			 json_integer(WEXITSTATUS(end->status)));
	else if (WIFSIGNALED(end->status))
		part_set(wormsign, "signal", json_integer(WTERMSIG(end->status)));
	part_set(wormsign, "strongest", json_string(action_name(strongest)));
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		if (end->lost[i])
			part_set(lost, lost_name(i), json_integer((json_int_t)end->lost[i]));
	if (end->missed)
		part_set(lost, "hook-runs", json_integer((json_int_t)end->missed));
	if (end->bad_records)
		part_set(lost, "bad-records", json_integer((json_int_t)end->bad_records));
	if (n->unwritten)
		part_set(lost, "log-lines", json_integer((json_int_t)n->unwritten));
	part_set(wormsign, "lost", lost);
	counts = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "processes",
			   (json_int_t)n->processes, "execs", (json_int_t)n->execs, "scopes",
			   (json_int_t)n->scopes, "verdicts", (json_int_t)n->verdicts, "alerts",
			   (json_int_t)n->alerts, "hidden", (json_int_t)n->hidden, "killed",
			   (json_int_t)n->killed, "folded", (json_int_t)n->folded);
	part_set(wormsign, "counts", counts);
	part_set(wormsign, "session_labels", part_label_names(c->rules, end->session.labels));
	if (end->hook_count) {
		covered = coverage_of(end->hooks, end->hook_count, c->rules);
		coverage = json_object();
		part_set(coverage, "deny", op_list(covered.deny));
		part_set(coverage, "kill", op_list(covered.kill));
		part_set(coverage, "watch", op_list(covered.watch));
		part_set(coverage, "blind", op_list(covered.blind));
		part_set(wormsign, "coverage", coverage);
	}
	return e;
}
