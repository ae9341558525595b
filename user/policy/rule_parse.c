// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule_parse.c - see rule_parse.h. Every key is a row of a table: how it is read, and into which
 * field. What the keys demand of each other is checked afterwards, by rule_check().
 */
#include "policy/rule_parse.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "automaton/pattern.h"
#include "base/cleanup.h"
#include "policy/address.h"
#include "policy/attack.h"
#include "policy/names.h"
#include "policy/operation.h"
#include "policy/rule_check.h"
#include "wire.h"

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
	if (!ok)
		return reader_wrong(
			rd, "`%s` is not an ATT&CK technique such as T1234 or T1234.001", text);
	return attack_find(text) ? 0
				 : reader_wrong(rd,
						"ATT&CK %s has no technique `%s` "
						"(rules/data/attack.json); a newer one can "
						"stand in `references`",
						attack_version, text);
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
	return read_strings(rd, v, FIELD(struct strings, base, k), check_pattern, k->kind);
}

static int read_addresses(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check_address, 0);
}

static int read_conditions(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	if (json_is_array(v) && json_array_size(v) == 0)
		return 0;
	return read_strings(rd, v, FIELD(struct strings, base, k), check_condition, 0);
}

static int check_id(struct reader *rd, const char *text, unsigned kind)
{
	(void)kind;
	return reader_is_word(text) ? 0 : reader_wrong(rd, "`%s` is not the id of a rule", text);
}

static int read_ids(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check_id, 0);
}

static int read_attack(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check_attack, 0);
}

static int read_references(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check_reference, 0);
}

static int read_port(struct reader *rd, json_t *v, void *arg)
{
	struct rule *rule = arg;
	json_int_t n = json_integer_value(v);
	uint16_t *ports;

	if (!json_is_integer(v) || n < 1 || n > 65535)
		return reader_wrong(rd, "must be a port, a number from 1 to 65535");
	for (size_t i = 0; i < rule->port_count; i++)
		if (rule->ports[i] == n)
			return reader_wrong(rd, "%d is listed twice", (int)n);
	ports = reallocarray(rule->ports, rule->port_count + 1, sizeof(*ports));
	if (!ports)
		return -ENOMEM;
	rule->ports = ports;
	ports[rule->port_count++] = (uint16_t)n;
	return 0;
}

static int read_ports(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	return read_items(rd, v, "port", read_port, base);
}

static const char *rule_backend_name(unsigned n)
{
	return n == WS_BACKEND_DENY ? "deny" : n == WS_BACKEND_WATCH ? "watch" : NULL;
}

/* ---- count ---- */

static int read_over(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || n > UINT32_MAX)
		return reader_wrong(rd, "must be a number from 0 to %u", UINT32_MAX);
	*FIELD(uint32_t, base, k) = (uint32_t)n;
	return 0;
}

/* "10s" to milliseconds */
static int read_duration(struct reader *rd, const struct key *k, json_t *v, void *base)
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
			*FIELD(uint32_t, base, k) = (uint32_t)(n * units[i].ms);
			return 0;
		}
	return reader_wrong(rd, "must be a time such as \"500ms\", \"10s\", \"5m\" or \"1h\"");
}

/* The keys `distinct` and `of`: what is counted instead of operations, one thing each. */
static int read_counted(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v),
		   *only = k->kind == WS_COUNT_PATHS ? "path" : "bytes";
	struct rule *rule = base;

	if (!text || strcmp(text, only) != 0)
		return reader_wrong(rd, "must be \"%s\"", only);
	if (rule->count_of != WS_COUNT_TIMES)
		return reader_wrong(rd, "`distinct` and `of` exclude each other");
	rule->count_of = k->kind;
	return 0;
}

#define AT(field) offsetof(struct rule, field)

static const struct key count_keys[] = {
	{ "over", read_over, AT(over), .required = true },
	{ "within", read_duration, AT(within_ms), .kind = 0 },
	{ "distinct", read_counted, 0, .kind = WS_COUNT_PATHS },
	{ "of", read_counted, 0, .kind = WS_COUNT_BYTES },
};

