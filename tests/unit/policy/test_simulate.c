// SPDX-License-Identifier: GPL-2.0-only
/* test_simulate.c - operations decided without the kernel: what fires, why the rest does not, and
 * the tests that rules carry. */
#include "policy/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "rule_dir.h"

struct fixture {
	struct rule_dir d;
	struct ruleset *set;
	struct tables *t;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	rule_dir_make(&f->d);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tables_free(f->t);
	ruleset_free(f->set);
	rule_dir_remove(&f->d);
	free(f);
	return 0;
}

static size_t number(const struct fixture *f, const char *id)
{
	return (size_t)(ruleset_find(f->set, id) - f->set->rules);
}

/* The owner of the operation's strings is *ret_owner. */
static void describe(struct operation *o, json_t **ret_owner, const char *text)
{
	struct error e = { 0 };

	*ret_owner = json_loads(text, 0, NULL);
	if (!*ret_owner || operation_parse(o, *ret_owner, &e) < 0)
		fail_msg("%s: %s", text, e.text);
}

static struct simulation run(const struct fixture *f, const char *text)
{
	_json_ json_t *owner = NULL;
	struct simulation s;
	struct operation o;

	describe(&o, &owner, text);
	simulate(&s, f->t, f->set, &o);
	return s;
}

static void unmet(const struct fixture *f, const char *text, const char *id, const char *want)
{
	_json_ json_t *owner = NULL;
	struct operation o;
	const char *got;

	describe(&o, &owner, text);
	got = simulate_unmet(f->t, f->set, &o, number(f, id));
	if (!got != !want || (got && strcmp(got, want) != 0))
		fail_msg("%s, rule %s: %s, not %s", text, id, got ?: "fires", want ?: "fires");
}

#define P "\"actor\":\"package\""

static bool fires(const struct fixture *f, const char *op, const char *path)
{
	char text[256];

	snprintf(text, sizeof(text), "{\"op\":\"%s\"," P ",\"path\":\"%s\"}", op, path);
	return run(f, text).action != WS_ALLOW;
}

