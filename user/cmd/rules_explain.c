// SPDX-License-Identifier: GPL-2.0-only
/* rules_explain.c - see rules_explain.h. */
#include "cmd/rules_explain.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "decide.h"
#include "policy/attack.h"
#include "policy/simulate.h"
#include "session/path_below.h"

/* ---- the words ---- */

/* Keys of the command line, and those of the operation they become. */
static const struct explain_key {
	const char *word, *key;
	enum { TEXT, NUMBER, BOOL, LIST } type;
	uint32_t ops; /* that it applies to; 0: all */
} keys[] = {
	{ "exe", "exe", TEXT, 0 },
	{ "package", "package", TEXT, 0 },
	{ "directory", "directory", BOOL, 1u << WS_OP_CREATE },
	{ "event", "event", TEXT, 0 },
	{ "place", "place", LIST, UINT32_MAX }, /* ops_with_path() */
	{ "http", "http", TEXT, 1u << WS_OP_SEND },
	{ "bytes", "bytes", NUMBER, 1u << WS_OP_SEND },
	{ "times", "times", NUMBER, 0 },
	{ "label", "labels", LIST, 0 },
	{ "session-label", "session_labels", LIST, 0 },
};

static int set_once(json_t *op, const char *key, json_t *value, const char *word, struct error *e)
{
	if (!value)
		return -ENOMEM;
	if (json_object_get(op, key)) {
		json_decref(value);
		return error_set(e, -EINVAL, "explain: `%s`: a second %s", word, key);
	}
	return json_object_set_new(op, key, value) < 0 ? -ENOMEM : 0;
}

static int parse_number(const char *text, json_int_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(text, &end, 10);
	return text[0] < '0' || text[0] > '9' || *end || errno ? -EINVAL : 0;
}

/* ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT. */
static int set_address(json_t *op, const char *word, struct error *e)
{
	_free_ char *host = strdup(word[0] == '[' ? word + 1 : word);
	char *colon = host ? strrchr(host, ':') : NULL, *close;
	json_int_t port;
	int r;

	if (!host)
		return -ENOMEM;
	close = word[0] == '[' ? strchr(host, ']') : NULL;
	if (word[0] == '[' && (!close || (close[1] && close[1] != ':')))
		return error_set(e, -EINVAL, "explain: `%s` is not [ADDRESS] or [ADDRESS]:PORT",
				 word);
	if (close)
		colon = close[1] ? close + 1 : NULL;
	else if (colon && strchr(host, ':') != colon)
		colon = NULL; /* IPv6 without a port */
	if (colon) {
		if (parse_number(colon + 1, &port) < 0 || port < 1 || port > 65535)
			return error_set(e, -EINVAL,
					 "explain: `%s`: the port must be a number from 1 to 65535",
					 word);
		r = set_once(op, "port", json_integer(port), word, e);
		if (r < 0)
			return r;
		*colon = '\0';
	}
	if (close)
		*close = '\0';
	return set_once(op, "address", json_string(host), word, e);
}

/* The kernel compares resolved paths, so one that is not would match nothing. */
static int set_path(json_t *op, const char *word, uint32_t bit, struct error *e)
{
	_free_ char *path = NULL;
	size_t len;

	if (!(bit & ops_with_path()))
		return error_set(e, -EINVAL, "explain: `%s`: %s is not about a path", word,
				 json_string_value(json_object_get(op, "op")));
	if (asprintf(&path, "%s%s", word[0] == '~' ? "/home/ci" : "", word + (word[0] == '~')) < 0)
		return path = NULL, -ENOMEM;
	len = strlen(path);
	if (strstr(path, "//") || strstr(path, "/./") || strstr(path, "/../") ||
	    (len > 1 && (path[len - 1] == '/' || strcmp(path + len - 2, "/.") == 0)) ||
	    (len > 2 && strcmp(path + len - 3, "/..") == 0))
		return error_set(e, -EINVAL,
				 "explain: `%s`: rules see resolved paths: write it without `.`, "
				 "`..`, `//` and a trailing `/`",
				 word);
	return set_once(op, "path", json_string(path), word, e);
}

