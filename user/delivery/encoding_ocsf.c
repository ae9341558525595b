// SPDX-License-Identifier: GPL-2.0-only
/*
 * encoding_ocsf.c - the Open Cybersecurity Schema Framework, version 1.8.0. A verdict that accuses
 * is a Detection Finding; the rest is Process, File, Network or DNS Activity, or the Base Event.
 * What the schema has no place for is in `unmapped`.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "delivery/encoding.h"
#include "delivery/json_path.h"

enum class {
	BASE = 1,
	PROCESS = 2,
	FILES = 4,
	NETWORK = 8,
	DNS = 16,
	FINDING = 32,
	ACTIVITY = PROCESS | FILES | NETWORK | DNS,
	ANY = BASE | ACTIVITY | FINDING,
};

static const struct {
	enum class class;
	int uid;
	const char *name;
} classes[] = {
	{ BASE, 0, "Base Event" },	  { PROCESS, 1007, "Process Activity" },
	{ FILES, 1001, "File Activity" }, { NETWORK, 4001, "Network Activity" },
	{ DNS, 4003, "DNS Activity" },	  { FINDING, 2004, "Detection Finding" },
};

/* ---- which class: the first row that fits ---- */

#define OTHER 99

static const struct kind {
	const char *action, *kind, *operation; /* of the event; NULL: any */
	const char *has;		       /* a member that the class needs */
	int port;			       /* of the destination; 0: any */
	enum class class;
	int activity;
} kinds[] = {
	{ NULL, "alert", .class = FINDING, .activity = 1 },
	{ "exec", .has = "process.pid", .class = PROCESS, .activity = 1 },
	{ "death", .has = "process.pid", .class = PROCESS, .activity = 2 },
	{ "leftover", .has = "process.pid", .class = PROCESS, .activity = 2 },
	{ "residue", .has = "file.path", .class = FILES, .activity = OTHER },
	{ "net", .has = "destination.ip", .port = 53, .class = DNS, .activity = 1 },
	{ "net", .has = "destination.address", .class = NETWORK, .activity = 1 },
	{ "verdict", NULL, "dns", "destination.address", .class = DNS, .activity = 1 },
	{ "verdict", NULL, "connect", "destination.address", .class = NETWORK, .activity = 1 },
	{ "verdict", NULL, "send", "destination.address", .class = NETWORK, .activity = 6 },
	{ "verdict", NULL, "listen", "destination.address", .class = NETWORK, .activity = 7 },
	{ "verdict", NULL, "create", "file.path", .class = FILES, .activity = 1 },
	{ "verdict", NULL, "read", "file.path", .class = FILES, .activity = 2 },
	{ "verdict", NULL, "write", "file.path", .class = FILES, .activity = 3 },
	{ "verdict", NULL, "unlink", "file.path", .class = FILES, .activity = 4 },
	{ "verdict", NULL, "rename", "file.path", .class = FILES, .activity = 5 },
	{ "verdict", NULL, "chmod", "file.path", .class = FILES, .activity = 7 },
	{ "verdict", NULL, "mount", "file.path", .class = FILES, .activity = 12 },
	{ "verdict", NULL, "link", "file.path", .class = FILES, .activity = OTHER },
	{ .has = "wormsign.session", .class = PROCESS, .activity = OTHER },
	{ .class = BASE, .activity = OTHER },
};

/* ---- words ---- */

static const struct encoding_word severities[] = {
	{ "21", 2 }, { "47", 3 }, { "73", 4 }, { "99", 5 }, { NULL, 1 },
};
static const struct encoding_word statuses[] = {
	{ "success", 1 },
	{ "failure", 2 },
	{ NULL, 0 },
};
/* Allowed, Denied, Observed */
static const struct encoding_word actions[] = {
	{ "refused", 2 },      { "dropped", 2 }, { "killed-before", 2 },
	{ "killed-after", 1 }, { NULL, 3 },
};
/* Blocked, Dropped, Detected */
static const struct encoding_word dispositions[] = {
	{ "refused", 2 },
	{ "killed-before", 2 },
	{ "dropped", 6 },
	{ NULL, 15 },
};
static const struct encoding_word versions[] = {
	{ "ipv4", 4 },
	{ "ipv6", 6 },
	{ NULL, 0 },
};

/* ---- the table ---- */

