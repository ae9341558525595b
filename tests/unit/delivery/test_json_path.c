// SPDX-License-Identifier: GPL-2.0-only
/* test_json_path.c - members found and made by their path. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/json_path.h"

static void is(const json_t *v, const char *want)
{
	_free_ char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_string_equal(text, want);
}

static void get(void **state)
{
	_json_ json_t *v = json_loads("{\"a\":{\"b.c\":1,\"b\":{\"c\":[2]}},\"d\":3}", 0, NULL);

	(void)state;
	is(json_path_get(v, "a.b.c"), "[2]");
	is(json_path_get(v, "d"), "3");
	assert_null(json_path_get(v, "d.x"));
	assert_null(json_path_get(v, "a.b.x.y"));
	assert_null(json_path_get(NULL, "a"));
}

static void set(void **state)
{
	_json_ json_t *v = json_object();

	(void)state;
	json_path_set(v, "a.b", json_integer(1));
	json_path_set(v, "a.b", json_integer(2)); /* the first stays */
	json_path_set(v, "a.c", NULL);
	json_path_set(v, "l[0].x", json_integer(3));
	json_path_set(v, "l[0].y.z", json_integer(4));
	json_path_set(v, "m[].x", json_integer(5));
	json_path_set(v, "m[].x", json_integer(6));
	json_path_set(v, "m[0].y", json_integer(9));
	json_path_set(v, "m[1].x", json_integer(10)); /* the first stays */
	json_path_set(v, "n[]", json_integer(7));
	json_path_set(v, "n[]", json_integer(8));
	is(v,
	   "{\"a\":{\"b\":1},\"l\":[{\"x\":3,\"y\":{\"z\":4}}],\"m\":[{\"x\":5,\"y\":9},{\"x\":6}],"
	   "\"n\":[7,8]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(get),
		cmocka_unit_test(set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