static int read_count(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	((struct rule *)base)->count_of = WS_COUNT_TIMES;
	return read_object(rd, count_keys, ARRAY_SIZE(count_keys), v, base);
}

/* ---- tests ---- */

static int check_operation(struct reader *rd, json_t *v, void *arg)
{
	struct operation o;

	(void)arg;
	return operation_read(rd, v, &o);
}

static int check_operations(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	(void)base;
	return read_items(rd, v, "operation", check_operation, NULL);
}

static const struct key tests_keys[] = {
	{ "fires", check_operations, 0, .kind = 0 },
	{ "quiet", check_operations, 0, .kind = 0 },
};

static int read_tests(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	int r = read_object(rd, tests_keys, ARRAY_SIZE(tests_keys), v, base);

	if (r == 0)
		*FIELD(json_t *, base, k) = json_incref(v);
	return r;
}

/* ---- the rule ---- */

static const struct key unless_keys[] = {
	{ "path", read_patterns, AT(unless_path), .kind = WS_DFA_PATH },
	{ "path_of", read_ids, AT(unless_path_of), .kind = 0 },
	{ "new_directory", read_patterns, AT(unless_new_directory), .kind = WS_DFA_PATH },
	{ "exe", read_patterns, AT(unless_exe), .kind = WS_DFA_PATH },
	{ "package", read_patterns, AT(unless_package), .kind = WS_DFA_NAME },
	{ "place", read_bits, AT(unless_places), .names = place_name },
};

int read_unless(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	(void)k;
	if (!json_is_object(v) || json_object_size(v) == 0)
		return reader_wrong(
			rd, "must be an object with at least one of: path, path_of, new_directory, "
			    "exe, package, place");
	return read_object(rd, unless_keys, ARRAY_SIZE(unless_keys), v, base);
}

static const struct key rule_keys[] = {
	{ "id", read_word, AT(id), .required = true },
	{ "title", read_text, AT(title), .required = true },
	{ "severity", read_enum, AT(severity), .names = severity_name, .required = true },
	{ "on", read_bits, AT(ops), .names = op_name, .required = true },
	{ "actor", read_bits, AT(actors), .names = actor_name, .required = true },
	{ "event", read_bits, AT(events), .names = event_name },
	{ "path", read_patterns, AT(path), .kind = WS_DFA_PATH },
	{ "place", read_bits, AT(places), .names = place_name },
	{ "exe", read_patterns, AT(exe), .kind = WS_DFA_PATH },
	{ "argv", read_patterns, AT(argv), .kind = WS_DFA_ARGV },
	{ "package", read_patterns, AT(package), .kind = WS_DFA_NAME },
	{ "address", read_addresses, AT(address), .kind = 0 },
	{ "port", read_ports, AT(ports), .kind = 0 },
	{ "http", read_bits, AT(http), .names = http_name },
	{ "unless", read_unless, 0, .kind = 0 },
	{ "after", read_conditions, AT(after), .kind = 0 },
	{ "count", read_count, 0, .kind = 0 },
	{ "label", read_word, AT(label), .kind = 0 },
	{ "backend", read_enum, AT(backend), .names = rule_backend_name },
	{ "action", read_enum, AT(action), .names = action_name, .required = true },
	{ "attack", read_attack, AT(attack), .kind = 0 },
	{ "references", read_references, AT(references), .kind = 0 },
	{ "why", read_text, AT(why), .kind = TEXT_LINES, .required = true },
	{ "remedy", read_text, AT(remedy), .kind = TEXT_LINES, .required = true },
	{ "tests", read_tests, AT(tests), .kind = 0 },
};

const char *rule_key(size_t n)
{
	return n < ARRAY_SIZE(rule_keys) ? rule_keys[n].name : NULL;
}

int rule_parse(struct rule *ret, json_t *object, const char *file, struct error *e)
{
	struct reader rd = { .file = file, .e = e };
	struct rule rule = { 0 };
	int r;

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
