// SPDX-License-Identifier: GPL-2.0-only
/* test_rule_check.c - keys that do not go together, each on the operations and actors it is for and
 * on others. */
#include "policy/rule_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/names.h"

#define OP(name) (1u << WS_OP_##name)
#define PATHS                                                                                \
	(OP(EXEC) | OP(READ) | OP(WRITE) | OP(CREATE) | OP(RENAME) | OP(LINK) | OP(UNLINK) | \
	 OP(CHMOD) | OP(UNIX))

static char *word[] = { "x" }, *other[] = { "y" };
static const struct strings one = { word, 1 }, two = { other, 1 };

static void sets_path(struct rule *r)
{
	r->path = one;
}
static void sets_place(struct rule *r)
{
	r->places = 1u << WS_PLACE_HOME;
}
static void sets_unless_path(struct rule *r)
{
	r->unless_path = one;
}
static void sets_unless_place(struct rule *r)
{
	r->unless_places = 1u << WS_PLACE_HOME;
}
static void sets_distinct(struct rule *r)
{
	r->count_of = WS_COUNT_PATHS;
}
static void sets_argv(struct rule *r)
{
	r->argv = one;
}
static void sets_address(struct rule *r)
{
	r->address = one;
}
static void sets_port(struct rule *r)
{
	r->port_count = 1;
}
static void sets_http(struct rule *r)
{
	r->http = 1u << WS_HTTP_PUT;
}
static void sets_bytes(struct rule *r)
{
	r->count_of = WS_COUNT_BYTES;
}
static void sets_package(struct rule *r)
{
	r->package = one;
}
static void sets_unless_package(struct rule *r)
{
	r->unless_package = one;
}
static void sets_hide(struct rule *r)
{
	r->action = WS_HIDE;
}

static void expect(const struct rule *r, const char *want)
{
	struct error e = { 0 };
	int err = rule_check(r, &e);

	if (err != (want ? -EINVAL : 0) || (want && strcmp(e.text, want) != 0))
		fail_msg("wanted `%s`, got %d `%s`", want ?: "", err, e.text);
}

static void test_new_directory(void **state)
{
	struct rule r = { .file = "f", .ops = OP(CREATE) | OP(LINK), .actors = ~0u };

	(void)state;
	r.unless_new_directory = one;
	expect(&r, NULL);
	r.ops = OP(LINK) | OP(WRITE);
	expect(&r, "f: /unless/new_directory: applies to the operation `create` only");
}

#define SHELL (1u << WS_ACTOR_SHELL)

static void sets_event(struct rule *r)
{
	r->events = 1u << WS_EVENT_INSTALL;
}

