// SPDX-License-Identifier: GPL-2.0-only
/* delivery_config.c - see delivery_config.h. */
#include "delivery/delivery_config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/crc32c.h"
#include "delivery/sink_table.h"
#include "events/verdict_rule.h"
#include "policy/rule_dirs.h"
#include "policy/ruleset.h"

#define MOST_FILE     (1 << 20)
#define DESCRIPTOR_MS 10000 /* until the end of what comes by one */

static const char *const acknowledge_names[] = { "off", "best-effort", "required", NULL };

const char *const sink_event_kinds[] = {
	"session-start", "scope",	"exec", "verdict",   "death",	  "net", "leftover",
	"residue",	 "session-end", "gap",	"heartbeat", "inventory", NULL
};

#define SETTING(f) offsetof(struct sink_settings, f)
static const struct json_form_key sink_keys[] = {
	{ "name", JSON_FORM_TEXT, .offset = SETTING(name), .required = true },
	{ "type", JSON_FORM_TEXT, .offset = SETTING(type), .required = true },
	{ "target", JSON_FORM_TEXT, .offset = SETTING(target), .required = true },
	{ "index", JSON_FORM_TEXT, .offset = SETTING(index) },
	{ "proxy", JSON_FORM_TEXT, .offset = SETTING(proxy) },
	{ "ca_file", JSON_FORM_PATH, .offset = SETTING(ca_file) },
	{ "cert_file", JSON_FORM_PATH, .offset = SETTING(cert_file) },
	{ "key_file", JSON_FORM_PATH, .offset = SETTING(key_file) },
	{ "authorization_file", JSON_FORM_PATH, .offset = SETTING(authorization_file) },
	{ "proxy_authorization_file", JSON_FORM_PATH, .offset = SETTING(proxy_authorization_file) },
	{ "hmac_file", JSON_FORM_PATH, .offset = SETTING(hmac_file) },
	{ "server_name", JSON_FORM_TEXT, .offset = SETTING(server_name) },
	{ "encoding", JSON_FORM_CHOICE, .offset = SETTING(encoding), .choices = encoding_names },
	{ "acknowledge", JSON_FORM_CHOICE, .offset = SETTING(acknowledge),
	  .choices = acknowledge_names },
	{ "gzip", JSON_FORM_BOOL, .offset = SETTING(gzip) },
	{ "alerts_only", JSON_FORM_BOOL, .offset = SETTING(alerts_only) },
	{ "kinds", JSON_FORM_CHOICES, .offset = SETTING(kinds), .choices = sink_event_kinds },
	{ "rules", JSON_FORM_TEXTS, .offset = SETTING(rules) },
	{ "min_severity", JSON_FORM_COUNT, .offset = SETTING(min_severity), .most = 100 },
	{ "batch_events", JSON_FORM_COUNT, .offset = SETTING(batch_events), .least = 1,
	  .most = 10000 },
	{ "batch_bytes", JSON_FORM_BYTES, .offset = SETTING(batch_bytes), .least = 1024,
	  .most = 64 << 20 },
	{ "timeout", JSON_FORM_MS, .offset = SETTING(timeout_ms), .least = 100, .most = 600000 },
	{ "rotate_bytes", JSON_FORM_BYTES, .offset = SETTING(rotate_bytes), .least = 4096 },
	{ "rotate_age", JSON_FORM_MS, .offset = SETTING(rotate_age_ms), .least = 1000 },
	{ "rotate_files", JSON_FORM_COUNT, .offset = SETTING(rotate_files), .least = 1,
	  .most = 1000 },
};

static const char *const unsaved_names[] = { "default", "stop", "count", NULL };

