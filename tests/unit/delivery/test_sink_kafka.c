// SPDX-License-Identifier: GPL-2.0-only
/* test_sink_kafka.c - targets and keys; tests/run/kafka.test.sh sends. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/sink_kafka.h"

static void targets(void **state)
{
	static const char *const wrong[] = {
		"http://h/t",	   "kafka://h:1",     "kafka:///t",	   "kafka://h:1/",
		"kafka://h:1/a/b", "kafka://h:1/a b", "kafka://u:p@h:1/t", "localhost:1/t",
	};
	struct kafka_address a;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(kafka_parse(&a, "kafka://h:1,i:2/wormsign.events", &e), 0);
	assert_false(a.tls);
	assert_string_equal(a.brokers, "h:1,i:2");
	assert_string_equal(a.topic, "wormsign.events");
	assert_int_equal(kafka_parse(&a, "kafkas://h:1/t", &e), 0);
	assert_true(a.tls);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(kafka_parse(&a, wrong[i], NULL), -EINVAL);
}

static void keys(void **state)
{
	(void)state;
	assert_int_equal(kafka_key("0123456789abcdef-17"), 16);
	assert_int_equal(kafka_key("gap-0123456789abcdef-1"), 20);
	assert_int_equal(kafka_key("x"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
