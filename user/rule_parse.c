// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule_parse.c - see rule_parse.h. Every key is a row of a table: how it is read, and where it
 * goes. What keys demand of each other is checked afterwards, in rule_check.c.
 */
#include "rule_parse.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "address.h"
#include "cleanup.h"
#include "pattern.h"
#include "rule_check.h"
#include "trial.h"

/* ---- lists and text ---- */

void strings_done(struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->at[i]);
	free(s->at);
	*s = (struct strings){ 0 };
}

int strings_add(struct strings *s, const char *text)
{
	char **at = realloc(s->at, (s->count + 1) * sizeof(*at));

	if (!at)
		return -ENOMEM;
	s->at = at;
	s->at[s->count] = strdup(text);
	if (!s->at[s->count])
		return -ENOMEM;
	s->count++;
	return 0;
}

void rule_done(struct rule *r)
{
	struct strings *lists[] = {
		&r->path,    &r->exe,	      &r->argv,	      &r->package,
		&r->address, &r->unless_path, &r->unless_exe, &r->unless_package,
		&r->after,   &r->attack,      &r->references
	};
	char *texts[] = {
		r->id, r->family, r->file, r->title, r->why, r->remedy, r->label, r->tuned
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strings_done(lists[i]);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	free(r->ports);
	json_decref(r->tests);
	*r = (struct rule){ 0 };
}

/* ---- reading values ---- */

struct reader {
	const char *file;
	struct error *e;
	char pointer[256]; /* JSON pointer of what is being read */
};

static int wrong(struct reader *rd, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int wrong(struct reader *rd, const char *format, ...)
{
	char text[ERROR_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return error_set(rd->e, -EINVAL, "%s: %s: %s", rd->file, rd->pointer[0] ? rd->pointer : "/",
			 text);
}

/* Step down into a member or an item; the returned length undoes it. */
static size_t enter(struct reader *rd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static size_t enter(struct reader *rd, const char *format, ...)
{
	size_t len = strlen(rd->pointer);
	va_list ap;

	va_start(ap, format);
	vsnprintf(rd->pointer + len, sizeof(rd->pointer) - len, format, ap);
	va_end(ap);
	return len;
}

static void leave(struct reader *rd, size_t len)
{
	rd->pointer[len] = '\0';
}

struct key {
	const char *name;
	int (*read)(struct reader *rd, const struct key *k, json_t *v, void *base);
	size_t offset;
	union {
		int (*from_name)(const char *name);
		const char *(*to_name)(unsigned n);
		unsigned kind;
	};
	const char *(*names)(unsigned n); /* for the list of what would have been right */
	bool required;
};

#define FIELD(type, base, k) ((type *)((char *)(base) + (k)->offset))

static int need_text(struct reader *rd, json_t *v, bool lines, const char **ret)
{
	const char *text = json_string_value(v);

	if (!text)
		return wrong(rd, "must be a string");
	if (!text[0])
		return wrong(rd, "must not be empty");
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 && !(lines && *p == '\n'))
			return wrong(rd, "must not hold control characters");
	*ret = text;
	return 0;
}

static int read_text(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = NULL;
	int r = need_text(rd, v, k->kind, &text);

	if (r < 0)
		return r;
	*FIELD(char *, base, k) = strdup(text);
	return *FIELD(char *, base, k) ? 0 : -ENOMEM;
}

/* Ids and labels: what is safe in a file name, a log and a shell. */
static bool is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= 64 && !s[n] && s[0] != '-';
}

static int read_word(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);

	if (!text || !is_word(text))
		return wrong(rd, "must be 1 to 64 lower-case letters, digits and hyphens");
	*FIELD(char *, base, k) = strdup(text);
	return *FIELD(char *, base, k) ? 0 : -ENOMEM;
}

/* "a, b or c" of everything a name table holds */
static void list_names(char *buf, size_t size, const char *(*names)(unsigned n))
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < 64; i++)
		if (names(i) && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
						names(i));
}

static int need_name(struct reader *rd, const struct key *k, json_t *v, unsigned *ret)
{
	const char *text = json_string_value(v);
	int n = text ? k->from_name(text) : -ENOENT;
	char all[512];

	if (n < 0) {
		list_names(all, sizeof(all), k->names);
		return text ? wrong(rd, "there is no `%s` here; one of: %s", text, all)
			    : wrong(rd, "must be a string, one of: %s", all);
	}
	*ret = (unsigned)n;
	return 0;
}

