// SPDX-License-Identifier: GPL-2.0-only
/* test_operation.c - operations described in JSON: every key, what is needed, and what is wrong. */
#include "policy/operation.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static int parse(struct operation *o, json_t **ret_owner, const char *text, struct error *e)
{
	*ret_owner = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(*ret_owner);
	return operation_parse(o, *ret_owner, e);
}

static void test_every_key(void **state)
{
	_json_ json_t *owner = NULL;
	struct operation o;

	(void)state;
	assert_int_equal(
		parse(&o, &owner,
		      "{\"op\":\"send\",\"actor\":\"project\",\"place\":\"own\",\"path\":\"/p\","
		      "\"exe\":\"/e\",\"argv\":[\"a\",\"\"],\"labels\":[\"l\"],"
		      "\"session_labels\":[],\"package\":\"@a/b\",\"address\":\"::1\","
		      "\"port\":443,\"http\":\"PUT\",\"times\":3,\"bytes\":9223372036854775807}",
		      NULL),
		0);
	assert_int_equal(o.op, WS_OP_SEND);
	assert_int_equal(o.actor, WS_ACTOR_PROJECT);
	assert_int_equal(o.places, WS_PLACE_BIT(WS_PLACE_OWN));
	assert_string_equal(o.path, "/p");
	assert_string_equal(o.exe, "/e");
	assert_int_equal(json_array_size(o.argv), 2);
	assert_int_equal(json_array_size(o.labels), 1);
	assert_non_null(o.session_labels);
	assert_string_equal(o.package, "@a/b");
	assert_string_equal(o.address, "::1");
	assert_int_equal(o.port, 443);
	assert_int_equal(o.http, WS_HTTP_PUT);
	assert_int_equal(o.times, 3);
	assert_int_equal(o.bytes, INT64_MAX);
	json_decref(owner);
	assert_int_equal(parse(&o, &owner,
			       "{\"op\":\"bpf\",\"actor\":\"job\",\"port\":1,\"bytes\":1}", NULL),
			 0);
	assert_int_equal(o.port, 1);
	assert_int_equal(o.bytes, 1);
}

static void test_defaults(void **state)
{
	_json_ json_t *owner = NULL;
	struct operation o;

	(void)state;
	assert_int_equal(parse(&o, &owner, "{\"op\":\"bpf\",\"actor\":\"job\"}", NULL), 0);
	assert_int_equal(o.places, 0);
	assert_null(o.path);
	assert_null(o.argv);
	assert_null(o.labels);
	assert_int_equal(o.port, 0);
	assert_int_equal(o.http, WS_HTTP_NONE);
	assert_int_equal(o.times, 1);
	assert_int_equal(o.bytes, 0);
}

#define BPF "{\"op\":\"bpf\",\"actor\":\"job\","

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "[]", "/: must be an object" },
		{ "{\"actor\":\"job\"}", "/: `op` is missing" },
		{ "{\"op\":\"bpf\"}", "/: `actor` is missing" },
		{ "{\"op\":\"read\",\"actor\":\"job\"}", "/: `path` is needed for read" },
		{ "{\"op\":\"connect\",\"actor\":\"job\"}", "/: `address` is needed for connect" },
		{ "{\"op\":\"fly\",\"actor\":\"job\"}", "/op: unknown name `fly`" },
		{ "{\"op\":\"bpf\",\"actor\":7}", "/actor: must be a string, one of: job" },
		{ BPF "\"place\":\"moon\"}", "/place: unknown name `moon`" },
		{ BPF "\"path\":\"x\"}", "/path: must be an absolute path" },
		{ BPF "\"path\":1}", "/path: must be an absolute path" },
		{ BPF "\"exe\":\"\"}", "/exe: must be an absolute path" },
		{ BPF "\"argv\":\"a\"}", "/argv: must be a list of strings" },
		{ BPF "\"argv\":[\"a\",1]}", "/argv: must be a list of strings" },
		{ BPF "\"labels\":{}}", "/labels: must be a list of strings" },
		{ BPF "\"session_labels\":[1]}", "/session_labels: must be a list of strings" },
		{ BPF "\"package\":1}", "/package: must be a string" },
		{ BPF "\"address\":\"10.0.0.0/8\"}", "/address: must be an IP address" },
		{ BPF "\"address\":1}", "/address: must be an IP address" },
		{ BPF "\"address\":\"host\"}", "/address: `host`: is not an IP address" },
		{ BPF "\"port\":0}", "/port: must be a number from 1 to 65535" },
		{ BPF "\"port\":65536}", "/port: must be a number from 1 to 65535" },
		{ BPF "\"port\":\"80\"}", "/port: must be a number from 1 to 65535" },
		{ BPF "\"http\":\"get\"}", "/http: unknown name `get`, must be one of: GET" },
		{ BPF "\"times\":0}", "/times: must be a number from 1 to 1000000" },
		{ BPF "\"times\":1000001}", "/times: must be a number from 1 to 1000000" },
		{ BPF "\"bytes\":-1}", "/bytes: must be a number from 1 to" },
		{ BPF "\"when\":1}", "/when: unknown key, must be one of: op, actor" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		_json_ json_t *owner = NULL;
		struct operation o = { .times = 99 };
		struct error e = { 0 };

		if (parse(&o, &owner, table[i].text, &e) != -EINVAL ||
		    strncmp(e.text, table[i].want, strlen(table[i].want)) != 0)
			fail_msg("%s: %s", table[i].text, e.text);
		assert_int_equal(o.times, 99); /* set only on success */
	}
}

/* As part of a file, the error says where in the file. */
static void test_within_a_file(void **state)
{
	_json_ json_t *v =
		json_loads("{\"op\":\"read\",\"actor\":\"job\",\"path\":\"x\"}", 0, NULL);
	struct error e = { 0 };
	struct reader rd = { .file = "f.json", .e = &e };
	struct operation o;

	(void)state;
	reader_enter(&rd, "/tests/fires/%d", 2);
	assert_int_equal(operation_read(&rd, v, &o), -EINVAL);
	assert_string_equal(e.text, "f.json: /tests/fires/2/path: must be an absolute path");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_within_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
