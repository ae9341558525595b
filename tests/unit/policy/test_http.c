// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_http.c - the methods of the requests on a connection, however they are divided into packets
 * and writes. What lies in a body is none.
 */
#include "http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define METHOD(m) (1u << WS_HTTP_##m)
#define NOT_GET	  (METHOD(PUT) | METHOD(PATCH) | METHOD(DELETE))

/* The methods that s begins in these bytes, as the kernel programs ask. */
static unsigned feed(struct ws_http_stream *s, const char *bytes, size_t n)
{
	unsigned methods = 0;

	for (size_t i = 0; i < n;) {
		size_t skipped = ws_http_skip(s, n - i);

		i += skipped;
		if (!skipped)
			methods |= ws_http_take(s, bytes[i++]);
	}
	return methods & ~METHOD(NONE);
}

/* ... of a whole connection, in pieces of `piece` bytes. */
static unsigned methods_in(const char *bytes, size_t n, size_t piece)
{
	struct ws_http_stream s = { 0 };
	unsigned methods = 0;

	for (size_t i = 0; i < n; i += piece)
		methods |= feed(&s, bytes + i, n - i < piece ? n - i : piece);
	return methods;
}

struct sample {
	const char *bytes;
	size_t size; /* 0: up to the NUL */
	unsigned methods;
};

static void check(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct sample *a = &samples[i];
		size_t n = a->size ? a->size : strlen(a->bytes);

		for (size_t piece = 1; piece <= n; piece++) {
			unsigned got = methods_in(a->bytes, n, piece);

			if (got != a->methods)
				fail_msg("sample %zu in pieces of %zu: %#x, not %#x: %.60s", i,
					 piece, got, a->methods, a->bytes);
		}
	}
}

#define GET  "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
#define PUT  "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
#define BODY "PUT /x HTTP/1.1\r\n\r\n" /* 19 bytes */