/* For enums severity and action: both are as large as an unsigned. */
static int read_enum(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return need_name(rd, k, v, FIELD(unsigned, base, k));
}

static int read_bits(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	uint32_t *bits = FIELD(uint32_t, base, k);
	json_t *item;
	size_t i;

	if (!json_is_array(v) || json_array_size(v) == 0)
		return wrong(rd, "must be a list of at least one name");
	json_array_foreach(v, i, item) {
		size_t len = enter(rd, "/%zu", i);
		unsigned n;
		int r = need_name(rd, k, item, &n);

		if (r < 0)
			return r;
		if (*bits & 1u << n)
			return wrong(rd, "`%s` is there twice", json_string_value(item));
		*bits |= 1u << n;
		leave(rd, len);
	}
	return 0;
}

/* A list of strings, each seen by check() with the pointer on it. */
static int read_list(struct reader *rd, json_t *v, struct strings *into,
		     int (*check)(struct reader *rd, const char *text, unsigned kind),
		     unsigned kind)
{
	json_t *item;
	size_t i;

	if (!json_is_array(v) || json_array_size(v) == 0)
		return wrong(rd, "must be a list of at least one string");
	json_array_foreach(v, i, item) {
		size_t len = enter(rd, "/%zu", i);
		const char *text = json_string_value(item);
		int r;

		if (!text)
			return wrong(rd, "must be a string");
		r = check(rd, text, kind);
		if (r < 0)
			return r;
		leave(rd, len);
		r = strings_add(into, text);
		if (r < 0)
			return r;
	}
	return rule_check_twice(into, rd->file, rd->pointer, rd->e);
}

static int check_pattern(struct reader *rd, const char *text, unsigned kind)
{
	struct error why = { 0 };
	struct pattern p;
	int r = pattern_parse(&p, kind, text, &why);

	if (r == -EINVAL)
		return wrong(rd, "pattern `%s`: %s", text, why.text);
	if (r == 0)
		pattern_done(&p);
	return r;
}

static int check_address(struct reader *rd, const char *text, unsigned kind)
{
	struct error why = { 0 };
	struct address_range a;
	int r = address_parse(&a, text, &why);

	(void)kind;
	return r < 0 ? wrong(rd, "`%s`: %s", text, why.text) : 0;
}

static int check_condition(struct reader *rd, const char *text, unsigned kind)
{
	bool session;

	(void)kind;
	if (!is_word(label_of_condition(text, &session)))
		return wrong(rd, "must be a label, or `session:` and a label");
	return 0;
}

static int check_attack(struct reader *rd, const char *text, unsigned kind)
{
	size_t len = strlen(text);
	bool ok = (len == 5 || len == 9) && text[0] == 'T';

	(void)kind;
	for (size_t i = 1; i < len && ok; i++)
		ok = i == 5 ? text[i] == '.' : isdigit((unsigned char)text[i]);
	return ok ? 0 : wrong(rd, "`%s` is no ATT&CK technique: T1234 or T1234.001", text);
}

static int check_reference(struct reader *rd, const char *text, unsigned kind)
{
	(void)kind;
	return strncmp(text, "https://", 8) == 0 && !strpbrk(text, " \t\r\n")
		       ? 0
		       : wrong(rd, "must be an https:// address");
}

static int read_patterns(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_list(rd, v, FIELD(struct strings, base, k), check_pattern, k->kind);
}

static int read_addresses(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_list(rd, v, FIELD(struct strings, base, k), check_address, 0);
}

static int read_conditions(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	if (json_is_array(v) && json_array_size(v) == 0)
		return 0;
	return read_list(rd, v, FIELD(struct strings, base, k), check_condition, 0);
}

static int read_attack(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_list(rd, v, FIELD(struct strings, base, k), check_attack, 0);
}

static int read_references(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_list(rd, v, FIELD(struct strings, base, k), check_reference, 0);
}

