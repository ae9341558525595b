// SPDX-License-Identifier: GPL-2.0-only
/* test_sink_http.c - what each status and each answer means, and the bodies of the profiles. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/sink_http.h"

static struct sink_event events[2];
static struct sink_result result;

static void fresh(void)
{
	static const char one[] =
		"{\"@timestamp\":\"1970-01-01T00:00:01.5Z\",\"message\":\"m\",\"event\":{\"id\":"
		"\"a-1\",\"kind\":\"alert\",\"severity\":99},\"host\":{\"name\":\"h\"},"
		"\"process\":{\"pid\":42,\"args\":[\"x\",\"y\"]},\"n\":1.5,\"b\":true,\"z\":null}";

	events[0] = (struct sink_event){ .id = "a-1",
					 .body = one,
					 .body_len = strlen(one),
					 .text = one,
					 .text_len = strlen(one) };
	events[1] = (struct sink_event){
		.id = "a-2", .body = "{}", .body_len = 2, .text = "{}", .text_len = 2
	};
	result = (struct sink_result){ 0 };
}

static void judge(const struct http_profile *p, long status, const char *text, size_t count)
{
	fresh();
	http_judge(p, status, 7, text, strlen(text), events, count, &result);
}

static void statuses(void **state)
{
	static const long kept[] = { 301, 401, 403, 404, 407, 408, 429, 500, 502, 503, 504 };
	static const long refused[] = { 400, 413, 415, 422 };

	(void)state;
	judge(&profile_loki, 204, "", 2);
	assert_true(events[0].fate == SINK_DONE && events[1].fate == SINK_DONE);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		judge(&profile_loki, kept[i], "", 2);
		assert_true(events[0].fate == SINK_KEPT && !result.split);
		assert_int_equal(result.wait_ms, 7000);
		assert_non_null(strstr(result.why, "HTTP status"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		judge(&profile_loki, refused[i], "", 2);
		assert_true(events[0].fate == SINK_KEPT && result.split);
		judge(&profile_loki, refused[i], "", 1);
		assert_true(events[0].fate == SINK_REFUSED && !result.split);
	}
	/* nginx's word about a certificate says nothing about the events; about their size, it does
	 */
	judge(&profile_loki, 400, "\r\n<html><title>400 No required SSL certificate</title>", 1);
	assert_true(events[0].fate == SINK_KEPT && !result.split);
	judge(&profile_loki, 400, "\n<html>", 2);
	assert_true(events[0].fate == SINK_KEPT && !result.split);
	judge(&profile_loki, 413, "<html>", 1);
	assert_true(events[0].fate == SINK_REFUSED);
	fresh();
	http_judge(&profile_loki, 429, 1000000, "", 0, events, 1, &result);
	assert_int_equal(result.wait_ms, 3600000);
}

static void elastic_answers(void **state)
{
	(void)state;
	judge(&profile_elastic, 200,
	      "{\"errors\":true,\"items\":[{\"create\":{\"status\":409}},{\"create\":{\"status\":"
	      "429}}]}",
	      2);
	assert_true(events[0].fate == SINK_DONE && events[1].fate == SINK_KEPT);
	judge(&profile_elastic, 200,
	      "{\"items\":[{\"create\":{\"status\":400,\"error\":{\"type\":\"mapper\"}}},"
	      "{\"create\":{\"status\":201}}]}",
	      2);
	assert_true(events[0].fate == SINK_REFUSED && events[1].fate == SINK_DONE);
	assert_string_equal(result.why, "item status 400: mapper");
	/* the index is what is wrong */
	judge(&profile_elastic, 200,
	      "{\"items\":[{\"create\":{\"status\":400,\"error\":{\"type\":"
	      "\"index_closed_exception\"}}},{\"create\":{\"status\":400,\"error\":{\"type\":"
	      "\"invalid_index_name_exception\"}}}]}",
	      2);
	assert_true(events[0].fate == SINK_KEPT && events[1].fate == SINK_KEPT);
	static const char *const garbage[] = { "",	 "null",
					       "{}",	 "{\"items\":[]}",
					       "<html>", "{\"items\":[1,2,3]}" };
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		judge(&profile_elastic, 200, garbage[i], 2);
		assert_true(events[0].fate == SINK_KEPT && events[1].fate == SINK_KEPT);
	}
	/* items that are something else */
	judge(&profile_elastic, 200, "{\"items\":[1,{\"create\":[]}]}", 2);
	assert_true(events[0].fate == SINK_KEPT && events[1].fate == SINK_KEPT);
}