static void test_requests(void **state)
{
	static const struct sample samples[] = {
		{ GET, 0, METHOD(GET) },
		{ PUT, 0, METHOD(PUT) },
		{ "\r\n" PUT, 0, METHOD(PUT) },
		{ "\n\r\n \t" PUT, 0, METHOD(PUT) },
		{ GET GET PUT, 0, METHOD(GET) | METHOD(PUT) },
		{ GET "\r\n\r\nDELETE /-/x HTTP/1.1\r\n\r\n", 0, METHOD(GET) | METHOD(DELETE) },
		{ "HEAD / HTTP/1.0\n\nPATCH / HTTP/1.0\n\n", 0, METHOD(HEAD) | METHOD(PATCH) },
		{ "OPTIONS * HTTP/1.1\r\n\r\n" PUT, 0, METHOD(PUT) },
		{ "PROPFIND-AND-MORE / HTTP/1.1\r\n\r\n" PUT, 0, METHOD(PUT) },
		{ "CONNECT h:443 HTTP/1.1\r\nContent-Length: 999\r\n\r\n" PUT, 0, METHOD(PUT) },
	};

	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void test_bodies(void **state)
{
	static const struct sample samples[] = {
		{ "POST / HTTP/1.1\r\nContent-Length: 19\r\n\r\n" BODY GET, 0,
		  METHOD(POST) | METHOD(GET) },
		{ "POST / HTTP/1.1\r\ncontent-length:19\r\n\r\n" BODY PUT, 0,
		  METHOD(POST) | METHOD(PUT) },
		{ "GET / HTTP/1.1\r\nCONTENT-LENGTH: \t19 \r\nX: y\r\n\r\n" BODY GET, 0,
		  METHOD(GET) },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "13\r\n" BODY "\r\n13;a=b\r\n" BODY "\r\n0\r\n\r\n" GET,
		  0, METHOD(POST) | METHOD(GET) },
		{ "POST / HTTP/1.1\r\ntransfer-encoding:CHUNKED\r\n\r\n"
		  "013\r\n" BODY "\r\n0\r\nContent-Length: 99\r\n\r\n" PUT,
		  0, METHOD(POST) | METHOD(PUT) },
		/* names that are not quite those */
		{ "POST / HTTP/1.1\r\nX-Content-Length: 19\r\n\r\n" PUT, 0,
		  METHOD(POST) | METHOD(PUT) },
		{ "POST / HTTP/1.1\r\nContent-Lengths: 19\r\nContent-Lengt: 19\r\n\r\n" PUT, 0,
		  METHOD(POST) | METHOD(PUT) },
		{ "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 19\r\n\r\n" BODY, 0,
		  METHOD(POST) },
	};

	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

/* Heads that servers read in different ways: each line that can be a request is one. */
static void test_unclear(void **state)
{
	static const char *const heads[] = {
		"Content-Length: 99\r\nContent-Length: 9\r\n",
		"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 99\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"Transfer-Encoding: xchunked\r\n",
		"Transfer-Encoding: gzip, chunked\r\n",
		"Content-Length : 99\r\n",
		"Content-Length: 99\r\n folded: yes\r\n",
		"X: y\r\n\tContent-Length: 99\r\nContent-Length: 99\r\n",
		"Content-Length: +99\r\n",
		"Content-Length: 9 9\r\n",
		"Content-Length: 0x99\r\n",
		"Content-Length:\r\n",
		"Content-Length: 99999999999999999999999999\r\n",
		"no colon\r\nContent-Length: 99\r\n",
	};
	char bytes[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		const struct sample put = { bytes, 0, METHOD(POST) | METHOD(PUT) },
				    both = { bytes, 0,
					     METHOD(POST) | METHOD(PUT) | METHOD(DELETE) },
				    none = { bytes, 0, METHOD(POST) };

		snprintf(bytes, sizeof(bytes), "POST / HTTP/1.1\r\n%s\r\n0\r\n\r\n" PUT "\r\n",
			 heads[i]);
		check(&put, 1);
		/* a line that only begins like one is none */
		snprintf(bytes, sizeof(bytes),
			 "POST / HTTP/1.1\r\n%s\r\nPUT the kettle on\r\nDELETE FROM t;\r\n",
			 heads[i]);
		check(&none, 1);
		/* it may begin behind the end of a body, in the middle of a line */
		snprintf(bytes, sizeof(bytes),
			 "POST / HTTP/1.1\r\n%s\r\nabcPUT  /x HTTP/1.1\r\n\r\n"
			 "dDELETE\thttp://h/x HTTP/1.1\r\n\r\n",
			 heads[i]);
		check(&both, 1);
		snprintf(bytes, sizeof(bytes),
			 "POST / HTTP/1.1\r\n%s\r\nGET /INPUT HTTP/1.1\r\nVia: PUT /x\r\n",
			 heads[i]);
		check(&none, 1);
	}
}

static void test_bad_chunks(void **state)
{
#define CHUNKED "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	static const struct sample samples[] = {
		{ CHUNKED "zz\r\n" PUT, 0, METHOD(POST) | METHOD(PUT) },
		{ CHUNKED "5\n" PUT, 0, METHOD(POST) | METHOD(PUT) },
		{ CHUNKED "1;x\nx\r\n" PUT, 0, METHOD(POST) | METHOD(PUT) },
		{ CHUNKED "1\r\nabc\r\n" PUT, 0, METHOD(POST) | METHOD(PUT) },
		{ CHUNKED "ffffffffffffffffffff\r\n" PUT, 0, METHOD(POST) | METHOD(PUT) },
		{ CHUNKED "-1\r\n" PUT, 0, METHOD(POST) | METHOD(PUT) },
	};

	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

/* Other protocols are left alone, whatever they say. */
static void test_opaque(void **state)
{
	static const struct sample samples[] = {
		{ "\x16\x03\x01\x02\x00\x01 PUT /x HTTP/1.1\r\n\r\n", 0, 0 },
		{ "SSH-2.0-x\r\nPUT /x HTTP/1.1\r\n\r\n", 0, 0 },
		{ "put /x HTTP/1.1\r\n\r\n", 0, 0 },
		{ "\0\0\0\bPUT x HTTP/1.1\r\n", 20, 0 },
		{ "EHLO me\r\nMAIL FROM:<a@b>\r\nDATA\r\nDELETE it\r\n.\r\n", 0, 0 },
	};
	struct ws_http_stream s = { 0 };

	(void)state;
	check(samples, ARRAY_SIZE(samples));
	feed(&s, "\x16\x03\x01", 3);
	assert_int_equal(s.at, WS_AT_OPAQUE);
	assert_int_equal(ws_http_skip(&s, 1000), 1000);
}

/* ---- HTTP/2 ---- */

#define PREFACE	 "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\6\4\0\0\0\0\0\0\3\0\0\0\144"
/* a frame of type `type` with `flags`, of n bytes (octal escapes) */
#define FRAME(n, type, flags) "\0\0" n type flags "\0\0\0\1"
#define H2(literal)                                                               \
	{                                                                         \
		PREFACE SETTINGS literal, sizeof(PREFACE SETTINGS literal) - 1, 0 \
	}

static void test_http2(void **state)
{
	static const struct {
		struct sample sample;
		unsigned methods;
	} frames[] = {
		{ H2(FRAME("\1", "\1", "\5") "\202"), METHOD(GET) },
		{ H2(FRAME("\1", "\1", "\5") "\203"), METHOD(POST) },
		{ H2(FRAME("\5", "\1", "\5") "\102\3PUT"), METHOD(PUT) },
		{ H2(FRAME("\5", "\1", "\5") "\2\203\xd7\xc3\x7f"), METHOD(PUT) },
		{ H2(FRAME("\7", "\1", "\5") "\22\205\xd7\x0e\xfb\xd8\xff"), METHOD(PATCH) },
		{ H2(FRAME("\10", "\1", "\5") "\103\206\xbf\x83\x3e\x0d\xf8\x3f"), METHOD(DELETE) },
		/* after other fields, and a new size of the table */
		{ H2(FRAME("\20", "\1", "\5") "\77\341\37\207\101\3abc\204\102\3PUT"),
		  METHOD(PUT) },
		/* padding and priority */
		{ H2(FRAME("\15", "\1", "\55") "\2\0\0\0\0\7\102\3PUT\0\0"), METHOD(PUT) },
		/* divided into frames */
		{ H2(FRAME("\1", "\1", "\1") "\102" FRAME("\2", "\11", "\0") "\3P" FRAME(
			  "\2", "\11", "\4") "UT"),
		  METHOD(PUT) },
		{ H2(FRAME("\0", "\1", "\1") FRAME("\5", "\11", "\4") "\102\3PUT"), METHOD(PUT) },
		/* a name of its own */
		{ H2(FRAME("\15", "\1", "\5") "\100\7:method\3PUT"), METHOD(PUT) },
		{ H2(FRAME("\13", "\1", "\5") "\0\205\xb9\x49\x53\x39\xe4\3PUT"), METHOD(PUT) },
		/* what a body holds, and what a field of another name does */
		{ H2(FRAME("\1", "\1", "\4") "\203" FRAME("\5", "\0", "\1") "\102\3PUT"),
		  METHOD(POST) },
		{ H2(FRAME("\12", "\1", "\4") "\100\3abc\3PUT\202"), METHOD(GET) },
		/* a second method is malformed, but the next request may name it by its number */
		{ H2(FRAME("\6", "\1", "\4") "\202\102\3PUT"), METHOD(GET) | METHOD(PUT) },
		{ H2(FRAME("\17", "\1", "\4") "\202\100\7:method\3PUT\203"),
		  METHOD(GET) | METHOD(PUT) | METHOD(POST) },
		/* ... and its name: 62, in two ways; 61 is none */
		{ H2(FRAME("\5", "\1", "\5") "\176\3PUT"), METHOD(PUT) },
		{ H2(FRAME("\6", "\1", "\5") "\17\57\3PUT"), METHOD(PUT) },
		{ H2(FRAME("\7", "\1", "\5") "\37\60\203\xd7\xc3\x7f\202"),
		  METHOD(PUT) | METHOD(GET) },
		{ H2(FRAME("\7", "\1", "\5") "\17\56\3PUT\202"), METHOD(GET) },
		/* padding ends with its frame, and the fields go on in the next one */
		{ H2(FRAME("\4", "\1", "\11") "\2\204\0\0" FRAME("\5", "\11", "\4") "\2\3PUT"),
		  METHOD(PUT) },
		{ H2(FRAME("\3", "\1", "\11") "\2\0\0" FRAME("\5", "\11", "\4") "\2\3PUT"),
		  METHOD(PUT) },
		{ H2(FRAME("\12", "\1", "\51") "\2\0\0\0\0\7\2\3\0\0" FRAME("\3", "\11",
									    "\4") "PUT"),
		  METHOD(PUT) },
		{ H2(FRAME("\1", "\1", "\11") "\377" FRAME("\5", "\11", "\4") "\2\3PUT"),
		  METHOD(PUT) },
		/* the next request */
		{ H2(FRAME("\1", "\1", "\5") "\202" FRAME("\5", "\1", "\5") "\102\3PUT"),
		  METHOD(GET) | METHOD(PUT) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		struct sample a = frames[i].sample;

		a.methods = frames[i].methods;
		print_message("HTTP/2 %zu\n", i);
		check(&a, 1);
	}
}

/* Any bytes: the state stays sound, and a method costs its whole name. */
static void test_noise(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct ws_http_stream s = { 0 };
		char bytes[256];

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = "PUT /DELETE\r\nHTTP/1.1: chunkedContent-Length019af\0\377"
				[rand_r(&seed) % 52];
		feed(&s, round % 2 ? PREFACE : "", round % 2 ? sizeof(PREFACE) - 1 : 0);
		feed(&s, bytes, sizeof(bytes));
		assert_true(s.at <= WS_AT_TEXT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests), cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_unclear),	 cmocka_unit_test(test_bad_chunks),
		cmocka_unit_test(test_opaque),	 cmocka_unit_test(test_http2),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
