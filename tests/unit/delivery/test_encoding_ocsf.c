// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_encoding_ocsf.c - every kind of event (events.jsonl: of a real session, and variants of it)
 * is one of OCSF by ocsf.schema.json. $OCSF_SHOW: print what was made, for other validators.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/encoding.h"
#include "delivery/json_path.h"
#include "json_schema.h"

static json_t *schema, *log_schema;

static int setup(void **state)
{
	(void)state;
	schema = json_load_file("tests/unit/delivery/ocsf.schema.json", 0, NULL);
	log_schema = json_load_file("user/event.schema.json", 0, NULL);
	return schema && log_schema ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(schema);
	json_decref(log_schema);
	return 0;
}

static json_t *encode(const json_t *event)
{
	_buf_ struct buf out = BUF_INIT;
	json_t *v;

	encode_ocsf(&out, event);
	assert_false(out.failed);
	assert_null(strchr(out.at, '\n'));
	if (getenv("OCSF_SHOW"))
		puts(out.at);
	v = json_loads(out.at, 0, NULL);
	assert_non_null(v);
	return v;
}

static void conforms(json_t *v)
{
	char name[64], why[1024] = "";

	snprintf(name, sizeof(name), "#/$defs/class_%d",
		 (int)json_integer_value(json_object_get(v, "class_uid")));
	json_object_set_new(schema, "$ref", json_string(name));
	if (json_schema_check(schema, v, why, sizeof(why)) != 0)
		fail_msg("%s: %s", name, why);
	/* each number of a type is that of its class and activity, too */
	assert_int_equal(json_integer_value(json_object_get(v, "type_uid")),
			 json_integer_value(json_object_get(v, "class_uid")) * 100 +
				 json_integer_value(json_object_get(v, "activity_id")));
}

static void every_kind(void **state)
{
	_fclose_ FILE *f = fopen("tests/unit/delivery/events.jsonl", "re");
	_json_ json_t *seen = json_object();
	_free_ char *line = NULL;
	size_t room = 0;

	(void)state;
	while (getline(&line, &room, f) > 0) {
		_json_ json_t *event = json_loads(line, 0, NULL), *v = encode(event);
		char class[16], why[1024] = "";

		/* the samples are events of the log */
		if (json_schema_check(log_schema, event, why, sizeof(why)) != 0)
			fail_msg("events.jsonl: %s", why);
		conforms(v);
		snprintf(class, sizeof(class), "%d",
			 (int)json_integer_value(json_object_get(v, "class_uid")));
		json_object_set_new(seen, class, json_true());
	}
	assert_int_equal(json_object_size(seen), 6);
}

static void is(const json_t *v, const char *path, const char *want)
{
	_free_ char *text = json_dumps(json_path_get(v, path), JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text || strcmp(text, want) != 0)
		fail_msg("%s is %s, not %s", path, text ?: "missing", want);
}

static void a_finding(void **state)
{
	_json_ json_t *event = json_loads(
		"{\"@timestamp\":\"1970-01-01T00:00:01.5Z\",\"message\":\"m\",\"event\":{\"id\":"
		"\"a-"
		"1\",\"kind\":\"alert\",\"action\":\"verdict\",\"severity\":99,\"outcome\":"
		"\"failure\"},\"host\":{\"name\":\"h\"},\"process\":{\"pid\":42},\"rule\":{\"id\":"
		"\"r\",\"name\":\"R\"},\"file\":{\"path\":\"/a/b\"},\"package\":{\"name\":\"x\"},"
		"\"threat\":{\"technique\":{\"id\":[\"T1\",\"T2\"],\"name\":[\"a\",\"b\"],"
		"\"subtechnique\":{\"id\":[\"T2.1\"],\"name\":[\"c\"]}},\"tactic\":{\"id\":"
		"[\"TA1\"],\"name\":[\"d\"]}},\"wormsign\":{\"version\":"
		"\"1\","
		"\"session\":\"s\",\"effect\":\"killed-before\",\"operation\":\"read\"}}",
		0, NULL);
	_json_ json_t *v = encode(event);

	(void)state;
	conforms(v);
	is(v, "class_uid", "2004");
	is(v, "severity_id", "5");
	is(v, "time", "1500");
	is(v, "status_id", "2");
	is(v, "disposition_id", "2");
	is(v, "finding_info.analytic", "{\"uid\":\"r\",\"name\":\"R\",\"type_id\":1}");
	is(v, "finding_info.attacks",
	   "[{\"technique\":{\"uid\":\"T1\",\"name\":\"a\"}},"
	   "{\"technique\":{\"uid\":\"T2\",\"name\":\"b\"},"
	   "\"sub_technique\":{\"uid\":\"T2.1\",\"name\":\"c\"}},"
	   "{\"tactic\":{\"uid\":\"TA1\",\"name\":\"d\"}}]");
	is(v, "evidences",
	   "[{\"process\":{\"pid\":42},\"file\":{\"path\":\"/a/"
	   "b\",\"name\":\"b\",\"type_id\":0}}]");
	is(v, "resources", "[{\"name\":\"x\",\"type\":\"package\"}]");
	is(v, "unmapped.wormsign.operation", "\"read\"");
}

/* What the spool says of itself has neither a process nor a session; a spool can hold anything. */
static void no_session(void **state)
{
	_json_ json_t *gap =
		json_loads("{\"@timestamp\":\"1970-01-01T00:00:01Z\",\"event\":{"
			   "\"id\":\"g\",\"action\":\"gap\",\"kind\":\"pipeline_error\"},"
			   "\"wormsign\":{\"lost\":{\"events\":5}}}",
			   0, NULL);
	_json_ json_t *odd = json_loads("{\"event\":[1],\"process\":\"x\",\"host\":7}", 0, NULL);
	_json_ json_t *v = encode(gap), *w = encode(odd);

	(void)state;
	conforms(v);
	is(v, "class_uid", "0");
	is(v, "activity_name", "\"gap\"");
	is(w, "class_uid", "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(a_finding),
		cmocka_unit_test(no_session),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
