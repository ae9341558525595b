// SPDX-License-Identifier: GPL-2.0-only
/* test_spool_export.c - whatever the spool holds, what is printed is one object a line, in ASCII.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/spool.h"
#include "delivery/spool_export.h"

static void append(struct spool *s, enum spool_stream stream, const char *body, size_t len)
{
	assert_int_equal(spool_append(s, stream, "id", body, len, NULL), 0);
}

static void anything(void **state)
{
	const struct spool_limits limits = SPOOL_LIMITS;
	char top[] = "/tmp/spool-export.XXXXXX", command[64];
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	struct error e = { 0 };
	struct spool *s;
	uint64_t odd = 0;
	_close_ int dir = -1;

	(void)state;
	assert_non_null(mkdtemp(top));
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(spool_open(&s, dir, &limits, &e), 0);
	append(s, SPOOL_ALERTS, "{\"n\": 1.50}", 11);
	append(s, SPOOL_ALERTS, "{\"n\":\n2}", 8);
	append(s, SPOOL_ALERTS, "{\"a\":\"\xc3\xbc\x7f\"}", 11);
	append(s, SPOOL_ALERTS, "\x1b]0;title\x07", 10);
	append(s, SPOOL_ALERTS, "[1]", 3);
	append(s, SPOOL_EVENTS, "{\"n\":3}", 7);
	assert_int_equal(spool_sync(s, &e), 0);
	spool_close(s);
	assert_int_equal(spool_export(dir, 0, to, &odd, &e), 0);
	fclose(to);
	assert_string_equal(text,
			    "{\"n\": 1.50}\n{\"n\":2}\n{\"a\":\"\\u00FC\\u007f\"}\n{\"n\":3}\n");
	assert_int_equal(odd, 2);
	free(text);
	to = open_memstream(&text, &len);
	assert_int_equal(spool_export(dir, UINT64_MAX, to, &odd, &e), 0);
	fclose(to);
	assert_string_equal(text, "");
	free(text);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
