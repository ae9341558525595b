// SPDX-License-Identifier: GPL-2.0-only
/* test_metrics_serve.c - which addresses and which requests are good. Its process is tested by
 * tests/run/metrics.test.sh. */
#include <errno.h>
#include <string.h>

#include "agent/metrics_serve.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static void addresses(void **state)
{
	static const char *const good[] = { "/run/x.sock", "127.0.0.1:1", "127.1.2.3:65535",
					    "[::1]:9469" };
	static const char *const bad[] = {
		"",
		"x",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:0",
		"[::1]:65536",
		"127.0.0.1:1x",
		"0.0.0.0:1",
		"10.0.0.1:1",
		"[::]:1",
		"::1:9469",
		"[::1]",
		"localhost:1",
		"[fe80::1%1]:1",
		"127.0.0.1:-1",
		"[::1]:9469 ",
		"127.0.0.1:99999",
	};
	struct error e = { 0 };
	int fd = -1;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!metrics_address_good(good[i]))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (metrics_address_good(bad[i]))
			fail_msg("%s", bad[i]);
	assert_int_equal(metrics_listen(&fd, "0.0.0.0:1", &e), -EINVAL);
	assert_non_null(strstr(e.text, "0.0.0.0:1"));
	assert_int_equal(fd, -1);
}

static int request(const char *text)
{
	return metrics_request(text, strlen(text));
}

static void requests(void **state)
{
	static char long_one[METRICS_REQUEST_MAX];

	(void)state;
	assert_int_equal(request("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	assert_int_equal(request("GET /metrics?a=b HTTP/1.0\n\n"), 200);
	assert_int_equal(request("GET /metrics\r\n\r\n"), 200);
	assert_int_equal(request("GET /metricsx HTTP/1.1\r\n\r\n"), 404);
	assert_int_equal(request("GET / HTTP/1.1\r\n\r\n"), 404);
	assert_int_equal(request("GET \r\n\r\n"), 404);
	assert_int_equal(request("G"), 0);
	assert_int_equal(request("GET /metrics HTTP/1.1\r\n"), 0);
	assert_int_equal(request("POST /metrics HTTP/1.1\r\n\r\n"), 405);
	assert_int_equal(request("X"), 405);
	memset(long_one, 'x', sizeof(long_one));
	memcpy(long_one, "GET /", 5);
	assert_int_equal(metrics_request(long_one, sizeof(long_one) - 1), 0);
	assert_int_equal(metrics_request(long_one, sizeof(long_one)), 431);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(addresses),
					    cmocka_unit_test(requests) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