static int set_key(json_t *op, const char *word, uint32_t bit, struct error *e)
{
	const char *value = strchr(word, '=');
	const struct explain_key *k = NULL;
	json_int_t number;
	json_t *list;

	for (size_t i = 0; value && i < ARRAY_SIZE(keys) && !k; i++)
		if (strlen(keys[i].word) == (size_t)(value - word) &&
		    strncmp(keys[i].word, word, value - word) == 0)
			k = &keys[i];
	if (!k)
		return error_set(e, -EINVAL,
				 "explain: `%s` is neither an object of %s nor one of exe= "
				 "package= directory= event= place= http= bytes= times= label= "
				 "session-label=",
				 word, json_string_value(json_object_get(op, "op")));
	if (k->ops && bit && !(bit & (k->ops == UINT32_MAX ? ops_with_path() : k->ops)))
		return error_set(e, -EINVAL, "explain: `%s`: does not apply to %s", word,
				 json_string_value(json_object_get(op, "op")));
	value++;
	if (k->type == TEXT)
		return set_once(op, k->key, json_string(value), word, e);
	if (k->type == BOOL) {
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return error_set(e, -EINVAL, "explain: `%s`: must be yes or no", word);
		return set_once(op, k->key, json_boolean(value[0] == 'y'), word, e);
	}
	if (k->type == NUMBER) {
		if (parse_number(value, &number) < 0)
			return error_set(e, -EINVAL, "explain: `%s`: must be a number", word);
		return set_once(op, k->key, json_integer(number), word, e);
	}
	list = json_object_get(op, k->key);
	if (!list)
		json_object_set_new(op, k->key, list = json_array());
	return json_array_append_new(list, json_string(value)) < 0 ? -ENOMEM : 0;
}

int explain_describe(json_t **ret, char *const *words, char *const *argv, struct error *e)
{
	_json_ json_t *op = json_object();
	uint32_t bit;
	int kind, r;

	if (!op)
		return -ENOMEM;
	if (!words[0] || !words[1])
		return error_set(
			e, -EINVAL,
			"explain: needs an operation and an actor: read package /home/ci/.npmrc");
	json_object_set_new(op, "op", json_string(words[0]));
	json_object_set_new(op, "actor", json_string(words[1]));
	kind = name_number(op_name, words[0]);
	bit = kind > 0 ? 1u << kind : 0; /* a wrong name is found when all is read */
	for (words += 2; *words; words++) {
		const char *word = *words;

		if (word[0] == '/' || strcmp(word, "~") == 0 || strncmp(word, "~/", 2) == 0)
			r = set_path(op, word, bit, e);
		else if (bit & ops_with_address() && !strchr(word, '='))
			r = set_address(op, word, e);
		else
			r = set_key(op, word, bit, e);
		if (r < 0)
			return r;
	}
	if (argv && bit && bit != 1u << WS_OP_EXEC)
		return error_set(e, -EINVAL, "explain: `--` and an argv apply to exec only");
	if (argv) {
		json_t *list = json_array();

		for (; *argv; argv++)
			json_array_append_new(list, json_string(*argv));
		json_object_set_new(op, "argv", list);
	}
	*ret = json_incref(op);
	return 0;
}

/* ---- homes ---- */

/* Directories of the system that are homes in the user database (/, /bin, /usr/sbin ...). */
static bool is_home(const char *dir)
{
	static const char *const system[] = { "/usr", "/bin", "/sbin", "/etc", "/dev", "/proc" };

	if (!dir || dir[0] != '/' || !dir[1 + strspn(dir + 1, "/")])
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(system); i++)
		if (path_below(dir, system[i]))
			return false;
	return true;
}

/*
 * The home that path lies in, besides those of the stage: one of the user database, $HOME, or any
 * directory of /home. In a session `~` is the home of the user whom the command runs as, and that
 * may be any of these. NULL: none.
 */
static char *home_of(const char *path)
{
	const char *best = NULL, *mine = getenv("HOME");
	_free_ char *found = NULL;
	struct passwd *p;

	if (is_home(mine) && path_below(path, mine))
		best = mine;
	for (setpwent(); (p = getpwent());)
		if (is_home(p->pw_dir) && path_below(path, p->pw_dir) &&
		    (!best || strlen(p->pw_dir) > strlen(best))) {
			free(found);
			best = found = strdup(p->pw_dir);
		}
	endpwent();
	if (!best && strncmp(path, "/home/", 6) == 0 && path[6])
		return strndup(path, 6 + strcspn(path + 6, "/"));
	return best ? strdup(best) : NULL;
}

/* ---- the answer ---- */

static bool has(const struct ws_mask *m, size_t index)
{
	return m->w[index / 64] >> index % 64 & 1;
}

static int check_labels(const struct ruleset *rules, const json_t *names, struct error *e)
{
	const json_t *v;
	size_t i;

	json_array_foreach(names, i, v)
		if (ruleset_label(rules, json_string_value(v)) < 0)
			return error_set(e, -EINVAL, "explain: no rule sets the label `%s`",
					 json_string_value(v));
	return 0;
}