static int read_ports(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct rule *rule = base;
	json_t *item;
	size_t i;

	(void)k;
	if (!json_is_array(v) || json_array_size(v) == 0)
		return wrong(rd, "must be a list of at least one port");
	rule->ports = calloc(json_array_size(v), sizeof(*rule->ports));
	if (!rule->ports)
		return -ENOMEM;
	json_array_foreach(v, i, item) {
		size_t len = enter(rd, "/%zu", i);
		json_int_t n = json_integer_value(item);

		if (!json_is_integer(item) || n < 1 || n > 65535)
			return wrong(rd, "must be a port, a number from 1 to 65535");
		for (size_t j = 0; j < rule->port_count; j++)
			if (rule->ports[j] == n)
				return wrong(rd, "%d is there twice", (int)n);
		rule->ports[rule->port_count++] = (uint16_t)n;
		leave(rd, len);
	}
	return 0;
}

/* "10s" to milliseconds */
static int read_duration(struct reader *rd, json_t *v, uint32_t *ret)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	const char *text = json_string_value(v);
	char *end = NULL;
	unsigned long n = 0;

	if (text && isdigit((unsigned char)text[0])) {
		errno = 0;
		n = strtoul(text, &end, 10);
	}
	for (size_t i = 0; end && i < ARRAY_SIZE(units); i++)
		if (strcmp(end, units[i].unit) == 0 && n > 0 && n <= UINT32_MAX / units[i].ms) {
			*ret = (uint32_t)(n * units[i].ms);
			return 0;
		}
	return wrong(rd, "must be a time such as \"500ms\", \"10s\", \"5m\" or \"1h\"");
}

static int read_count(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct rule *rule = base;
	const char *name;
	bool over = false;
	json_t *item;

	(void)k;
	if (!json_is_object(v))
		return wrong(rd, "must be an object");
	rule->count_of = WS_COUNT_TIMES;
	json_object_foreach(v, name, item) {
		size_t len = enter(rd, "/%s", name);
		const char *text = json_string_value(item);
		int r = 0;

		if (strcmp(name, "over") == 0) {
			json_int_t n = json_integer_value(item);

			if (!json_is_integer(item) || n < 0 || n > UINT32_MAX)
				r = wrong(rd, "must be a number from 0 to %u", UINT32_MAX);
			rule->over = (uint32_t)n;
			over = true;
		} else if (strcmp(name, "within") == 0) {
			r = read_duration(rd, item, &rule->within_ms);
		} else if (strcmp(name, "distinct") == 0 || strcmp(name, "of") == 0) {
			bool distinct = name[0] == 'd';

			if (!text || strcmp(text, distinct ? "path" : "bytes") != 0)
				r = wrong(rd, "must be \"%s\"", distinct ? "path" : "bytes");
			else if (rule->count_of != WS_COUNT_TIMES)
				r = wrong(rd, "either `distinct` or `of`");
			rule->count_of = distinct ? WS_COUNT_PATHS : WS_COUNT_BYTES;
		} else {
			r = wrong(rd, "unknown key; there are: over, within, distinct, of");
		}
		if (r < 0)
			return r;
		leave(rd, len);
	}
	return over ? 0 : wrong(rd, "needs `over`");
}

static int read_tests(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct rule *rule = base;
	json_t *list, *item;
	const char *name;
	size_t i;

	(void)k;
	if (!json_is_object(v))
		return wrong(rd, "must be an object");
	json_object_foreach(v, name, list) {
		size_t len = enter(rd, "/%s", name);

		if (strcmp(name, "fires") != 0 && strcmp(name, "quiet") != 0)
			return wrong(rd, "unknown key; there are: fires, quiet");
		if (!json_is_array(list) || json_array_size(list) == 0)
			return wrong(rd, "must be a list of at least one operation");
		json_array_foreach(list, i, item) {
			size_t inner = enter(rd, "/%zu", i);
			struct error why = { 0 };
			struct trial t;
			int r = trial_parse(&t, item, &why);

			if (r < 0)
				return r == -EINVAL ? wrong(rd, "%s", why.text) : r;
			leave(rd, inner);
		}
		leave(rd, len);
	}
	rule->tests = json_incref(v);
	return 0;
}

static int read_unless(struct reader *rd, const struct key *k, json_t *v, void *base);

#define AT(field)   offsetof(struct rule, field)
#define PLACE_NAMES .from_name = place_from_name, .names = place_name