#define CONFIG(f) offsetof(struct delivery_config, f)
static const struct json_form_key config_keys[] = {
	{ "spool", JSON_FORM_PATH, .offset = CONFIG(spool) },
	{ "user", JSON_FORM_TEXT, .offset = CONFIG(user) },
	{ "segment_bytes", JSON_FORM_BYTES, .offset = CONFIG(limits.segment_bytes), .least = 65536,
	  .most = 1 << 30 },
	{ "event_bytes", JSON_FORM_BYTES, .offset = CONFIG(limits.event_bytes), .least = 65536 },
	{ "event_age", JSON_FORM_MS, .offset = CONFIG(event_age_ms), .least = 1000 },
	{ "heartbeat", JSON_FORM_MS, .offset = CONFIG(heartbeat_ms) },
	{ "inventory", JSON_FORM_BOOL, .offset = CONFIG(inventory) },
	{ "rules", JSON_FORM_TEXTS, .offset = CONFIG(rules) },
	{ "unsaved", JSON_FORM_CHOICE, .offset = CONFIG(unsaved), .choices = unsaved_names },
	{ "unsaved_after", JSON_FORM_MS, .offset = CONFIG(unsaved_after_ms), .least = 1000 },
	{ "sinks", JSON_FORM_LIST, .offset = CONFIG(sinks), .required = true, .of = sink_keys,
	  .of_count = ARRAY_SIZE(sink_keys), .of_size = sizeof(struct sink_settings) },
};

void delivery_config_init(struct delivery_config *c)
{
	*c = (struct delivery_config){ .limits = SPOOL_LIMITS,
				       .event_age_ms = UINT64_C(7) * 86400 * 1000,
				       .heartbeat_ms = 300000,
				       .inventory = true };
}

static void blob_free(struct sink_blob *b)
{
	if (b->at)
		explicit_bzero(b->at, b->len);
	free(b->at);
	*b = (struct sink_blob){ 0 };
}

static void blobs_free(struct sink_settings *s)
{
	blob_free(&s->ca);
	blob_free(&s->cert);
	blob_free(&s->key);
	blob_free(&s->authorization);
	blob_free(&s->proxy_authorization);
	blob_free(&s->hmac);
}

void delivery_config_free(struct delivery_config *c)
{
	for (size_t i = 0; i < c->sinks.count; i++)
		blobs_free(delivery_config_sink(c, i));
	json_form_free(config_keys, ARRAY_SIZE(config_keys), c);
}

/* ---- files ---- */

/* who: whose the file must be, beside this process's user; private: readable for nobody else. */
static int read_file(const char *path, bool private, bool owned, struct sink_blob *ret,
		     struct error *e)
{
	_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ssize_t n;
	char *at;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(e, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > MOST_FILE)
		return error_set(e, -EINVAL, "is not a regular file of at most 1 MiB");
	if (owned && st.st_uid != 0 && st.st_uid != geteuid())
		return error_set(e, -EPERM, "belongs to user %u and must belong to root",
				 (unsigned)st.st_uid);
	if (owned && (st.st_mode & 022))
		return error_set(e, -EPERM, "others may write it: chmod go-w");
	if (private && (st.st_mode & 077))
		return error_set(e, -EPERM, "others may read it: chmod 600");
	at = malloc(st.st_size + 1);
	n = at ? read(fd, at, st.st_size) : -1;
	if (n < 0) {
		free(at);
		return error_set(e, -EIO, "cannot be read");
	}
	at[n] = 0;
	ret->at = at;
	ret->len = n;
	return 0;
}

/* The number of "/dev/fd/7"; -1: it is another path. */
static int descriptor_of(const char *path)
{
	static const char before[] = "/dev/fd/";
	const char *digits = path + strlen(before);

	if (strncmp(path, before, strlen(before)) != 0 || !digits[0] || strlen(digits) > 6 ||
	    digits[strspn(digits, "0123456789")])
		return -1;
	return atoi(digits);
}

/*
 * What somebody wrote into a pipe that we were given. Only a pipe: it is empty afterwards, and the
 * watched command, which inherits what we were given, finds nothing in it.
 */
static int read_descriptor(int fd, struct sink_blob *ret, struct error *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t until = clock_ms() + DESCRIPTOR_MS, left;
	struct stat st;
	ssize_t n = 1;

	if (fstat(fd, &st) < 0)
		return error_set(e, -errno, "is not open: start wormsign with %d< <(command)", fd);
	if (fd <= STDERR_FILENO || !S_ISFIFO(st.st_mode))
		return error_set(e, -EINVAL,
				 "is no pipe: another descriptor the command could read again");
	ret->at = malloc(MOST_FILE + 1);
	while (ret->at && n > 0) {
		left = until - clock_ms();
		if (ret->len == MOST_FILE)
			return error_set(e, -EFBIG, "holds more than 1 MiB");
		if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
			return error_set(e, -ETIME, "was not written to the end in %d s",
					 DESCRIPTOR_MS / 1000);
		n = read(fd, ret->at + ret->len, MOST_FILE - ret->len);
		ret->len += n > 0 ? n : 0;
	}
	close(fd);
	if (n < 0 || !ret->at)
		return error_set(e, -EIO, "cannot be read");
	ret->at[ret->len] = 0;
	return ret->len ? 0 : error_set(e, -ENODATA, "is empty");
}