/* Who renames or removes a directory above a protected name changes that name. */
static void test_above(void **state)
{
	static const char *const above[] = { "/p/.git",
					     "/home/ci/.config/systemd",
					     "/home/ci/.config",
					     "/p/.git/modules",
					     "/p/lib1/site-packages",
					     "/srv",
					     "/srv/a",
					     "/srv/a/b" };
	static const char *const beside[] = { "/p/git",
					      "/p/.git2",
					      "/p",
					      "/home/ci",
					      "/home/ci/.configure",
					      "/p/.git/modules/lib",
					      "/p/.git/index",
					      "/srv/a/c",
					      "/p/systemd",
					      "/p/site-packages",
					      "/p/lib1",
					      "/tmp/clone/.git",
					      "/home/ci/work/app/node_modules/left-pad/.git" };
	struct fixture *f = *state;

	rule_dir_rule(&f->d, "names", "rename\",\"unlink\",\"write", "kill",
		      ",\"path\":[\"/**/.git/config\",\"~/.config/systemd/**\",\"/srv/a/b/c\","
		      "\"/**/.git/modules/*/hooks/**\",\"/**/lib*/site-packages/*.pth\"]");
	rule_dir_rule(&f->d, "writes", "write", "kill", ",\"path\":[\"/**/.hg/hgrc\"]");
	rule_dir_compile(&f->d, &f->set, &f->t);
	for (size_t i = 0; i < ARRAY_SIZE(above); i++) {
		assert_true(fires(f, "rename", above[i]));
		assert_true(fires(f, "unlink", above[i]));
		assert_false(fires(f, "write", above[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++)
		assert_false(fires(f, "rename", beside[i]));
	assert_false(fires(f, "rename", "/p/.hg")); /* its rule is not about names */
	assert_true(fires(f, "write", "/p/.git/config"));
	assert_true(fires(f, "rename", "/p/.git/config"));
}

/* What a rule says of installations it does not say of other scripts. */
static void test_event(void **state)
{
	struct fixture *f = *state;

	rule_dir_rule(&f->d, "install", "read", "kill",
		      ",\"event\":[\"install\"],\"path\":[\"/a\"]");
	rule_dir_rule(&f->d, "other", "read", "kill", ",\"event\":[\"other\"],\"path\":[\"/a\"]");
	rule_dir_compile(&f->d, &f->set, &f->t);
	unmet(f, "{\"op\":\"read\"," P ",\"path\":\"/a\"}", "install", NULL);
	unmet(f, "{\"op\":\"read\"," P ",\"path\":\"/a\"}", "other", "event");
	unmet(f, "{\"op\":\"read\"," P ",\"event\":\"other\",\"path\":\"/a\"}", "install", "event");
	unmet(f, "{\"op\":\"read\"," P ",\"event\":\"other\",\"path\":\"/a\"}", "other", NULL);
}

static void test_outcome(void **state)
{
	struct fixture *f = *state;
	struct simulation s;

	rule_dir_rule(&f->d, "hard", "read", "kill", ",\"path\":[\"~/.aws/*\"]");
	rule_dir_rule(&f->d, "soft", "read", "alert", ",\"place\":[\"home\"]");
	rule_dir_compile(&f->d, &f->set, &f->t);
	s = run(f, "{\"op\":\"read\"," P ",\"path\":\"/home/ci/.aws/x\"}");
	assert_int_equal(s.action, WS_KILL);
	assert_int_equal(s.rule, number(f, "hard"));
	assert_int_equal(s.place, WS_PLACE_HOME);
	assert_true(mask_has(&s.fired, f->set, "hard") && mask_has(&s.fired, f->set, "soft"));
	s = run(f, "{\"op\":\"read\"," P ",\"path\":\"/root/.aws/x\"}");
	assert_int_equal(s.action, WS_KILL);
	s = run(f, "{\"op\":\"read\"," P ",\"path\":\"/home/ci/y\"}");
	assert_int_equal(s.action, WS_ALERT);
	assert_int_equal(s.rule, number(f, "soft"));
	assert_false(mask_has(&s.fired, f->set, "hard"));
	s = run(f, "{\"op\":\"read\"," P ",\"path\":\"/home/ci/y\",\"place\":\"tmp\"}");
	assert_int_equal(s.place, WS_PLACE_TMP);
	assert_int_equal(s.action, WS_ALLOW);
	assert_int_equal(s.rule, WS_RULE_NONE);
	s = run(f, "{\"op\":\"read\",\"actor\":\"job\",\"path\":\"/home/ci/.aws/x\"}");
	assert_int_equal(s.action, WS_ALLOW);
	/* homes end where their names do */
	s = run(f, "{\"op\":\"read\"," P ",\"path\":\"/home/cir/.aws/x\"}");
	assert_int_equal(s.action, WS_ALLOW);
	s = run(f, "{\"op\":\"read\"," P ",\"path\":\"/rooted/.aws/x\"}");
	assert_int_equal(s.action, WS_ALLOW);
}

static void test_places(void **state)
{
	static const struct {
		const char *path;
		enum ws_place place;
	} table[] = {
		{ "/home/ci/work/app/node_modules/left-pad/x", WS_PLACE_OWN },
		{ "/home/ci/work/app/node_modules/left-pad", WS_PLACE_OWN },
		{ "/home/ci/work/app/node_modules/left-padding", WS_PLACE_MODULES },
		{ "/home/ci/work/app/x", WS_PLACE_PROJECT },
		{ "/home/ci/work", WS_PLACE_HOME },
		{ "/home/ci/.npm/x", WS_PLACE_CACHE },
		{ "/home/ci/.cache", WS_PLACE_CACHE },
		{ "/home/ci/.nvm/x", WS_PLACE_TOOLS },
		{ "/root/x", WS_PLACE_HOME },
		{ "/tmp/x", WS_PLACE_TMP },
		{ "/var/tmp", WS_PLACE_TMP },
		{ "/usr/lib/node_modules/npm/x", WS_PLACE_TOOLS },
		{ "/home/cix", WS_PLACE_ELSEWHERE },
		{ "/etc", WS_PLACE_ELSEWHERE },
		{ "/", WS_PLACE_ELSEWHERE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (simulate_place(table[i].path) != table[i].place)
			fail_msg("%s: place %d", table[i].path, simulate_place(table[i].path));
}

/* An object can have several places: the strictest counts. */
static void test_sets_of_places(void **state)
{
	struct fixture *f = *state;
	struct simulation s;

	rule_dir_rule(&f->d, "home", "write", "kill", ",\"place\":[\"home\"]");
	rule_dir_rule(&f->d, "work", "write", "alert", ",\"place\":[\"project\",\"tmp\"]");
	rule_dir_rule(&f->d, "else", "write", "deny",
		      ",\"unless\":{\"place\":[\"project\",\"tmp\"]}");
	rule_dir_compile(&f->d, &f->set, &f->t);
	s = run(f, "{\"op\":\"write\"," P ",\"path\":\"/x\",\"place\":[\"project\",\"home\"]}");
	assert_int_equal(s.action, WS_KILL);
	assert_int_equal(s.place, WS_PLACE_HOME);
	assert_int_equal(s.places, WS_PLACE_BIT(WS_PLACE_HOME) | WS_PLACE_BIT(WS_PLACE_PROJECT));
	assert_true(mask_has(&s.fired, f->set, "work") && mask_has(&s.fired, f->set, "else"));
	s = run(f, "{\"op\":\"write\"," P ",\"path\":\"/x\",\"place\":[\"project\",\"tmp\"]}");
	assert_int_equal(s.action, WS_ALERT);
	s = run(f, "{\"op\":\"write\"," P ",\"path\":\"/x\",\"place\":[\"tmp\",\"cache\"]}");
	assert_int_equal(s.action, WS_DENY);
	s = run(f, "{\"op\":\"write\"," P ",\"path\":\"/x\",\"place\":\"made\"}");
	assert_int_equal(s.action, WS_DENY);
	assert_int_equal(s.place, WS_PLACE_MADE);
}

static void test_new_directories(void **state)
{
	struct fixture *f = *state;
	struct ws_set found = { 0 };
	const unsigned depth = 2;

	rule_dir_rule(&f->d, "make", "create", "kill",
		      ",\"unless\":{\"new_directory\":[\"~/.*\",\"~/.config/*\"]}");
	rule_dir_compile(&f->d, &f->set, &f->t);
	unmet(f, "{\"op\":\"create\"," P ",\"path\":\"/home/ci/.x\",\"directory\":true}", "make",
	      "unless/path");
	unmet(f, "{\"op\":\"create\"," P ",\"path\":\"/home/ci/.config/x\",\"directory\":true}",
	      "make", "unless/path");
	unmet(f, "{\"op\":\"create\"," P ",\"path\":\"/home/ci/.x\"}", "make", NULL);
	unmet(f, "{\"op\":\"create\"," P ",\"path\":\"/home/ci/.x/y\",\"directory\":true}", "make",
	      NULL);
	/* the directory above is no package's own; the home is none either, but is never created */
	tables_match_path(f->t, "/home/ci/.config", &depth, 1, &found);
	assert_int_equal(found.shared, 1);
	found.shared = 0;
	tables_match_path(f->t, "/home/ci/.config/x", &depth, 1, &found);
	tables_match_path(f->t, "/home/ci/.x", &depth, 1, &found);
	tables_match_path(f->t, "/home/ci", &depth, 1, &found);
	assert_int_equal(found.shared, 0);
}

static void test_labels(void **state)
{
	struct fixture *f = *state;

	rule_dir_rule(&f->d, "one", "read", "alert", ",\"label\":\"l\",\"path\":[\"/l\"]");
	rule_dir_rule(&f->d, "two", "read", "alert", ",\"label\":\"m\",\"path\":[\"/m\"]");
	rule_dir_rule(&f->d, "scope", "bpf", "deny", ",\"after\":[\"l\",\"m\"]");
	rule_dir_rule(&f->d, "session", "bpf", "kill", ",\"after\":[\"session:l\"]");
	rule_dir_compile(&f->d, &f->set, &f->t);
	unmet(f, "{\"op\":\"bpf\"," P "}", "scope", "after");
	unmet(f, "{\"op\":\"bpf\"," P ",\"labels\":[\"l\"]}", "scope", "after");
	unmet(f, "{\"op\":\"bpf\"," P ",\"labels\":[\"l\",\"m\",\"unknown\"]}", "scope", NULL);
	unmet(f, "{\"op\":\"bpf\"," P ",\"session_labels\":[\"l\",\"m\"]}", "scope", "after");
	unmet(f, "{\"op\":\"bpf\"," P ",\"session_labels\":[\"m\"]}", "session", "after");
	unmet(f, "{\"op\":\"bpf\"," P ",\"session_labels\":[\"l\"]}", "session", NULL);
	/* what the scope has done is done in the session */
	unmet(f, "{\"op\":\"bpf\"," P ",\"labels\":[\"l\"]}", "session", NULL);
}

static void test_counts(void **state)
{
	struct fixture *f = *state;
	struct simulation s;

	rule_dir_rule(&f->d, "times", "read", "kill", ",\"count\":{\"over\":2}");
	rule_dir_rule(&f->d, "paths", "unlink", "kill",
		      ",\"count\":{\"over\":2,\"distinct\":\"path\"}");
	rule_dir_rule(&f->d, "bytes", "send", "kill", ",\"count\":{\"over\":100,\"of\":\"bytes\"}");
	rule_dir_compile(&f->d, &f->set, &f->t);
	unmet(f, "{\"op\":\"read\"," P ",\"path\":\"/a\"}", "times", "count");
	unmet(f, "{\"op\":\"read\"," P ",\"path\":\"/a\",\"times\":2}", "times", "count");
	unmet(f, "{\"op\":\"read\"," P ",\"path\":\"/a\",\"times\":3}", "times", NULL);
	/* each time is another object */
	unmet(f, "{\"op\":\"unlink\"," P ",\"path\":\"/a\",\"times\":2}", "paths", "count");
	unmet(f, "{\"op\":\"unlink\"," P ",\"path\":\"/a\",\"times\":3}", "paths", NULL);
	unmet(f, "{\"op\":\"send\"," P ",\"address\":\"1.2.3.4\",\"bytes\":100}", "bytes", "count");
	unmet(f, "{\"op\":\"send\"," P ",\"address\":\"1.2.3.4\",\"bytes\":101}", "bytes", NULL);
	unmet(f, "{\"op\":\"send\"," P ",\"address\":\"1.2.3.4\",\"bytes\":51,\"times\":2}",
	      "bytes", NULL);
	/* conditions on the object are met before the count is */
	s = run(f, "{\"op\":\"read\"," P ",\"path\":\"/a\"}");
	assert_true(mask_has(&s.candidates, f->set, "times"));
	assert_false(mask_has(&s.candidates, f->set, "paths"));
	assert_int_equal(s.action, WS_ALLOW);
}

/* Every condition by its key; a rule that has them all, and an operation that spoils one at a time.
 */
static void test_unmet(void **state)
{
	struct fixture *f = *state;

#define READ "\"op\":\"read\"," P
#define SEND "\"op\":\"send\"," P
	rule_dir_rule(&f->d, "file", "read", "kill",
		      ",\"path\":[\"/home/ci/*\",\"/tmp/*\"],\"place\":[\"home\",\"tmp\"],"
		      "\"exe\":[\"/bin/*\"],\"package\":[\"p*\"],"
		      "\"unless\":{\"path\":[\"/home/ci/no\"],\"exe\":[\"/bin/no\"],"
		      "\"package\":[\"pno\"],\"place\":[\"tmp\"]}");
	rule_dir_rule(
		&f->d, "net", "send", "kill",
		",\"address\":[\"10.0.0.0/8\",\"fd00::/8\"],\"port\":[80],\"http\":[\"PUT\"]");
	rule_dir_rule(&f->d, "run", "exec", "kill", ",\"argv\":[\"gh auth\"]");
	rule_dir_compile(&f->d, &f->set, &f->t);
#define FILE_OP(path, exe, package) \
	"{" READ ",\"path\":\"" path "\",\"exe\":\"" exe "\",\"package\":\"" package "\"}"
	unmet(f, FILE_OP("/home/ci/a", "/bin/a", "pa"), "file", NULL);
	unmet(f, FILE_OP("/home/ci/a/b", "/bin/a", "pa"), "file", "path");
	unmet(f, FILE_OP("/home/ci/no", "/bin/a", "pa"), "file", "unless/path");
	unmet(f, FILE_OP("/home/ci/a", "/sbin/a", "pa"), "file", "exe");
	unmet(f, FILE_OP("/home/ci/a", "/bin/no", "pa"), "file", "unless/exe");
	unmet(f, FILE_OP("/home/ci/a", "/bin/a", "q"), "file", "package");
	unmet(f, FILE_OP("/home/ci/a", "/bin/a", "pno"), "file", "unless/package");
	unmet(f, FILE_OP("/home/ci/.npm", "/bin/a", "pa"), "file", "place");
	unmet(f, FILE_OP("/tmp/a", "/bin/a", "pa"), "file", "unless/place");
	unmet(f, "{" READ ",\"path\":\"/home/ci/a\",\"package\":\"pa\"}", "file", "exe");
	unmet(f, "{" READ ",\"path\":\"/home/ci/a\",\"exe\":\"/bin/a\"}", "file", "package");
	unmet(f, "{\"op\":\"write\"," P ",\"path\":\"/home/ci/a\"}", "file", "on, actor");
	unmet(f, "{\"op\":\"read\",\"actor\":\"project\",\"path\":\"/home/ci/a\"}", "file",
	      "on, actor");

	unmet(f, "{" SEND ",\"address\":\"10.0.0.1\",\"port\":80,\"http\":\"PUT\"}", "net", NULL);
	unmet(f, "{" SEND ",\"address\":\"fd00::1\",\"port\":80,\"http\":\"PUT\"}", "net", NULL);
	unmet(f, "{" SEND ",\"address\":\"11.0.0.1\",\"port\":80,\"http\":\"PUT\"}", "net",
	      "address");
	unmet(f, "{" SEND ",\"address\":\"10.0.0.1\",\"port\":81,\"http\":\"PUT\"}", "net", "port");
	unmet(f, "{" SEND ",\"address\":\"10.0.0.1\",\"http\":\"PUT\"}", "net", "port");
	unmet(f, "{" SEND ",\"address\":\"10.0.0.1\",\"port\":80,\"http\":\"GET\"}", "net", "http");
	unmet(f, "{" SEND ",\"address\":\"10.0.0.1\",\"port\":80}", "net", "http");

	unmet(f, "{\"op\":\"exec\"," P ",\"path\":\"/x\",\"argv\":[\"gh\",\"auth\"]}", "run", NULL);
	unmet(f, "{\"op\":\"exec\"," P ",\"path\":\"/x\",\"argv\":[\"gh\",\"aut\",\"h\"]}", "run",
	      "argv");
	unmet(f, "{\"op\":\"exec\"," P ",\"path\":\"/x\"}", "run", "argv");
}

struct failures {
	size_t count, number;
	char kind[8], unmet[16];
};

static void failed(void *arg, const char *kind, size_t n, json_t *operation, const char *unmet)
{
	struct failures *f = arg;

	assert_true(json_is_object(operation));
	f->count++;
	f->number = n;
	snprintf(f->kind, sizeof(f->kind), "%s", kind);
	snprintf(f->unmet, sizeof(f->unmet), "%s", unmet ?: "-");
}

#define OP(path) "{\"op\":\"read\"," P ",\"path\":\"" path "\"}"

static void test_own_tests(void **state)
{
	struct fixture *f = *state;
	struct failures failures = { 0 };

	rule_dir_rule(&f->d, "good", "read", "kill",
		      ",\"path\":[\"/a\"],\"tests\":{\"fires\":[" OP(
			      "/a") "],"
				    "\"quiet\":[" OP("/b") "," OP("/c") "]}");
	rule_dir_rule(&f->d, "misses", "read", "kill",
		      ",\"path\":[\"/a\"],\"tests\":{\"fires\":[" OP("/a") "," OP("/b") "]}");
	rule_dir_rule(&f->d, "fires", "read", "kill",
		      ",\"path\":[\"/a\"],\"tests\":{\"quiet\":[" OP("/a") "]}");
	rule_dir_rule(&f->d, "none", "read", "kill", ",\"path\":[\"/a\"]");
	rule_dir_compile(&f->d, &f->set, &f->t);
	assert_int_equal(simulate_rule_tests(f->t, f->set, number(f, "good"), failed, &failures),
			 3);
	assert_int_equal(simulate_rule_tests(f->t, f->set, number(f, "none"), failed, &failures),
			 0);
	assert_int_equal(failures.count, 0);
	assert_int_equal(simulate_rule_tests(f->t, f->set, number(f, "misses"), failed, &failures),
			 2);
	assert_int_equal(failures.count, 1);
	assert_int_equal(failures.number, 1);
	assert_string_equal(failures.kind, "fires");
	assert_string_equal(failures.unmet, "path");
	assert_int_equal(simulate_rule_tests(f->t, f->set, number(f, "fires"), failed, &failures),
			 1);
	assert_int_equal(failures.count, 2);
	assert_int_equal(failures.number, 0);
	assert_string_equal(failures.kind, "quiet");
	assert_string_equal(failures.unmet, "-");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_outcome),	 T(test_above),	 T(test_places), T(test_sets_of_places),
		T(test_new_directories), T(test_labels), T(test_counts), T(test_unmet),
		T(test_own_tests),	 T(test_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