static const struct key rule_keys[] = {
	{ "id", read_word, AT(id), .required = true },
	{ "title", read_text, AT(title), .required = true },
	{ "severity", read_enum, AT(severity), { severity_from_name }, severity_name, true },
	{ "on", read_bits, AT(ops), { op_from_name }, op_name, true },
	{ "actor", read_bits, AT(actors), { actor_from_name }, actor_name, true },
	{ "path", read_patterns, AT(path), .kind = WS_DFA_PATH },
	{ "place", read_bits, AT(places), { place_from_name }, place_name, false },
	{ "exe", read_patterns, AT(exe), .kind = WS_DFA_PATH },
	{ "argv", read_patterns, AT(argv), .kind = WS_DFA_ARGV },
	{ "package", read_patterns, AT(package), .kind = WS_DFA_NAME },
	{ "address", read_addresses, AT(address), .kind = 0 },
	{ "port", read_ports, AT(ports), .kind = 0 },
	{ "http", read_bits, AT(http), { http_from_name }, http_name, false },
	{ "unless", read_unless, 0, .kind = 0 },
	{ "after", read_conditions, AT(after), .kind = 0 },
	{ "count", read_count, 0, .kind = 0 },
	{ "label", read_word, AT(label), .kind = 0 },
	{ "action", read_enum, AT(action), { action_from_name }, action_name, true },
	{ "attack", read_attack, AT(attack), .kind = 0 },
	{ "references", read_references, AT(references), .kind = 0 },
	{ "why", read_text, AT(why), .kind = 1, .required = true },
	{ "remedy", read_text, AT(remedy), .kind = 1, .required = true },
	{ "tests", read_tests, 0, .kind = 0 },
};

static const struct key unless_keys[] = {
	{ "path", read_patterns, AT(unless_path), .kind = WS_DFA_PATH },
	{ "exe", read_patterns, AT(unless_exe), .kind = WS_DFA_PATH },
	{ "package", read_patterns, AT(unless_package), .kind = WS_DFA_NAME },
	{ "place", read_bits, AT(unless_places), { place_from_name }, place_name, false },
};

const char *rule_key(size_t n)
{
	return n < ARRAY_SIZE(rule_keys) ? rule_keys[n].name : NULL;
}

/* Read object by a table of keys. */
static int read_object(struct reader *rd, const struct key *keys, size_t count, json_t *object,
		       void *base)
{
	const char *name;
	json_t *v;

	json_object_foreach(object, name, v) {
		const struct key *k = NULL;
		size_t len = enter(rd, "/%.60s", name);
		int r;

		for (size_t i = 0; i < count && !k; i++)
			if (strcmp(keys[i].name, name) == 0)
				k = &keys[i];
		if (!k)
			return wrong(rd, "unknown key");
		r = k->read(rd, k, v, base);
		if (r < 0)
			return r;
		leave(rd, len);
	}
	for (size_t i = 0; i < count; i++)
		if (keys[i].required && !json_object_get(object, keys[i].name))
			return wrong(rd, "`%s` is missing", keys[i].name);
	return 0;
}

static int read_unless(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	if (!json_is_object(v) || json_object_size(v) == 0)
		return wrong(rd,
			     "must be an object with at least one of: path, exe, package, place");
	return read_object(rd, unless_keys, ARRAY_SIZE(unless_keys), v, base);
}

int rule_parse(struct rule *ret, json_t *object, const char *file, struct error *e)
{
	struct reader rd = { .file = file, .e = e };
	struct rule rule = { 0 };
	int r;

	if (!json_is_object(object))
		return wrong(&rd, "must be an object");
	r = read_object(&rd, rule_keys, ARRAY_SIZE(rule_keys), object, &rule);
	if (r == 0) {
		rule.file = strdup(file);
		r = rule.file ? rule_check(&rule, e) : -ENOMEM;
	}
	if (r < 0) {
		rule_done(&rule);
		return r;
	}
	*ret = rule;
	return 0;
}

/* ---- tuning ---- */

static int read_set_enum(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct tuning *t = base;

	*(k->names == action_name ? &t->set_action : &t->set_severity) = true;
	return read_enum(rd, k, v, base);
}

static int read_enabled(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct tuning *t = base;

	(void)k;
	if (!json_is_boolean(v))
		return wrong(rd, "must be true or false");
	t->set_enabled = true;
	t->enabled = json_is_true(v);
	return 0;
}

