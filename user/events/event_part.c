// SPDX-License-Identifier: GPL-2.0-only
/* event_part.c - the parts that events are made of. */
#define _GNU_SOURCE /* memrchr */
#include "events/event_part.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "events/command_label.h"
#include "events/decode.h"
#include "events/process_lineage.h"
#include "events/record_names.h"
#include "events/remedy.h"
#include "policy/attack.h"
#include "sanitize/escape.h"
#include "sanitize/redact_text.h"
#include "sanitize/redact_words.h"

/* event.severity: the numbers that Elastic's rules use for their four levels. */
static const int severity_numbers[] = {
	[WS_SEV_INFO] = 0,  [WS_SEV_LOW] = 21,	    [WS_SEV_MEDIUM] = 47,
	[WS_SEV_HIGH] = 73, [WS_SEV_CRITICAL] = 99,
};

/* Bytes of a lineage in the log; a longer one is shortened in the middle. */
#define LINEAGE_MAX 2000

json_t *part_clean(const char *bytes, size_t len)
{
	_buf_ struct buf b = BUF_INIT;

	escape(&b, bytes, len, ESCAPE_JSON);
	return b.failed ? NULL : json_stringn(b.at, b.len);
}

json_t *part_text(const char *bytes, size_t len)
{
	_buf_ struct buf b = BUF_INIT;

	redact_text(&b, bytes, len, false);
	return b.failed ? NULL : part_clean(b.at, b.len);
}

void part_set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

void part_set_text(json_t *object, const char *key, const char *text)
{
	if (text && text[0])
		part_set(object, key, part_text(text, strlen(text)));
}

void part_set_clean(json_t *object, const char *key, const char *text)
{
	if (text && text[0])
		part_set(object, key, part_clean(text, strlen(text)));
}

json_t *part_object(json_t *object, const char *key)
{
	json_t *member = json_object_get(object, key);

	if (member)
		return member;
	part_set(object, key, json_object());
	return json_object_get(object, key);
}

/* Append text to a list, made if it is missing. */
static void part_append(json_t *object, const char *key, const char *text)
{
	json_t *list = json_object_get(object, key);

	if (!list) {
		part_set(object, key, json_array());
		list = json_object_get(object, key);
	}
	json_array_append_new(list, json_string(text));
}

json_t *part_id(uint64_t id)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, id);
	return json_string(text);
}

json_t *part_time(uint64_t realtime)
{
	_buf_ struct buf b = BUF_INIT;

	decode_time(&b, realtime);
	return json_string(b.at);
}

json_t *part_label_names(const struct ruleset *rules, uint64_t labels)
{
	json_t *names = json_array();
	char number[16];

	for (unsigned i = 0; i < WS_LABELS_MAX; i++) {
		if (!(labels & (1ULL << i)))
			continue;
		snprintf(number, sizeof(number), "label-%u", i);
		json_array_append_new(names, json_string(rules && i < rules->labels.count
								 ? rules->labels.at[i]
								 : number));
	}
	return names;
}

json_t *part_job(const struct job_identity *j)
{
	json_t *job = json_object();

	part_set_clean(job, "provider", j->provider);
	for (size_t m = 0; m < CI_MEMBERS; m++)
		part_set_text(job, ci_members[m], j->members[m]);
	return job;
}

json_t *part_withheld(const struct withheld *w)
{
	json_t *part = json_object(), *names = json_array();

	for (const char *n = withheld_next(w, NULL); n; n = withheld_next(w, n))
		json_array_append_new(names, json_string(n) ?: json_string("(not UTF-8)"));
	part_set(part, "names", names);
	part_set(part, "scripts", json_integer((json_int_t)w->scripts));
	if (w->failed)
		part_set(part, "failed", json_integer((json_int_t)w->failed));
	if (w->unavailable)
		part_set(part, "unavailable", json_string(w->unavailable));
	if (w->unguarded)
		part_set(part, "unguarded", json_integer((json_int_t)w->unguarded));
	if (w->calls_open)
		part_set(part, "calls_open", json_string(w->calls_open));
	if (w->files_open)
		part_set(part, "files_open", json_string(w->files_open));
	return part;
}