static void load_file(struct json_form_errors *errors, const char *pointer, const char *key,
		      const char *path, bool secret, struct sink_blob *ret)
{
	_buf_ struct buf at = BUF_INIT;
	struct error e = { 0 };

	if (!path)
		return;
	buf_addf(&at, "%s/%s", pointer, key);
	if ((descriptor_of(path) >= 0 ? read_descriptor(descriptor_of(path), ret, &e)
				      : read_file(path, secret, secret, ret, &e)) < 0)
		json_form_wrong(errors, at.at, "%s: %s", path, e.text);
}

/* A credential in one line: the line feed that an editor adds is none of it. */
static void trim(struct sink_blob *b)
{
	while (b->at && b->len && strchr("\r\n", b->at[b->len - 1]))
		b->at[--b->len] = 0;
}

static void take_line(struct json_form_errors *errors, const char *pointer, const char *key,
		      struct sink_blob *b)
{
	trim(b);
	if (b->at && (strpbrk(b->at, "\r\n") || strlen(b->at) != b->len))
		json_form_wrong(errors, pointer,
				"the file of %s must hold one line, the value of the HTTP header: "
				"Bearer ..., ApiKey ..., Splunk ..., Basic ...",
				key);
}

void delivery_config_load(struct delivery_config *c, struct json_form_errors *errors)
{
	for (size_t i = 0; i < c->sinks.count; i++) {
		struct sink_settings *s = delivery_config_sink(c, i);
		_buf_ struct buf at = BUF_INIT;

		buf_addf(&at, "/sinks/%zu", i);
		load_file(errors, at.at, "ca_file", s->ca_file, false, &s->ca);
		load_file(errors, at.at, "cert_file", s->cert_file, false, &s->cert);
		load_file(errors, at.at, "key_file", s->key_file, true, &s->key);
		load_file(errors, at.at, "authorization_file", s->authorization_file, true,
			  &s->authorization);
		load_file(errors, at.at, "proxy_authorization_file", s->proxy_authorization_file,
			  true, &s->proxy_authorization);
		load_file(errors, at.at, "hmac_file", s->hmac_file, true, &s->hmac);
		trim(&s->hmac);
		take_line(errors, at.at, "authorization_file", &s->authorization);
		take_line(errors, at.at, "proxy_authorization_file", &s->proxy_authorization);
	}
}

/* ---- sinks ---- */

static void set_defaults(struct sink_settings *s, const struct sink_kind *kind)
{
	s->batch_events = s->batch_events ?: 500;
	s->batch_bytes = s->batch_bytes ?: 1 << 20;
	s->timeout_ms = s->timeout_ms ?: 30000;
	if (!(kind->uses & USES_ROTATION))
		return;
	s->rotate_bytes = s->rotate_bytes ?: 64 << 20;
	s->rotate_files = s->rotate_files ?: 8;
}

