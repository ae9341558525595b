// SPDX-License-Identifier: GPL-2.0-only
/* config.c - read the configuration by a table of its members. */
#include "agent/config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/job_watch.h"
#include "agent/metrics_serve.h"
#include "agent/protocol.h"
#include "base/json_read.h"
#include "base/trusted.h"
#include "base/cleanup.h"
#include "events/ci_jobs.h"

#define SESSIONS_MAX 1024 /* the kernel side has room for 4096 */

enum type { OBJECT, BOOL, PATH, TEXT, ADDRESS, PATHS, NAMES, PROVIDERS, BACKEND, COUNT };

static const struct member {
	const char *parent; /* "": the top */
	const char *name;
	enum type type;
	size_t offset; /* in struct config */
} members[] = {
	{ "", "socket", PATH, offsetof(struct config, socket) },
	{ "", "group", TEXT, offsetof(struct config, group) },
	{ "", "delivery", PATH, offsetof(struct config, delivery) },
	{ "", "metrics", ADDRESS, offsetof(struct config, metrics) },
	{ "", "rules", PATHS, offsetof(struct config, rules) },
	{ "", "keep_env", NAMES, offsetof(struct config, keep_env) },
	{ "", "backend", BACKEND, offsetof(struct config, backend) },
	{ "", "allow", OBJECT, 0 },
	{ "allow", "audit", BOOL, offsetof(struct config, allow_audit) },
	{ "allow", "places", BOOL, offsetof(struct config, allow_places) },
	{ "", "jobs", OBJECT, 0 },
	{ "jobs", "watch", PROVIDERS, offsetof(struct config, jobs) },
	{ "jobs", "runners", PATHS, offsetof(struct config, runners) },
	{ "jobs", "audit", BOOL, offsetof(struct config, job_audit) },
	{ "jobs", "logs", PATH, offsetof(struct config, job_logs) },
	{ "jobs", "readable", BOOL, offsetof(struct config, job_readable) },
	{ "jobs", "clean", BOOL, offsetof(struct config, job_clean) },
	{ "", "limits", OBJECT, 0 },
	{ "limits", "sessions", COUNT, offsetof(struct config, sessions) },
	{ "limits", "sessions_per_user", COUNT, offsetof(struct config, sessions_per_user) },
};

#define AT(config, m, type) ((type *)((char *)(config) + (m)->offset))

struct reading {
	struct config *config;
	const char *file;
	struct buf *errors;
	size_t count; /* of errors */
};

