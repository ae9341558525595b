// SPDX-License-Identifier: GPL-2.0-only
/* test_table_root.c - the frame of a table: what is taken, and what its faults are called. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/table_root.h"

static const struct {
	const char *text, *error;
} bad[] = {
	{ "", "t.json:1: " },
	{ "{\n{", "t.json:2: " },
	{ "{\"table\": \"x\", \"table\": \"x\", \"list\": [1]}", "t.json:1: duplicate object key" },
	{ "[1]", "t.json: /table: must be \"x\"" },
	{ "{\"list\": [1]}", "t.json: /table: must be \"x\"" },
	{ "{\"table\": 1, \"list\": [1]}", "t.json: /table: must be \"x\"" },
	{ "{\"table\": \"xy\", \"list\": [1]}", "t.json: /table: must be \"x\"" },
	{ "{\"table\": \"x\"}", "t.json: /list: must be an array with at least one" },
	{ "{\"table\": \"x\", \"list\": []}", "t.json: /list: must be an array" },
	{ "{\"table\": \"x\", \"list\": {\"a\": 1}}", "t.json: /list: must be an array" },
	{ "{\"table\": \"x\", \"list\": [1], \"lists\": [1]}", "t.json: /lists: unknown key" },
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error e = { .text = "" };
		json_t *root = NULL;

		assert_int_equal(table_root_read(&root, "t.json", bad[i].text, strlen(bad[i].text),
						 "x", "list", &e),
				 -EINVAL);
		assert_null(root);
		if (strncmp(e.text, bad[i].error, strlen(bad[i].error)) != 0)
			fail_msg("%s: got: %s, wanted: %s", bad[i].text, e.text, bad[i].error);
	}
}

static void good(void **state)
{
	static const char text[] = "{\"table\": \"x\", \"note\": \"n\", \"list\": [1, 2]} ";
	struct error e = { .text = "" };
	json_t *root = NULL;

	(void)state;
	assert_int_equal(table_root_read(&root, "t.json", text, strlen(text), "x", "list", &e), 0);
	assert_int_equal(json_array_size(json_object_get(root, "list")), 2);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults),
		cmocka_unit_test(good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