static int read_tuned_unless(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_unless(rd, k, v, &((struct tuning *)base)->change);
}

static int read_date(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);
	struct tm tm = { 0 };
	char again[16] = "";
	const char *end = text && strlen(text) == 10 ? strptime(text, "%Y-%m-%d", &tm) : NULL;

	/* Through the calendar and back: there is no 31st of June. */
	if (end && !*end) {
		struct tm norm = tm;

		norm.tm_hour = 12;
		timegm(&norm);
		strftime(again, sizeof(again), "%Y-%m-%d", &norm);
	}
	if (!text || strcmp(again, text) != 0)
		return wrong(rd, "must be a date, YYYY-MM-DD");
	*FIELD(char *, base, k) = strdup(text);
	return *FIELD(char *, base, k) ? 0 : -ENOMEM;
}

#define TUNE(field) offsetof(struct tuning, field)

static const struct key tuning_keys[] = {
	{ "tune", read_word, TUNE(tune), .required = true },
	{ "reason", read_text, TUNE(reason), .kind = 1, .required = true },
	{ "expires", read_date, TUNE(expires), .required = true },
	{ "severity",
	  read_set_enum,
	  TUNE(change.severity),
	  { severity_from_name },
	  severity_name,
	  false },
	{ "action", read_set_enum, TUNE(change.action), { action_from_name }, action_name, false },
	{ "enabled", read_enabled, 0, .kind = 0 },
	{ "unless", read_tuned_unless, 0, .kind = 0 },
};

void tuning_done(struct tuning *t)
{
	free(t->tune);
	free(t->reason);
	free(t->expires);
	free(t->file);
	rule_done(&t->change);
	*t = (struct tuning){ 0 };
}

int tuning_parse(struct tuning *ret, json_t *object, const char *file, const char *today,
		 struct error *e)
{
	CLEANUP(tuning_done) struct tuning t = { 0 };
	struct reader rd = { .file = file, .e = e };
	const struct rule *c = &t.change;
	int r = read_object(&rd, tuning_keys, ARRAY_SIZE(tuning_keys), object, &t);

	if (r < 0)
		return r;
	if (strcmp(t.expires, today) < 0) {
		enter(&rd, "/expires");
		return wrong(&rd, "expired: decide again, and change the date or delete the file");
	}
	if (!t.set_severity && !t.set_action && !t.set_enabled && !c->unless_path.count &&
	    !c->unless_exe.count && !c->unless_package.count && !c->unless_places)
		return wrong(&rd, "changes nothing: give severity, action, unless or enabled");
	t.file = strdup(file);
	if (!t.file)
		return -ENOMEM;
	*ret = t;
	t = (struct tuning){ 0 };
	return 0;
}

static int append(struct strings *to, struct strings *from)
{
	for (size_t i = 0; i < from->count; i++) {
		int r = strings_add(to, from->at[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int tuning_apply(struct tuning *t, struct rule *r, struct error *e)
{
	_free_ char *before = TAKE_PTR(r->tuned);
	char action[64] = "", severity[64] = "";
	struct rule *c = &t->change;
	int ret;

	if (t->set_action) {
		snprintf(action, sizeof(action), "action %s -> %s, ", action_name(r->action),
			 action_name(c->action));
		r->action = c->action;
	}
	if (t->set_severity) {
		snprintf(severity, sizeof(severity), "severity %s -> %s, ",
			 severity_name(r->severity), severity_name(c->severity));
		r->severity = c->severity;
	}
	if ((ret = append(&r->unless_path, &c->unless_path)) < 0 ||
	    (ret = append(&r->unless_exe, &c->unless_exe)) < 0 ||
	    (ret = append(&r->unless_package, &c->unless_package)) < 0)
		return ret;
	if (asprintf(&r->tuned, "%s%s%s%s%suntil %s (%s): %s", before ?: "", before ? "; " : "",
		     action, severity,
		     c->unless_path.count + c->unless_exe.count + c->unless_package.count ||
				     c->unless_places
			     ? "exceptions, "
			     : "",
		     t->expires, t->file, t->reason) < 0) {
		r->tuned = NULL;
		return -ENOMEM;
	}
	r->unless_places |= c->unless_places;
	/* A tuning can make a rule wrong: `hide` on a connection, an exception that no operation of
	 * it can meet. */
	return rule_check_named(r, t->file, e);
}