/* A port that no rule names. */
static unsigned unnamed_port(const struct tables *t)
{
	for (unsigned port = 65535; port; port--) {
		struct ws_mask named = { 0 };

		tables_match_port(t, port, &named);
		if (ws_mask_empty(&named))
			return port;
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return (int)((const struct table_port *)a)->port -
	       (int)((const struct table_port *)b)->port;
}

/*
 * Without a port the verdict is that of the port with the strongest one, together with every rule
 * that fires at any port. Appends which ports have which verdict, and sets o->port to one with the
 * strongest.
 */
static void at_any_port(struct simulation *ret, struct operation *o, const struct ruleset *rules,
			const struct tables *t, struct buf *note)
{
	unsigned other = unnamed_port(t), worst = other;
	struct simulation base, s;
	size_t differ = 0;

	o->port = other;
	simulate(&base, t, rules, o);
	*ret = base;
	qsort(t->ports, t->port_count, sizeof(*t->ports), by_number);
	for (size_t i = 0; i < t->port_count; i++) {
		o->port = t->ports[i].port;
		simulate(&s, t, rules, o);
		ws_mask_or(&ret->fired, &s.fired);
		if (s.action == base.action)
			continue;
		buf_addf(note, "%sport %u: %s", differ++ ? ", " : " (", o->port,
			 action_name(s.action));
		if (s.action > ret->action) {
			ret->action = s.action;
			worst = o->port;
		}
	}
	if (differ)
		buf_addf(note, "; any other port: %s)", action_name(base.action));
	else
		buf_adds(note, " (any port)");
	o->port = worst;
}

static void print_fired(const struct ruleset *rules, const struct simulation *s)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (!has(&s->fired, i))
			continue;
		printf("  fires  %-5s %s: %s%s%s\n", action_name(rule->action), rule->id,
		       rule->title, rule->label ? "; sets label " : "", rule->label ?: "");
		for (size_t k = 0; k < rule->attack.count; k++) {
			_buf_ struct buf attack = BUF_INIT;

			attack_text(&attack, rule->attack.at[k]);
			printf("               ATT&CK %s\n", attack.at);
		}
	}
}

/* Whether the condition is about a fact that was not given. */
static bool is_open(const struct operation *o, const char *missed)
{
	return (strcmp(missed, "argv") == 0 && !o->argv) ||
	       (strcmp(missed, "exe") == 0 && !o->exe) ||
	       (strcmp(missed, "package") == 0 && !o->package) ||
	       (strcmp(missed, "http") == 0 && !o->http);
}

/* Rules about other objects of this kind are left out. */
static bool is_far(const char *missed)
{
	return strcmp(missed, "on, actor") == 0 || strcmp(missed, "path") == 0 ||
	       strcmp(missed, "argv") == 0 || strcmp(missed, "address") == 0;
}

/* open: the rules that depend on a fact that was not given; else those for which a single condition
 * is not met. */
static void print_quiet(const struct ruleset *rules, const struct tables *t,
			const struct operation *o, const struct ws_mask *fired, bool open)
{
	size_t shown = 0;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		const char *missed = simulate_unmet(t, rules, o, i);

		if (!missed || has(fired, i) || open != is_open(o, missed) ||
		    (!open && is_far(missed)))
			continue;
		if (!shown++)
			puts(open ? "may fire, which depends on what was not given:"
				  : "met but for one condition:");
		printf("  quiet  %-5s %s: %s\n", action_name(rule->action), rule->id, missed);
	}
}

static void print_places(uint32_t places, const char *home)
{
	fputs("place:", stdout);
	for (unsigned place = 0; place < WS_PLACE_MAX; place++)
		if (places & WS_PLACE_BIT(place))
			printf(" %s", place_name(place));
	printf("%s%s%s\n", home ? " (the home is " : "", home ?: "", home ? ")" : "");
}

int rules_explain(const struct ruleset *rules, const struct tables *t, char *const *words,
		  char *const *argv, struct error *e)
{
	_json_ json_t *op = NULL;
	_free_ char *home = NULL;
	_buf_ struct buf note = BUF_INIT;
	struct simulation result;
	struct operation o;
	int r = explain_describe(&op, words, argv, e);

	r = r ?: operation_parse(&o, op, e);
	r = r ?: check_labels(rules, o.labels, e);
	r = r ?: check_labels(rules, o.session_labels, e);
	if (r < 0)
		return r;
	if (o.path || o.exe)
		o.home = home = home_of(o.path ?: o.exe);
	if (o.address && !o.port)
		at_any_port(&result, &o, rules, t, &note);
	else
		simulate(&result, t, rules, &o);
	if (o.path)
		print_places(result.places, home);
	printf("verdict: %s%s\n", action_name(result.action), note.len ? note.at : "");
	print_fired(rules, &result);
	print_quiet(rules, t, &o, &result.fired, true);
	print_quiet(rules, t, &o, &result.fired, false);
	return 0;
}