/* Settings by which somebody expects something that this kind of sink does not do. */
static void check_uses(const struct sink_settings *s, const struct sink_kind *kind,
		       const char *pointer, struct json_form_errors *errors)
{
	const struct {
		const char *key;
		enum sink_use use;
		bool given;
	} settings[] = {
		{ "index", USES_INDEX, s->index },
		{ "proxy", USES_PROXY, s->proxy },
		{ "proxy_authorization_file", USES_PROXY, s->proxy_authorization_file },
		{ "ca_file", USES_TLS, s->ca_file },
		{ "cert_file", USES_TLS, s->cert_file },
		{ "key_file", USES_TLS, s->key_file },
		{ "server_name", USES_SERVER_NAME, s->server_name },
		{ "authorization_file", USES_AUTHORIZATION, s->authorization_file },
		{ "hmac_file", USES_HMAC, s->hmac_file },
		{ "acknowledge", USES_ACKNOWLEDGE, s->acknowledge },
		{ "gzip", USES_GZIP, s->gzip },
		{ "rotate_bytes", USES_ROTATION, s->rotate_bytes },
		{ "rotate_age", USES_ROTATION, s->rotate_age_ms },
		{ "rotate_files", USES_ROTATION, s->rotate_files },
	};
	bool tls = strstr(s->target, "s://") || (s->proxy && strstr(s->proxy, "s://"));

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!settings[i].given)
			continue;
		if (!(kind->uses & settings[i].use))
			json_form_wrong(errors, pointer, "%s has no effect on a sink of type %s",
					settings[i].key, s->type);
		else if (settings[i].use & (USES_TLS | USES_SERVER_NAME) && !tls)
			json_form_wrong(errors, pointer,
					"%s has no effect: what is sent to %s is not encrypted",
					settings[i].key, s->target);
	}
}

static void check_sink(struct delivery_config *c, size_t i, const char *pointer,
		       struct json_form_errors *errors)
{
	struct sink_settings *s = delivery_config_sink(c, i);
	const struct sink_kind *kind = s->type ? sink_kind_find(s->type) : NULL;
	struct error e = { 0 };

	if (s->name && !spool_name_ok(s->name))
		json_form_wrong(
			errors, pointer,
			"the name of a sink may hold only letters, digits, '.', '_' and '-'");
	for (size_t n = 0; s->name && n < i; n++)
		if (delivery_config_sink(c, n)->name &&
		    strcmp(delivery_config_sink(c, n)->name, s->name) == 0)
			json_form_wrong(errors, pointer, "/sinks/%zu has the name %s, too", n,
					s->name);
	if (!s->type || !s->target)
		return;
	if (!kind) {
		json_form_wrong(errors, pointer, "there is no sink of type \"%s\"; there are: %s",
				s->type, sink_kind_names());
		return;
	}
	check_uses(s, kind, pointer, errors);
	set_defaults(s, kind);
	if (!s->cert_file != !s->key_file)
		json_form_wrong(errors, pointer, "cert_file and key_file go together");
	if (!(kind->encodings & ENCODING_BIT(s->encoding)))
		json_form_wrong(errors, pointer, "a sink of type %s does not send %s", s->type,
				encoding_names[s->encoding]);
	if (kind->check(s, &e) < 0)
		json_form_wrong(errors, pointer, "%s", e.text);
}