enum how {
	/* as it is; of a list, each, where `to` has brackets: "[]" appends an element for each,
	 * "[-]" means the last elements, as many as there are */
	COPY,
	NUMBER, /* an integer, be it written as text */
	TIME,	/* ms since 1970 */
	LAST,	/* the last name of a path */
	WORD,	/* its number in `words` */
	IS,	/* `number`, if there is such a member */
	SAYS,	/* `text`, if there is such a member */
};

struct row {
	unsigned classes;
	const char *part; /* whose member `to` is; NULL: the event's */
	const char *to, *from;
	enum how how;
	union {
		const struct encoding_word *words;
		int number;
		const char *text;
	};
};

/* Where a class has a process, a file ... */
static const struct place {
	unsigned classes;
	const char *part, *at;
} places[] = {
	{ PROCESS, "process", "process" },
	{ FILES | NETWORK | DNS, "process", "actor.process" },
	{ FINDING, "process", "evidences[0].process" },
	{ PROCESS, "parent", "process.parent_process" },
	{ PROCESS, "parent", "actor.process" },
	{ FILES | NETWORK | DNS, "parent", "actor.process.parent_process" },
	{ FINDING, "parent", "evidences[0].process.parent_process" },
	{ FILES, "file", "file" },
	{ FINDING, "file", "evidences[0].file" },
	{ NETWORK | DNS, "endpoint", "dst_endpoint" },
	{ FINDING, "endpoint", "evidences[0].dst_endpoint" },
	{ NETWORK | DNS, "connection", "connection_info" },
	{ FINDING, "connection", "evidences[0].connection_info" },
};

