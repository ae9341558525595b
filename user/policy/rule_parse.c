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
#include "rule_read.h"
#include "trial.h"

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

static int check_pattern(struct reader *rd, const char *text, unsigned kind)
{
	struct error why = { 0 };
	struct pattern p;
	int r = pattern_parse(&p, kind, text, &why);

	if (r == -EINVAL)
		return reader_wrong(rd, "pattern `%s`: %s", text, why.text);
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
	return r < 0 ? reader_wrong(rd, "`%s`: %s", text, why.text) : 0;
}

static int check_condition(struct reader *rd, const char *text, unsigned kind)
{
	bool session;

	(void)kind;
	if (!reader_is_word(label_of_condition(text, &session)))
		return reader_wrong(rd, "must be a label, or `session:` and a label");
	return 0;
}

static int check_attack(struct reader *rd, const char *text, unsigned kind)
{
	size_t len = strlen(text);
	bool ok = (len == 5 || len == 9) && text[0] == 'T';

	(void)kind;
	for (size_t i = 1; i < len && ok; i++)
		ok = i == 5 ? text[i] == '.' : isdigit((unsigned char)text[i]);
	return ok ? 0 : reader_wrong(rd, "`%s` is no ATT&CK technique: T1234 or T1234.001", text);
}

static int check_reference(struct reader *rd, const char *text, unsigned kind)
{
	(void)kind;
	return strncmp(text, "https://", 8) == 0 && !strpbrk(text, " \t\r\n")
		       ? 0
		       : reader_wrong(rd, "must be an https:// address");
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
		return reader_wrong(rd, "must be a list of at least one port");
	rule->ports = calloc(json_array_size(v), sizeof(*rule->ports));
	if (!rule->ports)
		return -ENOMEM;
	json_array_foreach(v, i, item) {
		size_t len = reader_enter(rd, "/%zu", i);
		json_int_t n = json_integer_value(item);

		if (!json_is_integer(item) || n < 1 || n > 65535)
			return reader_wrong(rd, "must be a port, a number from 1 to 65535");
		for (size_t j = 0; j < rule->port_count; j++)
			if (rule->ports[j] == n)
				return reader_wrong(rd, "%d is there twice", (int)n);
		rule->ports[rule->port_count++] = (uint16_t)n;
		reader_leave(rd, len);
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
	return reader_wrong(rd, "must be a time such as \"500ms\", \"10s\", \"5m\" or \"1h\"");
}

static int read_count(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct rule *rule = base;
	const char *name;
	bool over = false;
	json_t *item;

	(void)k;
	if (!json_is_object(v))
		return reader_wrong(rd, "must be an object");
	rule->count_of = WS_COUNT_TIMES;
	json_object_foreach(v, name, item) {
		size_t len = reader_enter(rd, "/%s", name);
		const char *text = json_string_value(item);
		int r = 0;

		if (strcmp(name, "over") == 0) {
			json_int_t n = json_integer_value(item);

			if (!json_is_integer(item) || n < 0 || n > UINT32_MAX)
				r = reader_wrong(rd, "must be a number from 0 to %u", UINT32_MAX);
			rule->over = (uint32_t)n;
			over = true;
		} else if (strcmp(name, "within") == 0) {
			r = read_duration(rd, item, &rule->within_ms);
		} else if (strcmp(name, "distinct") == 0 || strcmp(name, "of") == 0) {
			bool distinct = name[0] == 'd';

			if (!text || strcmp(text, distinct ? "path" : "bytes") != 0)
				r = reader_wrong(rd, "must be \"%s\"", distinct ? "path" : "bytes");
			else if (rule->count_of != WS_COUNT_TIMES)
				r = reader_wrong(rd, "either `distinct` or `of`");
			rule->count_of = distinct ? WS_COUNT_PATHS : WS_COUNT_BYTES;
		} else {
			r = reader_wrong(rd, "unknown key; there are: over, within, distinct, of");
		}
		if (r < 0)
			return r;
		reader_leave(rd, len);
	}
	return over ? 0 : reader_wrong(rd, "needs `over`");
}

static int read_tests(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct rule *rule = base;
	json_t *list, *item;
	const char *name;
	size_t i;

	(void)k;
	if (!json_is_object(v))
		return reader_wrong(rd, "must be an object");
	json_object_foreach(v, name, list) {
		size_t len = reader_enter(rd, "/%s", name);

		if (strcmp(name, "fires") != 0 && strcmp(name, "quiet") != 0)
			return reader_wrong(rd, "unknown key; there are: fires, quiet");
		if (!json_is_array(list) || json_array_size(list) == 0)
			return reader_wrong(rd, "must be a list of at least one operation");
		json_array_foreach(list, i, item) {
			size_t inner = reader_enter(rd, "/%zu", i);
			struct error why = { 0 };
			struct trial t;
			int r = trial_parse(&t, item, &why);

			if (r < 0)
				return r == -EINVAL ? reader_wrong(rd, "%s", why.text) : r;
			reader_leave(rd, inner);
		}
		reader_leave(rd, len);
	}
	rule->tests = json_incref(v);
	return 0;
}

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

int read_unless(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	if (!json_is_object(v) || json_object_size(v) == 0)
		return reader_wrong(
			rd, "must be an object with at least one of: path, exe, package, place");
	return read_object(rd, unless_keys, ARRAY_SIZE(unless_keys), v, base);
}

int rule_parse(struct rule *ret, json_t *object, const char *file, struct error *e)
{
	struct reader rd = { .file = file, .e = e };
	struct rule rule = { 0 };
	int r;

	if (!json_is_object(object))
		return reader_wrong(&rd, "must be an object");
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