static void other_answers(void **state)
{
	(void)state;
	judge(&profile_splunk, 200, "{\"text\":\"Success\",\"code\":0}", 2);
	assert_true(events[1].fate == SINK_DONE);
	judge(&profile_splunk, 200, "{\"text\":\"Success\"}", 2);
	assert_true(events[1].fate == SINK_KEPT);
	judge(&profile_splunk, 400, "{\"text\":\"Invalid data format\",\"code\":6}", 1);
	assert_true(events[0].fate == SINK_REFUSED);
	judge(&profile_splunk, 400, "{\"text\":\"Incorrect index\",\"code\":7}", 1);
	assert_true(events[0].fate == SINK_KEPT);
	judge(&profile_otlp, 200, "{\"partialSuccess\":{}}", 2);
	assert_true(events[1].fate == SINK_DONE);
	judge(&profile_otlp, 200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\"}}", 2);
	assert_true(events[0].fate == SINK_REFUSED && events[1].fate == SINK_REFUSED);
	judge(&profile_otlp, 200, "ok", 2);
	assert_true(events[1].fate == SINK_KEPT);
}

static void url_of(const struct http_profile *p, char *target, const char *want)
{
	struct sink_settings s = { .target = target };
	_buf_ struct buf out = BUF_INIT;

	p->url(&out, &s);
	assert_string_equal(out.at, want);
}

static void urls(void **state)
{
	(void)state;
	url_of(&profile_elastic, "https://h:9200", "https://h:9200/_bulk");
	url_of(&profile_elastic, "https://h/x/_bulk?a=b", "https://h/x/_bulk?a=b");
	url_of(&profile_elastic, "https://h/?pipeline=p", "https://h/_bulk?pipeline=p");
	url_of(&profile_splunk, "https://h/", "https://h/services/collector/event");
	url_of(&profile_otlp, "http://h:4318", "http://h:4318/v1/logs");
	url_of(&profile_loki, "http://h", "http://h/loki/api/v1/push");
	url_of(&profile_webhook, "http://h/a?b", "http://h/a?b");
}

static json_t *body_of(const struct http_profile *p, size_t count, const char *skip_line)
{
	struct sink_settings s = { 0 };
	_buf_ struct buf out = BUF_INIT;
	const char *from;
	json_t *v;

	fresh();
	p->body(&out, &s, events, count);
	assert_false(out.failed);
	from = skip_line ? strchr(out.at, '\n') + 1 : out.at;
	v = json_loads(from, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(v);
	return v;
}

static void bodies(void **state)
{
	_json_ json_t *elastic = body_of(&profile_elastic, 2, "");
	_json_ json_t *action = body_of(&profile_elastic, 2, NULL);
	_json_ json_t *splunk = body_of(&profile_splunk, 2, NULL);
	_json_ json_t *loki = body_of(&profile_loki, 2, NULL);
	_json_ json_t *otlp = body_of(&profile_otlp, 2, NULL);
	json_t *record, *attributes, *attribute;
	bool pid = false, args = false;
	size_t i;

	(void)state;
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(action, "create"), "_id")),
		"a-1");
	assert_string_equal(json_string_value(json_object_get(elastic, "message")), "m");
	assert_true(json_real_value(json_object_get(splunk, "time")) == 1.5);
	assert_string_equal(json_string_value(json_object_get(splunk, "host")), "h");
	assert_int_equal(json_array_size(json_object_get(loki, "streams")), 2);
	record = json_array_get(json_object_get(loki, "streams"), 0);
	assert_string_equal(json_string_value(json_array_get(
				    json_array_get(json_object_get(record, "values"), 0), 0)),
			    "1500000000");
	record = json_array_get(json_object_get(otlp, "resourceLogs"), 0);
	record = json_array_get(json_object_get(record, "scopeLogs"), 0);
	assert_int_equal(json_array_size(json_object_get(record, "logRecords")), 2);
	record = json_array_get(json_object_get(record, "logRecords"), 0);
	assert_string_equal(json_string_value(json_object_get(record, "timeUnixNano")),
			    "1500000000");
	assert_int_equal(json_integer_value(json_object_get(record, "severityNumber")), 21);
	attributes = json_object_get(record, "attributes");
	json_array_foreach(attributes, i, attribute) {
		const char *key = json_string_value(json_object_get(attribute, "key"));
		json_t *value = json_object_get(attribute, "value");

		assert_string_not_equal(key, "z");
		assert_string_not_equal(key, "message");
		if (strcmp(key, "process.pid") == 0)
			pid = strcmp(json_string_value(json_object_get(value, "intValue")), "42") ==
			      0;
		if (strcmp(key, "process.args") == 0)
			args = json_array_size(json_object_get(json_object_get(value, "arrayValue"),
							       "values")) == 2;
	}
	assert_true(pid && args);
}