/* Where two rows have one `to`, the first that finds something has it. */
static const struct row rows[] = {
	{ ANY, NULL, "time", "@timestamp", .how = TIME },
	{ ANY, NULL, "message", "message", .how = COPY },
	{ ANY, NULL, "status_id", "event.outcome", .how = WORD, .words = statuses },
	{ ANY, NULL, "metadata.version", "event", .how = SAYS, .text = "1.8.0" },
	{ ANY, NULL, "metadata.product.name", "event", .how = SAYS, .text = "Wormsign" },
	{ ANY, NULL, "metadata.product.version", "wormsign.version", .how = COPY },
	{ ANY, NULL, "metadata.uid", "event.id", .how = COPY },
	{ ANY, NULL, "metadata.sequence", "event.sequence", .how = COPY },
	{ ANY, NULL, "metadata.event_code", "event.action", .how = COPY },
	{ ANY, NULL, "metadata.log_name", "event.dataset", .how = COPY },
	{ ANY, NULL, "metadata.correlation_uid", "wormsign.session", .how = COPY },
	{ ANY, NULL, "metadata.profiles[]", "host", .how = SAYS, .text = "host" },
	{ ANY, NULL, "metadata.profiles[]", "wormsign.effect", .how = SAYS,
	  .text = "security_control" },
	{ ANY, NULL, "device.hostname", "host.name", .how = COPY },
	{ ANY, NULL, "device.uid", "host.id", .how = COPY },
	{ ANY, NULL, "device.type_id", "host", .how = IS, .number = 0 },
	{ ANY, NULL, "device.os.name", "host.os", .how = SAYS, .text = "Linux" },
	{ ANY, NULL, "device.os.type_id", "host.os", .how = IS, .number = 200 },
	{ ANY, NULL, "device.os.kernel_release", "host.os.kernel", .how = COPY },
	{ FINDING, NULL, "risk_score", "event.risk_score", .how = COPY },
	{ ACTIVITY | FINDING, NULL, "action_id", "wormsign.effect", .how = WORD, .words = actions },
	{ ACTIVITY | FINDING, NULL, "disposition_id", "wormsign.effect", .how = WORD,
	  .words = dispositions },

	/* who */
	{ ANY, "process", "pid", "process.pid", .how = COPY },
	{ ANY, "process", "uid", "process.entity_id", .how = COPY },
	{ ANY, "process", "name", "process.name", .how = COPY },
	{ ANY, "process", "path", "process.executable", .how = COPY },
	{ ANY, "process", "cmd_line", "process.command_line", .how = COPY },
	{ ANY, "process", "working_directory", "process.working_directory", .how = COPY },
	{ ANY, "process", "created_time", "process.start", .how = TIME },
	{ ANY, "process", "tid", "process.thread.id", .how = COPY },
	{ ANY, "process", "user.uid", "user.id", .how = COPY },
	{ ANY, "process", "user.name", "user.name", .how = COPY },
	{ ANY, "parent", "pid", "process.parent.pid", .how = COPY },
	{ ANY, "parent", "uid", "process.parent.entity_id", .how = COPY },
	{ ANY, "parent", "name", "process.parent.name", .how = COPY },
	{ ANY, "parent", "path", "process.parent.executable", .how = COPY },
	{ PROCESS, NULL, "process.uid", "wormsign.session", .how = COPY },
	{ PROCESS, NULL, "exit_code", "process.exit_code", .how = COPY },
	{ ACTIVITY | FINDING, NULL, "actor.user.uid", "user.id", .how = COPY },
	{ ACTIVITY | FINDING, NULL, "actor.user.name", "user.name", .how = COPY },
	{ ACTIVITY | FINDING, NULL, "actor.session.uid", "wormsign.session", .how = COPY },
	{ ACTIVITY | FINDING, NULL, "actor.app_name", "package.name", .how = COPY },

	/* what */
	{ ANY, "file", "path", "file.path", .how = COPY },
	{ ANY, "file", "name", "file.name", .how = COPY },
	{ ANY, "file", "name", "file.path", .how = LAST },
	{ ANY, "file", "type_id", "file.path", .how = IS, .number = 0 },
	{ FILES, NULL, "file_result.path", "file.target_path", .how = COPY },
	{ FILES, NULL, "file_result.name", "file.target_path", .how = LAST },
	{ FILES, NULL, "file_result.type_id", "file.target_path", .how = IS, .number = 0 },
	{ ANY, "endpoint", "ip", "destination.ip", .how = COPY },
	{ ANY, "endpoint", "name", "destination.address", .how = COPY },
	{ ANY, "endpoint", "port", "destination.port", .how = COPY },
	{ ANY, "connection", "protocol_name", "network.transport", .how = COPY },
	{ ANY, "connection", "protocol_num", "network.iana_number", .how = NUMBER },
	{ ANY, "connection", "protocol_ver_id", "network.type", .how = WORD, .words = versions },
	{ ANY, "connection", "direction_id", "network.direction", .how = IS, .number = 2 },
	{ NETWORK | DNS, NULL, "traffic.bytes_out", "network.bytes", .how = COPY },

	/* why */
	{ FINDING, NULL, "finding_info.uid", "event.id", .how = COPY },
	{ FINDING, NULL, "finding_info.title", "rule.name", .how = COPY },
	{ FINDING, NULL, "finding_info.desc", "rule.description", .how = COPY },
	{ FINDING, NULL, "finding_info.src_url", "rule.reference", .how = COPY },
	{ FINDING, NULL, "finding_info.created_time", "@timestamp", .how = TIME },
	{ FINDING, NULL, "finding_info.types[]", "rule.ruleset", .how = COPY },
	{ FINDING, NULL, "finding_info.analytic.uid", "rule.id", .how = COPY },
	{ FINDING, NULL, "finding_info.analytic.name", "rule.name", .how = COPY },
	{ FINDING, NULL, "finding_info.analytic.category", "rule.ruleset", .how = COPY },
	{ FINDING, NULL, "finding_info.analytic.type_id", "rule.id", .how = IS, .number = 1 },
	{ FINDING, NULL, "finding_info.attacks[].technique.uid", "threat.technique.id",
	  .how = COPY },
	{ FINDING, NULL, "finding_info.attacks[-].technique.name", "threat.technique.name",
	  .how = COPY },
	{ FINDING, NULL, "finding_info.attacks[-].sub_technique.uid",
	  "threat.technique.subtechnique.id", .how = COPY },
	{ FINDING, NULL, "finding_info.attacks[-].sub_technique.name",
	  "threat.technique.subtechnique.name", .how = COPY },
	{ FINDING, NULL, "finding_info.attacks[].tactic.uid", "threat.tactic.id", .how = COPY },
	{ FINDING, NULL, "finding_info.attacks[-].tactic.name", "threat.tactic.name", .how = COPY },
	{ FINDING, NULL, "remediation.desc", "wormsign.remedy", .how = COPY },
	{ FINDING, NULL, "resources[0].name", "package.name", .how = COPY },
	{ FINDING, NULL, "resources[0].version", "package.version", .how = COPY },
	{ FINDING, NULL, "resources[0].uid", "wormsign.purl", .how = COPY },
	{ FINDING, NULL, "resources[0].type", "package.name", .how = SAYS, .text = "package" },
	{ ANY, NULL, "unmapped.wormsign", "wormsign", .how = COPY },
	{ ANY, NULL, "unmapped.package", "package", .how = COPY },
};