static void wrong(struct reading *r, const char *parent, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void wrong(struct reading *r, const char *parent, const char *name, const char *format, ...)
{
	va_list ap;

	buf_addf(r->errors, "%s: %s%s%s%s: ", r->file, parent[0] ? "/" : "", parent,
		 name[0] ? "/" : "", name);
	va_start(ap, format);
	buf_addv(r->errors, format, ap);
	va_end(ap);
	buf_addc(r->errors, '\n');
	r->count++;
}

/* ---- values ---- */

static bool is_path(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && text[0] == '/' && strlen(text) == json_string_length(value);
}

static int set_text(char **at, const json_t *value)
{
	free(*at);
	*at = strdup(json_string_value(value));
	return *at ? 0 : -ENOMEM;
}

static void read_paths(struct reading *r, const struct member *m, const json_t *value)
{
	const json_t *path;
	size_t i;

	if (!json_is_array(value)) {
		wrong(r, m->parent, m->name, "must be a list of absolute paths");
		return;
	}
	json_array_foreach(value, i, path)
		if (!is_path(path) ||
		    strings_add(AT(r->config, m, struct strings), json_string_value(path)) < 0)
			wrong(r, m->parent, m->name, "item %zu must be an absolute path", i);
}

static void read_names(struct reading *r, const struct member *m, const json_t *value)
{
	const json_t *name;
	size_t i;

	if (!json_is_array(value)) {
		wrong(r, m->parent, m->name, "must be a list of names of variables");
		return;
	}
	json_array_foreach(value, i, name)
		if (!json_string_length(name) || strchr(json_string_value(name), '=') ||
		    strings_add(AT(r->config, m, struct strings), json_string_value(name)) < 0)
			wrong(r, m->parent, m->name, "item %zu must be a name of a variable", i);
}

static bool is_provider(const char *name)
{
	for (size_t i = 0; name && i < ci_start_count; i++)
		if (strcmp(ci_starts[i].provider, name) == 0)
			return true;
	return false;
}

static void read_providers(struct reading *r, const struct member *m, const json_t *value)
{
	_buf_ struct buf known = BUF_INIT;
	const json_t *name;
	size_t i;

	if (!json_is_array(value)) {
		wrong(r, m->parent, m->name, "must be a list of CI systems");
		return;
	}
	for (i = 0; i < ci_start_count; i++)
		buf_addf(&known, "%s%s", i ? ", " : "", ci_starts[i].provider);
	json_array_foreach(value, i, name)
		if (!is_provider(json_string_value(name)) ||
		    strings_add(AT(r->config, m, struct strings), json_string_value(name)) < 0)
			wrong(r, m->parent, m->name, "item %zu must be one of %s", i, known.at);
}

static void read_backend(struct reading *r, const struct member *m, const json_t *value)
{
	const char *text = json_string_value(value) ?: "";

	if (strcmp(text, "deny") == 0)
		r->config->backend = WS_BACKEND_DENY;
	else if (strcmp(text, "watch") == 0)
		r->config->backend = WS_BACKEND_WATCH;
	else
		wrong(r, m->parent, m->name, "must be \"deny\" or \"watch\"");
}

static void read_value(struct reading *r, const struct member *m, const json_t *value)
{
	bool good = true;

	switch (m->type) {
	case OBJECT:
		break; /* read by its members */
	case BOOL:
		good = json_is_boolean(value);
		if (good)
			*AT(r->config, m, bool) = json_is_true(value);
		else
			wrong(r, m->parent, m->name, "must be true or false");
		break;
	case PATH:
		good = is_path(value) && set_text(AT(r->config, m, char *), value) == 0;
		if (!good)
			wrong(r, m->parent, m->name, "must be an absolute path");
		break;
	case TEXT:
		good = json_string_length(value) && set_text(AT(r->config, m, char *), value) == 0;
		if (!good)
			wrong(r, m->parent, m->name, "must be a string, and not empty");
		break;
	case ADDRESS:
		good = json_string_length(value) &&
		       metrics_address_good(json_string_value(value)) &&
		       set_text(AT(r->config, m, char *), value) == 0;
		if (!good)
			wrong(r, m->parent, m->name,
			      "must be an absolute path, \"127.0.0.1:PORT\" or \"[::1]:PORT\"");
		break;
	case PATHS:
		read_paths(r, m, value);
		break;
	case NAMES:
		read_names(r, m, value);
		break;
	case PROVIDERS:
		read_providers(r, m, value);
		break;
	case BACKEND:
		read_backend(r, m, value);
		break;
	case COUNT:
		good = json_is_integer(value) && json_integer_value(value) >= 1 &&
		       json_integer_value(value) <= SESSIONS_MAX;
		if (good)
			*AT(r->config, m, unsigned) = (unsigned)json_integer_value(value);
		else
			wrong(r, m->parent, m->name, "must be a number from 1 to %d", SESSIONS_MAX);
		break;
	}
}

/* ---- names ---- */

/* How many letters to insert, remove or replace (Levenshtein); names here are short. */
static size_t distance(const char *a, const char *b)
{
	size_t row[33], n = strlen(b);

	if (n > 32)
		return 99;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; *a; a++, i++) {
		size_t before = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t here = row[j], least = before + (*a != b[j - 1]);

			if (here + 1 < least)
				least = here + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			row[j] = least;
			before = here;
		}
	}
	return row[n];
}

static void unknown(struct reading *r, const char *parent, const char *name)
{
	const struct member *nearest = NULL;
	size_t least = 3; /* further away it is another word */

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		size_t d = distance(name, members[i].name);

		if (strcmp(members[i].parent, parent) == 0 && d < least) {
			least = d;
			nearest = &members[i];
		}
	}
	if (nearest)
		wrong(r, parent, name, "there is no such member; do you mean \"%s\"?",
		      nearest->name);
	else
		wrong(r, parent, name, "there is no such member");
}