static void test_each_key_where_it_applies(void **state)
{
	static const struct {
		void (*set)(struct rule *r);
		const char *pointer;
		uint32_t ops, actors;
	} table[] = {
		{ sets_path, "/path", PATHS, ~0u },
		{ sets_place, "/place", PATHS, ~0u },
		{ sets_unless_path, "/unless/path", PATHS, ~0u },
		{ sets_unless_place, "/unless/place", PATHS, ~0u },
		{ sets_distinct, "/count/distinct", PATHS, ~0u },
		{ sets_argv, "/argv", OP(EXEC), ~0u },
		{ sets_address, "/address", OP(CONNECT) | OP(SEND), ~0u },
		{ sets_port, "/port", OP(CONNECT) | OP(SEND), ~0u },
		{ sets_http, "/http", OP(SEND), ~0u },
		{ sets_bytes, "/count/of", OP(SEND), ~0u },
		{ sets_package, "/package", ~0u, ACTORS_NAMED },
		{ sets_unless_package, "/unless/package", ~0u, ACTORS_NAMED },
		{ sets_event, "/event", ~0u, 1u << WS_ACTOR_PACKAGE | 1u << WS_ACTOR_TOOL | SHELL },
		{ sets_hide, "/action",
		  PATHS | OP(SEND) | OP(IO_URING) | OP(NAMESPACE) | OP(PRIVILEGE) | OP(PTRACE) |
			  OP(MEMORY),
		  ~0u },
	};
	char want[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		for (unsigned op = 1; op < WS_OP_MAX; op++)
			for (unsigned actor = 1; actor < WS_ACTOR_MAX; actor++) {
				struct rule r = { .id = "r",
						  .file = "f",
						  .ops = 1u << op,
						  .actors = 1u << actor };
				bool ops = table[i].ops & 1u << op;

				expect(&r, NULL);
				table[i].set(&r);
				if (ops && table[i].actors & 1u << actor) {
					expect(&r, NULL);
					continue;
				}
				snprintf(want, sizeof(want), "f: %s: does not apply to %s `%s`",
					 table[i].pointer, ops ? "actor" : "operation",
					 ops ? actor_name(actor) : op_name(op));
				expect(&r, want);
			}
}

/* One operation that a key does not apply to spoils a rule, whatever others it is on. */
static void test_one_of_many(void **state)
{
	struct rule r = { .file = "f", .ops = OP(READ) | OP(BPF), .actors = 1u << WS_ACTOR_JOB };

	(void)state;
	r.path = one;
	expect(&r, "f: /path: does not apply to operation `bpf`");
}

static void test_contradictions(void **state)
{
	struct rule good = { .file = "f", .ops = OP(READ), .actors = 1u << WS_ACTOR_PACKAGE }, r;

	(void)state;
	r = good;
	r.places = 1u << WS_PLACE_UNKNOWN;
	expect(&r, "f: /place: `unknown` is not a condition: what cannot be resolved is refused "
		   "without a rule");
	r = good;
	r.unless_places = 1u << WS_PLACE_UNKNOWN;
	expect(&r, "f: /unless/place: `unknown` is not a condition: what cannot be resolved is "
		   "refused without a rule");
	r = good;
	r.places = 1u << WS_PLACE_HOME | 1u << WS_PLACE_TMP;
	r.unless_places = 1u << WS_PLACE_TMP;
	expect(&r, NULL);
	r.unless_places |= 1u << WS_PLACE_HOME;
	expect(&r, "f: /unless/place: excludes every place of the rule");

	r = good;
	r.count_of = WS_COUNT_PATHS;
	r.over = 200;
	expect(&r, NULL);
	r.over = 201;
	expect(&r, "f: /count/over: different objects are only counted up to 200");
	r.count_of = WS_COUNT_TIMES;
	expect(&r, NULL);

	r = good;
	r.path = one;
	r.unless_path = two;
	expect(&r, NULL);
	r.unless_path = one;
	expect(&r, "f: /unless/path/0: excludes all that /path/0 matches");
	r.path = (struct strings){ (char *[]){ "a", "b", "c" }, 3 };
	r.unless_path = (struct strings){ (char *[]){ "d", "e", "c" }, 3 };
	expect(&r, "f: /unless/path/2: excludes all that /path/2 matches");

	r = good;
	r.label = "x";
	r.after = two;
	expect(&r, NULL);
	r.after = one;
	expect(&r, "f: /after/0: the rule waits for a label that it sets itself");
	r.after = (struct strings){ (char *[]){ "a", "b", "session:x" }, 3 };
	expect(&r, "f: /after/2: the rule waits for a label that it sets itself");
}

static void test_another_file(void **state)
{
	struct rule r = { .file = "f", .ops = OP(BPF), .actors = 1u << WS_ACTOR_JOB };
	struct error e = { 0 };

	(void)state;
	r.path = one;
	assert_int_equal(rule_check_named(&r, "tuning.json", &e), -EINVAL);
	assert_string_equal(e.text, "tuning.json: /path: does not apply to operation `bpf`");
	assert_int_equal(rule_check(&r, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_key_where_it_applies),
		cmocka_unit_test(test_new_directory),
		cmocka_unit_test(test_one_of_many),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_another_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