static void webhook_headers(void **state)
{
	struct sink_settings s = { .hmac = { .at = "Jefe", .len = 4 } };
	static const char body[] = "what do ya want for nothing?"; /* RFC 4231 */
	_buf_ struct buf out = BUF_INIT;

	(void)state;
	fresh();
	profile_webhook.headers(&out, &s, events, body, strlen(body));
	assert_string_equal(out.at, "X-Wormsign-Event: a-1");
	assert_string_equal(out.at + strlen(out.at) + 1,
			    "X-Wormsign-Signature-256: sha256=5bdcc146bf60754e6a042426089575c7"
			    "5a003f089d2739839dec58b964ec3843");
}

static void targets(void **state)
{
	static const struct {
		const char *target;
		bool authorization, ok;
	} table[] = {
		{ "https://h/x", true, true },	    { "http://h", false, true },
		{ "http://h", true, false },	    { "http://127.0.0.1:9/x", true, true },
		{ "http://localhost", true, true }, { "http://127.0.0.1.evil.test", true, false },
		{ "https://u:p@h/", false, false }, { "ftp://h", false, false },
		{ "https://", false, false },	    { "https://h/a@b", false, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct sink_settings s = { .type = "loki",
					   .target = (char *)table[i].target,
					   .authorization_file = table[i].authorization ? "/x"
											: NULL };

		assert_int_equal(sink_loki.check(&s, NULL) == 0, table[i].ok);
	}
}

/* What a receiver or a proxy repeats of a credential is in no text of ours. */
static void repeated(void **state)
{
	char token[] = "Bearer s3cr3t-t0ken-of-the-machine", word[] = "abcde";
	struct sink_settings s = { .authorization = { token, strlen(token) },
				   .proxy_authorization = { word, strlen(word) } };
	static const struct {
		const char *said, *shown;
	} cases[] = {
		{ "rejected: s3cr3t-t0ken-of-the-machine!",
		  "rejected:****************************!" },
		{ "is s3cr3t-t not known", "is********* not known" }, /* a piece that was cut */
		{ "t0ken-of, t0ken-o", "********, t0ken-o" },
		{ "Bearer x, machine", "Bearer x, machine" }, /* fewer than 8 in one piece */
		{ "abcde, abcd", "*****, abcd" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		sink_why(&result, "%s", cases[i].said);
		sink_hide(&result, &s);
		assert_string_equal(result.why, cases[i].shown);
	}
	s = (struct sink_settings){ 0 };
	sink_why(&result, "%s", cases[0].said);
	sink_hide(&result, &s);
	assert_string_equal(result.why, cases[0].said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeated),
		cmocka_unit_test(statuses),
		cmocka_unit_test(elastic_answers),
		cmocka_unit_test(other_answers),
		cmocka_unit_test(urls),
		cmocka_unit_test(bodies),
		cmocka_unit_test(webhook_headers),
		cmocka_unit_test(targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