static void read_object(struct reading *r, const char *parent, json_t *object)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object)) {
		wrong(r, parent, "", "must be an object");
		return;
	}
	json_object_foreach(object, name, value) {
		const struct member *m = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(members); i++)
			if (strcmp(members[i].parent, parent) == 0 &&
			    strcmp(members[i].name, name) == 0)
				m = &members[i];
		if (!m)
			unknown(r, parent, name);
		else if (m->type == OBJECT)
			read_object(r, name, value);
		else
			read_value(r, m, value);
	}
}

/* ---- the whole ---- */

int config_default(struct config *ret)
{
	*ret = (struct config){
		.socket = strdup(AGENT_SOCKET),
		.job_logs = strdup(JOB_LOG_DIR),
		.allow_places = true,
		.job_readable = true,
		.sessions = 256,
		.sessions_per_user = 64,
	};
	return ret->socket && ret->job_logs ? 0 : -ENOMEM;
}

int config_read(struct config *ret, const char *file, struct buf *errors)
{
	_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	CLEANUP(config_free) struct config c = { 0 };
	struct reading r = { .config = &c, .file = file, .errors = errors };
	_json_ json_t *root = NULL;
	json_error_t why;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (config_default(&c) < 0)
		return -ENOMEM;
	if (fd < 0) {
		wrong(&r, "", "", "cannot be read: %s", strerror(errno));
		return -EINVAL;
	}
	root = json_read(fd, &why);
	if (!root)
		buf_addf(errors, "%s:%d: %s\n", file, why.line, why.text);
	else
		read_object(&r, "", root);
	if (!root || r.count)
		return -EINVAL;
	*ret = c;
	c = (struct config){ 0 };
	return 0;
}

int config_load(struct config *ret, const char *file, bool trusted, struct buf *errors,
		struct error *e)
{
	const char *path = file ?: CONFIG_FILE;
	int err = trusted ? trusted_path(path, e) : 0;

	if (err == 0)
		err = config_read(ret, path, errors);
	if (err != -ENOENT || errors->len)
		return err;
	if (!file) {
		*e = (struct error){ 0 };
		return config_default(ret);
	}
	return error_set(e, err, "%s: %s", path, strerror(ENOENT));
}

void config_free(struct config *c)
{
	free(c->socket);
	free(c->group);
	free(c->delivery);
	free(c->metrics);
	strings_done(&c->rules);
	strings_done(&c->keep_env);
	strings_done(&c->jobs);
	strings_done(&c->runners);
	free(c->job_logs);
	*c = (struct config){ 0 };
}

static json_t *list_of(const struct strings *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(list, json_string(s->at[i]));
	return list;
}

void config_show(struct buf *out, const struct config *c)
{
	static const char *const backends[] = { NULL, "deny", "watch" };
	_json_ json_t *root = NULL;
	_free_ char *text = NULL;

	/* what is not configured has no member: null is no value of one */
	root = json_pack("{s:s, s:s*, s:s*, s:s*, s:o, s:o, s:s*, s:{s:b, s:b}, s:{s:o, s:o, s:b, "
			 "s:s, s:b, s:b}, "
			 "s:{s:i, s:i}}",
			 "socket", c->socket, "group", c->group, "delivery", c->delivery, "metrics",
			 c->metrics, "rules", list_of(&c->rules), "keep_env", list_of(&c->keep_env),
			 "backend", backends[c->backend], "allow", "audit", c->allow_audit,
			 "places", c->allow_places, "jobs", "watch", list_of(&c->jobs), "runners",
			 list_of(&c->runners), "audit", c->job_audit, "logs", c->job_logs,
			 "readable", c->job_readable, "clean", c->job_clean, "limits", "sessions",
			 (int)c->sessions, "sessions_per_user", (int)c->sessions_per_user);
	text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
	if (text)
		buf_addf(out, "%s\n", text);
	else
		out->failed = true;
}