json_t *part_op_names(uint32_t ops)
{
	json_t *names = json_array();

	for (unsigned op = 0; op < WS_OP_MAX; op++)
		if ((ops & (1u << op)) && op_name(op))
			json_array_append_new(names, json_string(op_name(op)));
	return names;
}

json_t *part_flags(uint32_t flags)
{
	json_t *names = json_array();

	for (size_t i = 0; i < flag_name_count; i++)
		if (flags & flag_names[i].bit)
			json_array_append_new(names, json_string(flag_names[i].name));
	return names;
}

json_t *part_strings(const struct strings *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(list, part_clean(s->at[i], strlen(s->at[i])));
	return list;
}

/* ---- process ---- */

static json_t *entity_id(const struct event_context *c, uint32_t pid, uint64_t started)
{
	char text[64];

	snprintf(text, sizeof(text), "%016" PRIx64 "-%" PRIu32 "-%" PRIx64, c->session, pid,
		 started);
	return json_string(text);
}

/* The bytes from..to of text, without the secrets that were found in the whole of it. */
static json_t *part_of(const struct spans *secrets, const char *text, size_t from, size_t to)
{
	_buf_ struct buf clean = BUF_INIT;

	spans_write(&clean, secrets, text, from, to);
	return clean.failed ? NULL : part_clean(clean.at, clean.len);
}

/* Those between the session's command and p, the parent first: their ids, with which their exec
 * events are found, and their names. */
static void set_ancestors(json_t *event, const struct event_context *c, const struct process *p)
{
	json_t *ids = json_array(), *list = json_array(), *wormsign;

	for (; p && p->parent && !p->skipped; p = p->parent) {
		_buf_ struct buf name = BUF_INIT;

		redact_comm(&name, p->parent->comm, strnlen(p->parent->comm, 16));
		json_array_append_new(ids, entity_id(c, p->parent->pid, p->parent->started));
		json_array_append_new(list, part_clean(name.at, name.len));
	}
	if (json_array_size(ids)) {
		wormsign = part_object(event, "wormsign");
		part_set(wormsign, "ancestors", ids);
		part_set(wormsign, "ancestor_names", list);
	} else {
		json_decref(ids);
		json_decref(list);
	}
}

static void set_path(json_t *object, const char *key, const char *key_name, const char *path,
		     size_t len)
{
	const char *slash = memrchr(path, '/', len);
	CLEANUP(spans_free) struct spans secrets = { 0 };

	redact_find(&secrets, path, len, false);
	part_set(object, key, part_of(&secrets, path, 0, len));
	if (slash && slash + 1 < path + len)
		part_set(object, key_name, part_of(&secrets, path, slash + 1 - path, len));
}

void part_executable(json_t *event, const char *path, size_t len)
{
	set_path(part_object(event, "process"), "executable", "name", path, len);
}

void part_argv(json_t *event, const char *argv, size_t len, bool cut)
{
	json_t *process = part_object(event, "process"), *args;
	const char *at = argv, *end = argv + len, *word;
	CLEANUP(spans_free) struct spans secrets = { 0 };
	_buf_ struct buf line = BUF_INIT;
	size_t n;

	if (!len)
		return;
	redact_words(&secrets, argv, len, cut);
	args = json_array();
	while ((at = decode_word(at, end, &word, &n)))
		json_array_append_new(args, part_of(&secrets, argv, word - argv, word - argv + n));
	part_set(process, "args_count", json_integer(json_array_size(args)));
	part_set(process, "args", args);
	command_line(&line, &secrets, argv, len, cut);
	part_set(process, "command_line", part_clean(line.at, line.len));
}

/*
 * The program p runs, or NULL. A process without a program of its own runs its parent's, unless its
 * name differs: then it has run exec and the record of that has not come yet.
 */
static const struct image *image_of(const struct process *p)
{
	if (!p || (!p->image_count && p->parent && strcmp(p->comm, p->parent->comm) != 0))
		return NULL;
	return process_image(p);
}

