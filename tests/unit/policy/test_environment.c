// SPDX-License-Identifier: GPL-2.0-only
/* test_environment.c - the table of variables: what is read, what is an error, and the shipped one.
 */
#include "policy/environment.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static int read_text(struct environment_table *t, const char *text, struct error *e)
{
	_json_ json_t *root = json_loads(text, 0, NULL);

	assert_non_null(root);
	return environment_read(t, root, "x.json", e);
}

static void test_entries(void **state)
{
	CLEANUP(environment_free) struct environment_table t = { 0 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(read_text(&t,
				   "{\"table\": \"environment\", \"entries\": [{\"class\": "
				   "\"sockets\", \"variables\": [\"A_B\", \"C\"], \"list\": true, "
				   "\"below\": [\"x/y\"], \"source\": \"https://example.org/\"}]}",
				   &e),
			 0);
	/* a second file adds to it */
	assert_int_equal(read_text(&t,
				   "{\"table\": \"environment\", \"entries\": [{\"class\": "
				   "\"credentials\", \"variables\": [\"D\"], \"source\": "
				   "\"https://example.org/\"}]}",
				   &e),
			 0);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.at[0].class, ENVIRONMENT_SOCKETS);
	assert_int_equal(t.at[0].variables.count, 2);
	assert_string_equal(t.at[0].variables.at[1], "C");
	assert_true(t.at[0].list);
	assert_string_equal(t.at[0].below.at[0], "x/y");
	assert_int_equal(t.at[1].class, ENVIRONMENT_CREDENTIALS);
	assert_false(t.at[1].list);
}

static void test_wrong(void **state)
{
#define ENTRY(members) "{\"table\": \"environment\", \"entries\": [{" members "}]}"
#define SOURCE	       ", \"source\": \"https://example.org/\""
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "{\"table\": \"environment\"}", "x.json: /: `entries` is missing" },
		{ ENTRY("\"class\": \"secret\", \"variables\": [\"A\"]" SOURCE),
		  "x.json: /entries/0/class: unknown name `secret`, must be one of: credentials" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": [\"A=B\"]" SOURCE),
		  "x.json: /entries/0/variables/0: `A=B` is not the name of a variable" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": [\"1A\"]" SOURCE),
		  "x.json: /entries/0/variables/0: `1A` is not the name of a variable" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": []" SOURCE),
		  "x.json: /entries/0/variables: must be a list of at least one string" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": [\"A\"]"),
		  "x.json: /entries/0: `source` is missing" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": [\"A\"], \"source\": \"http://x\""),
		  "x.json: /entries/0/source: must be an https:// address" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": [\"A\"], \"list\": 1" SOURCE),
		  "x.json: /entries/0/list: must be true or false" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": [\"A\"], \"below\": "
			"[\"../x\"]" SOURCE),
		  "x.json: /entries/0/below/0: must be a path below the directory" },
		{ ENTRY("\"class\": \"netrc\", \"variables\": [\"A\"], \"files\": 1" SOURCE),
		  "x.json: /entries/0/files: unknown key" },
		{ ENTRY("\"class\": \"netrc\"" SOURCE),
		  "x.json: /entries/0: `variables` or `paths` is missing" },
		{ ENTRY("\"class\": \"netrc\", \"paths\": [\"a/b\"]" SOURCE),
		  "x.json: /entries/0/paths/0: must be /x, ~/x, $NAME/x, or a name without `/`" },
		{ ENTRY("\"class\": \"netrc\", \"paths\": [\"~/../x\"]" SOURCE),
		  "x.json: /entries/0/paths/0: must be /x, ~/x, $NAME/x, or a name without `/`" },
		{ ENTRY("\"class\": \"netrc\", \"paths\": [\"~\"]" SOURCE),
		  "x.json: /entries/0/paths/0: must be /x, ~/x, $NAME/x, or a name without `/`" },
		{ ENTRY("\"class\": \"netrc\", \"paths\": [\"$-/x\"]" SOURCE),
		  "x.json: /entries/0/paths/0: `$-/x` must begin with $NAME/" },
		{ ENTRY("\"class\": \"netrc\", \"paths\": [\"$A/../x\"]" SOURCE),
		  "x.json: /entries/0/paths/0: `..` is not possible here" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CLEANUP(environment_free) struct environment_table t = { 0 };
		struct error e = { 0 };

		assert_int_equal(read_text(&t, wrong[i].text, &e), -EINVAL);
		if (strncmp(e.text, wrong[i].says, strlen(wrong[i].says)) != 0)
			fail_msg("%s: %s", wrong[i].says, e.text);
	}
}

static bool names(const struct environment_table *t, const char *variable,
		  enum environment_class class)
{
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->at[i].variables.count; k++)
			if (strcmp(t->at[i].variables.at[k], variable) == 0)
				return t->at[i].class == class;
	return false;
}

static void test_shipped(void **state)
{
	CLEANUP(environment_free) struct environment_table t = { 0 };
	_json_ json_t *root = json_load_file("rules/data/environment.json", 0, NULL);
	struct error e = { 0 };

	(void)state;
	assert_non_null(root);
	if (environment_read(&t, root, "environment.json", &e) < 0)
		fail_msg("%s", e.text);
	assert_true(names(&t, "GOOGLE_APPLICATION_CREDENTIALS", ENVIRONMENT_CREDENTIALS));
	assert_true(names(&t, "SSH_AUTH_SOCK", ENVIRONMENT_SOCKETS));
	assert_true(names(&t, "GITHUB_ENV", ENVIRONMENT_STEP_FILES));
	assert_true(names(&t, "NODE_EXTRA_CA_CERTS", ENVIRONMENT_CERTIFICATES));
	/* each variable once: two classes for one file would contradict each other */
	for (size_t i = 0; i < t.count; i++)
		for (size_t k = 0; k < t.at[i].variables.count; k++) {
			const char *name = t.at[i].variables.at[k];
			size_t times = 0;

			for (size_t j = 0; j < t.count; j++)
				for (size_t m = 0; m < t.at[j].variables.count; m++)
					times += strcmp(t.at[j].variables.at[m], name) == 0;
			if (times != 1)
				fail_msg("%s is listed %zu times", name, times);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