/* The ids of all rules, NULL-ended; they belong to set. */
static const char **rule_ids(const struct ruleset *set)
{
	size_t n = 0, engine = 0;
	const char **ids;

	while (verdict_rule_engine_id(engine))
		engine++;
	ids = calloc(set->count + set->off.count + engine + 1, sizeof(*ids));
	for (size_t i = 0; ids && i < set->count; i++)
		ids[n++] = set->rules[i].id;
	for (size_t i = 0; ids && i < set->off.count; i++)
		ids[n++] = set->off.at[i];
	for (size_t i = 0; ids && i < engine; i++)
		ids[n++] = verdict_rule_engine_id(i);
	return ids;
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/* The rules that a sink names must exist: a mistyped one would keep events back without a word. */
static void check_rules(const struct delivery_config *c, struct json_form_errors *errors)
{
	CLEANUP(rule_dirs_done) struct rule_dirs dirs = { 0 };
	CLEANUP(ruleset_freep) struct ruleset *set = NULL;
	_free_ const char **extra = calloc(c->rules.count + 1, sizeof(*extra)), **ids = NULL;
	struct error e = { 0 };
	bool named = false;

	for (size_t i = 0; i < c->sinks.count; i++)
		named |= delivery_config_sink(c, i)->rules.count;
	if (!named || !extra)
		return;
	for (size_t i = 0; i < c->rules.count; i++)
		extra[i] = ((char **)c->rules.at)[i];
	if (rule_dirs_find(&dirs, extra, &e) < 0 ||
	    ruleset_load(&set, (const char *const *)dirs.list.at, dirs.list.count, &e) < 0 ||
	    !(ids = rule_ids(set))) {
		json_form_wrong(errors, "/rules", "the rules cannot be read: %s", e.text);
		return;
	}
	for (size_t i = 0; i < c->sinks.count; i++) {
		const struct json_form_list *rules = &delivery_config_sink(c, i)->rules;

		for (size_t k = 0; k < rules->count; k++) {
			const char *id = ((char **)rules->at)[k];
			_buf_ struct buf at = BUF_INIT;

			buf_addf(&at, "/sinks/%zu/rules/%zu", i, k);
			if (!is_one_of(id, ids))
				json_form_unknown(errors, at.at, "rule", id, ids);
		}
	}
}

static void check_sinks(struct delivery_config *c, struct json_form_errors *errors)
{
	for (size_t i = 0; i < c->sinks.count; i++) {
		_buf_ struct buf at = BUF_INIT;

		buf_addf(&at, "/sinks/%zu", i);
		check_sink(c, i, at.at, errors);
	}
	check_rules(c, errors);
	if (c->unsaved_after_ms && c->unsaved == UNSAVED_COUNT)
		json_form_wrong(errors, "/unsaved_after",
				"has no effect: \"unsaved\" is \"count\"");
	c->limits.event_age = (int64_t)(c->event_age_ms / 1000);
}

void delivery_config_read(struct delivery_config *ret, const char *file, bool owner_only,
			  struct json_form_errors *errors)
{
	struct sink_blob text = { 0 };
	_json_ json_t *v = NULL;
	struct error e = { 0 };
	json_error_t where;

	delivery_config_init(ret);
	if (read_file(file, false, owner_only, &text, &e) < 0) {
		json_form_wrong(errors, "", "%s", e.text);
		return;
	}
	v = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &where);
	if (!v)
		json_form_wrong(errors, "", "line %d, column %d: %s", where.line, where.column,
				where.text);
	else
		json_form_read(errors, "", v, config_keys, ARRAY_SIZE(config_keys), ret);
	blob_free(&text);
	if (v)
		check_sinks(ret, errors);
}

/* ---- the command line ---- */

static bool add_sink(struct json_form_list *list, struct sink_settings s)
{
	struct sink_settings *more = reallocarray(list->at, list->count + 1, sizeof(*more));

	if (!more)
		return false;
	list->at = more;
	more[list->count++] = s;
	return true;
}

/* Take the sink of that name out of the configuration. */
static bool take_named(struct delivery_config *c, const char *name, struct json_form_list *into)
{
	for (size_t i = 0; i < c->sinks.count; i++) {
		struct sink_settings *s = delivery_config_sink(c, i);

		if (s->name && strcmp(s->name, name) == 0 && add_sink(into, *s)) {
			*s = (struct sink_settings){ 0 };
			return true;
		}
	}
	return false;
}

/* The same target has the same name, and so the same cursor, in every run. */
static bool add_given(const char *text, const char *equals, struct json_form_list *into)
{
	struct sink_settings s = { .target = strdup(equals + 1),
				   .type = strndup(text, equals - text) };

	if (asprintf(&s.name, "%s-%08" PRIx32, s.type ?: "", crc32c(text, strlen(text))) >= 0 &&
	    s.type && s.target && add_sink(into, s))
		return true;
	free(s.type);
	free(s.target);
	return false;
}

void delivery_config_choose(struct delivery_config *c, char *const *sinks, size_t count,
			    struct json_form_errors *errors)
{
	struct json_form_list chosen = { 0 };

	for (size_t i = 0; i < count; i++) {
		const char *equals = strchr(sinks[i], '=');

		if (equals ? !add_given(sinks[i], equals, &chosen)
			   : !take_named(c, sinks[i], &chosen))
			json_form_wrong(errors, "/sinks",
					"--sink=%s: no sink has this name (or write TYPE=TARGET)",
					sinks[i]);
	}
	/* json_form_free() frees the others, and the new list later */
	for (size_t i = 0; i < c->sinks.count; i++)
		blobs_free(delivery_config_sink(c, i));
	for (size_t i = 0; i < c->sinks.count; i++)
		json_form_free(sink_keys, ARRAY_SIZE(sink_keys), delivery_config_sink(c, i));
	free(c->sinks.at);
	c->sinks = chosen;
	check_sinks(c, errors);
}
