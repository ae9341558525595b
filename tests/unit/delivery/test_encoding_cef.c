// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_encoding_cef.c - headers and pairs, and what must be escaped in them. $CEF_SHOW: print
 * events.jsonl in CEF; tests/run/encodings.test.sh reads it with liblognorm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/encoding.h"

static void is(const char *event, const char *want)
{
	_json_ json_t *v = json_loads(event, 0, NULL);
	_buf_ struct buf out = BUF_INIT;

	assert_non_null(v);
	encode_cef(&out, v);
	assert_string_equal(out.at, want);
}

static void lines(void **state)
{
	(void)state;
	is("{\"@timestamp\":\"1970-01-01T00:00:01.5Z\",\"event\":{\"id\":\"a-1\",\"severity\":99},"
	   "\"rule\":{\"id\":\"r\",\"name\":\"R\"},\"wormsign\":{\"version\":\"1\"},\"process\":{"
	   "\"pid\":42,\"name\":\"n\",\"executable\":\"/bin/"
	   "n\"},\"threat\":{\"technique\":{\"id\":["
	   "\"T1\",\"T2\"]},\"tactic\":{\"name\":[\"A\",\"B\"]}},\"file\":{\"path\":\"/a/"
	   "b\"},\"package\":{\"name\":\"x\"}}",
	   "CEF:0|Wormsign|Wormsign|1|r|R|10|rt=1500 externalId=a-1 spid=42 sproc=/bin/n "
	   "filePath=/a/b fname=b cs1=x cs1Label=package cs5=T1,T2 cs5Label=technique "
	   "flexString1=A,B flexString1Label=tactic");
	/* no rule: what happened; what is missing or empty is left out */
	is("{\"event\":{\"action\":\"exec\"},\"message\":\"\",\"threat\":{\"technique\":{\"id\":[]}"
	   "},"
	   "\"wormsign\":{\"version\":\"1\"}}",
	   "CEF:0|Wormsign|Wormsign|1|exec|exec|1|");
}

static void escapes(void **state)
{
	(void)state;
	is("{\"rule\":{\"id\":\"a|b\\\\c=d\\ne\"},\"event\":{\"action\":\"x\"},\"wormsign\":{"
	   "\"version\":\"1\"},\"message\":\"a|b\\\\c=d\\ne\\rf\\u001b\\u00fc\"}",
	   "CEF:0|Wormsign|Wormsign|1|a\\|b\\\\c=d e|x|1|msg=a|b\\\\c\\=d\\ne\\rf?\xc3\xbc");
}

static void every_kind(void **state)
{
	_fclose_ FILE *f = fopen("tests/unit/delivery/events.jsonl", "re");
	_free_ char *line = NULL;
	size_t room = 0;

	(void)state;
	while (getline(&line, &room, f) > 0) {
		_json_ json_t *event = json_loads(line, 0, NULL);
		_buf_ struct buf out = BUF_INIT;

		encode_cef(&out, event);
		assert_false(out.failed);
		assert_null(strpbrk(out.at, "\r\n"));
		assert_non_null(strstr(out.at, " externalId="));
		if (getenv("CEF_SHOW"))
			puts(out.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(escapes),
		cmocka_unit_test(every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