void part_process(json_t *event, const struct event_context *c, const struct ws_head *h,
		  const struct process *p)
{
	json_t *process = part_object(event, "process"), *thread, *parent, *user;
	const struct image *image = image_of(p);
	_buf_ struct buf comm = BUF_INIT;
	char uid[16];

	redact_comm(&comm, h->comm, decode_len(h->comm));
	part_set(process, "pid", json_integer(h->pid));
	part_set(process, "entity_id", entity_id(c, h->pid, h->started));
	part_set(process, "start", part_time(c->realtime + h->started));
	if (comm.len)
		part_set(process, "name", part_clean(comm.at, comm.len));
	if (image && image->exe)
		part_executable(event, image->exe, strlen(image->exe));
	if (image && image->argv)
		part_argv(event, image->argv, image->argv_len, image->argv_cut);
	thread = part_object(process, "thread");
	part_set(thread, "id", json_integer(h->tid));
	if (comm.len)
		part_set(thread, "name", part_clean(comm.at, comm.len));
	parent = part_object(process, "parent");
	part_set(parent, "pid", json_integer(h->parent));
	if (p && p->parent && !p->skipped) {
		part_set(parent, "entity_id", entity_id(c, p->parent->pid, p->parent->started));
		image = image_of(p->parent);
		if (image && image->exe)
			set_path(parent, "executable", "name", image->exe, strlen(image->exe));
	}
	set_ancestors(event, c, p);
	user = part_object(event, "user");
	snprintf(uid, sizeof(uid), "%" PRIu32, h->uid);
	part_set(user, "id", json_string(uid));
	if (h->uid == c->uid)
		part_set_text(user, "name", c->user);
	snprintf(uid, sizeof(uid), "%" PRIu32, h->gid);
	part_set(part_object(user, "group"), "id", json_string(uid));
}

void part_lineage(json_t *event, const struct process *p)
{
	json_t *wormsign = part_object(event, "wormsign");
	_buf_ struct buf line = BUF_INIT;
	bool complete;

	complete = p && process_lineage(&line, p, LINEAGE_MAX);
	if (!p)
		buf_adds(&line, "(lineage incomplete)");
	part_set(wormsign, "lineage", part_clean(line.at, line.len));
	if (!complete)
		part_set(wormsign, "lineage_incomplete", json_true());
}

/* ---- the others ---- */

void part_scope(json_t *event, const struct scope *s)
{
	json_t *wormsign = part_object(event, "wormsign"), *package;
	_buf_ struct buf purl = BUF_INIT;

	if (!s)
		return;
	part_set(wormsign, "scope", part_id(s->id));
	if (!s->known)
		return;
	part_set_text(wormsign, "event", s->event);
	if (s->earlier)
		part_set(wormsign, "origin_session", part_id(s->earlier));
	part_set_text(wormsign, "directory", s->directory);
	if (s->name[0] && s->declared[0] && strcmp(s->name, s->declared) != 0)
		part_set_text(wormsign, "declared", s->declared);
	scope_purl(&purl, s);
	if (purl.len)
		part_set(wormsign, "purl", part_text(purl.at, purl.len));
	package = part_object(event, "package");
	part_set_text(package, "name", scope_name(s));
	part_set_text(package, "version", s->version);
	part_set_clean(package, "type", scope_ecosystem(s));
	part_set_text(package, "path", s->directory);
	part_set_clean(package, "checksum", s->checksum);
	if (!json_object_size(package))
		json_object_del(event, "package");
}

void part_project(json_t *event, const struct event_context *c, const struct scope *s)
{
	json_t *wormsign = part_object(event, "wormsign");
	const char *modules = s ? strstr(s->directory, "/node_modules/") : NULL;

	if (modules && modules > s->directory && s->directory[0] == '/')
		part_set(wormsign, "project", part_text(s->directory, modules - s->directory));
	else
		part_set_text(wormsign, "project", c->cwd);
	if (c->command)
		part_set_clean(wormsign, "command", c->command);
}

/* Append id and name to the lists of this member. */
static void add_named(json_t *object, const char *key, const char *id, const char *name)
{
	json_t *member = part_object(object, key);

	part_append(member, "id", id);
	part_append(member, "name", name);
}