/* ---- by the table ---- */

static bool is_text(const json_t *event, const char *path, const char *want)
{
	return !want || strcmp(json_string_value(json_path_get(event, path)) ?: "", want) == 0;
}

static const struct kind *kind_of(const json_t *event)
{
	json_int_t port = json_integer_value(json_path_get(event, "destination.port"));
	const struct kind *k = kinds;

	while (!(is_text(event, "event.action", k->action) &&
		 is_text(event, "event.kind", k->kind) &&
		 is_text(event, "wormsign.operation", k->operation) &&
		 (!k->has || json_path_get(event, k->has)) && (!k->port || k->port == port)))
		k++; /* the last one fits everything */
	return k;
}

static json_t *last_name(const json_t *v)
{
	const char *text = json_string_value(v), *slash = text ? strrchr(text, '/') : NULL;

	return text ? json_string(slash && slash[1] ? slash + 1 : text) : NULL;
}

static json_t *number_of(json_t *v)
{
	return json_is_string(v) ? json_integer(strtoll(json_string_value(v), NULL, 10))
				 : json_incref(v);
}

static json_t *value_of(const struct row *r, json_t *v)
{
	switch (r->how) {
	case COPY:
		return json_incref(v);
	case NUMBER:
		return number_of(v);
	case TIME:
		return json_integer(encoding_ms(v));
	case LAST:
		return last_name(v);
	case WORD:
		return json_integer(encoding_word(r->words, v));
	case IS:
		return json_integer(r->number);
	case SAYS:
		return json_string(r->text);
	}
	return NULL;
}

static void add_value(json_t *out, const char *to, const struct row *r, json_t *v)
{
	const char *last = strstr(to, "[-]");
	_buf_ struct buf list = BUF_INIT;
	size_t i, size = 0;
	json_t *item;

	if (r->how != COPY || !json_is_array(v) || !(last || strstr(to, "[]"))) {
		json_path_set(out, to, value_of(r, v));
		return;
	}
	if (last) {
		buf_add(&list, to, last - to);
		size = json_array_size(json_path_get(out, list.at));
		if (json_array_size(v) > size)
			return;
	}
	json_array_foreach(v, i, item) {
		_buf_ struct buf at = BUF_INIT;

		if (last)
			buf_addf(&at, "%s[%zu]%s", list.at, size - json_array_size(v) + i,
				 last + 3);
		json_path_set(out, last ? at.at : to, json_incref(item));
	}
}

static void add_row(json_t *out, const json_t *event, const struct row *r, enum class class)
{
	json_t *v = json_path_get(event, r->from);

	if (!v || !(r->classes & class))
		return;
	if (!r->part)
		add_value(out, r->to, r, v);
	for (size_t i = 0; r->part && i < ARRAY_SIZE(places); i++) {
		_buf_ struct buf to = BUF_INIT;

		if (!(places[i].classes & class) || strcmp(places[i].part, r->part) != 0)
			continue;
		buf_addf(&to, "%s.%s", places[i].at, r->to);
		add_value(out, to.at, r, v);
	}
}

static void add_class(json_t *out, const json_t *event, const struct kind *k)
{
	size_t i = 0;

	while (classes[i].class != k->class)
		i++;
	json_object_set_new(out, "class_uid", json_integer(classes[i].uid));
	json_object_set_new(out, "class_name", json_string(classes[i].name));
	json_object_set_new(out, "category_uid", json_integer(classes[i].uid / 1000));
	json_object_set_new(out, "activity_id", json_integer(k->activity));
	json_object_set_new(out, "type_uid", json_integer(classes[i].uid * 100 + k->activity));
	if (k->activity == OTHER)
		json_object_set_new(out, "activity_name",
				    json_incref(json_path_get(event, "event.action"))
					    ?: json_string("other"));
}

void encode_ocsf(struct buf *out, const json_t *event)
{
	_json_ json_t *to = json_object();
	const struct kind *k = kind_of(event);
	_free_ char *text = NULL;

	add_class(to, event, k);
	json_object_set_new(
		to, "severity_id",
		json_integer(encoding_word(severities, json_path_get(event, "event.severity"))));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_row(to, event, &rows[i], k->class);
	if (k->class == FINDING)
		json_object_set_new(to, "is_alert", json_true());
	text = to ? json_dumps(to, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	if (text)
		buf_adds(out, text);
	else
		out->failed = true;
}
