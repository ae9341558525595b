// SPDX-License-Identifier: GPL-2.0-only
/* test_spool_record.c - written and read again; every changed byte is noticed. */
#include <errno.h>
#include <string.h>

#include "cmocka_all.h"
#include "delivery/spool_record.h"

static void there_and_back(void **state)
{
	struct spool_record in = { .sequence = 7,
				   .time = 99,
				   .kind = SPOOL_OWN,
				   .id = "abc",
				   .body = "{\"a\":1}",
				   .id_len = 3,
				   .body_len = 7 };
	uint8_t hash[SPOOL_HASH], again[SPOOL_HASH];
	_buf_ struct buf bytes = BUF_INIT;
	struct spool_record out;
	int n;

	(void)state;
	memset(in.before, 0x5a, SPOOL_HASH);
	assert_int_equal(spool_record_write(&bytes, &in, hash), 0);
	n = spool_record_read(&out, bytes.at, bytes.len, again);
	assert_int_equal(n, bytes.len);
	assert_int_equal(out.sequence, 7);
	assert_int_equal(out.time, 99);
	assert_int_equal(out.kind, SPOOL_OWN);
	assert_memory_equal(out.before, in.before, SPOOL_HASH);
	assert_memory_equal(out.id, "abc", out.id_len);
	assert_memory_equal(out.body, "{\"a\":1}", out.body_len);
	assert_memory_equal(hash, again, SPOOL_HASH);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(spool_record_read(&out, bytes.at, len, NULL), 0);
	for (size_t i = 0; i < bytes.len; i++) {
		bytes.at[i] ^= 4;
		assert_true(spool_record_read(&out, bytes.at, bytes.len, NULL) <= 0);
		bytes.at[i] ^= 4;
	}
}

static void limits(void **state)
{
	static char body[SPOOL_BODY_MAX + 1];
	struct spool_record r = { .sequence = 1,
				  .kind = SPOOL_EVENT,
				  .id = body,
				  .body = body,
				  .id_len = SPOOL_ID_MAX,
				  .body_len = SPOOL_BODY_MAX };
	uint8_t hash[SPOOL_HASH];
	_buf_ struct buf bytes = BUF_INIT;
	struct spool_record out;

	(void)state;
	assert_int_equal(spool_record_write(&bytes, &r, hash), 0);
	assert_int_equal(bytes.len, SPOOL_RECORD_MOST);
	assert_int_equal(spool_record_read(&out, bytes.at, bytes.len, NULL), SPOOL_RECORD_MOST);
	r.body_len++;
	assert_int_equal(spool_record_write(&bytes, &r, hash), -EMSGSIZE);
	r.body_len = 0;
	r.id_len++;
	assert_int_equal(spool_record_write(&bytes, &r, hash), -EMSGSIZE);
}

static void header(void **state)
{
	struct spool_header in = { .version = SPOOL_VERSION, .first = 5, .created = 6, .clock = 7 },
			    out;
	uint8_t bytes[SPOOL_HEADER];

	(void)state;
	memset(in.before, 3, SPOOL_HASH);
	spool_header_write(bytes, &in);
	assert_int_equal(spool_header_read(&out, bytes, sizeof(bytes)), 0);
	assert_int_equal(out.first, 5);
	assert_int_equal(out.created, 6);
	assert_int_equal(out.clock, 7);
	assert_memory_equal(out.before, in.before, SPOOL_HASH);
	assert_int_equal(spool_header_read(&out, bytes, 79), -ENODATA);
	bytes[20] ^= 1;
	assert_int_equal(spool_header_read(&out, bytes, sizeof(bytes)), -EUCLEAN);
	bytes[20] ^= 1;
	bytes[8] = 9;
	assert_int_equal(spool_header_read(&out, bytes, sizeof(bytes)), -EPROTO);
	assert_int_equal(out.version, 9);
	bytes[0] = 'x';
	assert_int_equal(spool_header_read(&out, bytes, sizeof(bytes)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(limits),
		cmocka_unit_test(header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