/*
 * The techniques, and the tactics that they serve. In ATT&CK, T1552.001 is a sub-technique of
 * T1552. Those without one come first, so that the last of technique.id are the parents of
 * subtechnique.id.
 */
static void add_threat(json_t *event, const struct strings *attack)
{
	uint32_t tactics = 0;
	json_t *threat;

	if (!attack->count)
		return;
	threat = part_object(event, "threat");
	part_set(threat, "framework", json_string("MITRE ATT&CK"));
	for (size_t i = 0; i < attack->count * 2; i++) {
		const struct attack_technique *t = attack_find(attack->at[i % attack->count]),
					      *parent = t ? attack_parent(t) : NULL;

		if (!t || (t != parent) != (i >= attack->count))
			continue;
		add_named(threat, "technique", parent->id, parent->name);
		if (t != parent)
			add_named(part_object(threat, "technique"), "subtechnique", t->id, t->name);
		tactics |= t->tactics;
	}
	for (size_t i = 0; i < attack_tactic_count; i++)
		if (tactics & UINT32_C(1) << i)
			add_named(threat, "tactic", attack_tactics[i].id, attack_tactics[i].name);
}

void part_rule(json_t *event, const struct verdict_rule *r, const struct scope *s)
{
	json_t *rule = part_object(event, "rule"), *ev = part_object(event, "event");
	json_t *wormsign = part_object(event, "wormsign");
	_buf_ struct buf remedy = BUF_INIT;

	part_set(ev, "severity", json_integer(severity_numbers[r->severity]));
	part_set(ev, "risk_score", json_integer(severity_numbers[r->severity]));
	part_set_clean(ev, "reason", r->why);
	part_set(wormsign, "severity", json_string(severity_name(r->severity)));
	remedy_text(&remedy, r->remedy ? r->remedy : "", s ? scope_name(s) : NULL, NULL);
	part_set_clean(wormsign, "remedy", remedy.at);

	part_set_clean(rule, "id", r->id);
	part_set_clean(rule, "name", r->title);
	part_set_clean(rule, "description", r->why);
	part_set_clean(rule, "ruleset", r->family);
	if (!r->rule)
		return;
	if (r->rule->references.count) {
		/* ECS has one; the others are beside it */
		part_set_clean(rule, "reference", r->rule->references.at[0]);
		part_set(wormsign, "references", part_strings(&r->rule->references));
	}
	add_threat(event, &r->rule->attack);
}

void part_file(json_t *event, const char *path, size_t len)
{
	set_path(part_object(event, "file"), "path", "name", path, len);
}

void part_network(json_t *event, const struct ws_address *a)
{
	json_t *network, *destination;
	const char *protocol = decode_protocol(a->protocol);
	_buf_ struct buf address = BUF_INIT;
	char number[16];

	if (!a->family)
		return;
	network = part_object(event, "network");
	destination = part_object(event, "destination");
	decode_address(&address, a);
	part_set(destination, "address", json_string(address.at));
	if (a->family == AF_INET || a->family == AF_INET6) {
		part_set(destination, "ip", json_string(address.at));
		part_set(network, "type", json_string(a->family == AF_INET ? "ipv4" : "ipv6"));
	}
	part_set(destination, "port", json_integer(a->port));
	if (protocol)
		part_set(network, "transport", json_string(protocol));
	snprintf(number, sizeof(number), "%" PRIu32, a->protocol);
	part_set(network, "iana_number", json_string(number));
	part_set(network, "direction", json_string("egress"));
}

static void relate(json_t *event, const char *to, const char *object, const char *member)
{
	json_t *value = json_object_get(json_object_get(event, object), member);

	if (value)
		part_set(part_object(event, "related"), to, json_pack("[O]", value));
}

void part_related(json_t *event)
{
	if (!event)
		return;
	relate(event, "hosts", "host", "name");
	relate(event, "ip", "destination", "ip");
	relate(event, "user", "user", "id");
	relate(event, "user", "user", "name"); /* rather than the number */
}
