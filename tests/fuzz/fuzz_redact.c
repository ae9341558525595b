// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_redact.c - redacting any bytes: what is left is part of what was there, and a token or a
 * value of the session put into it is gone. The tables behind it are read from any bytes, too.
 *
 * The input is a text, a command whose words are ended by NULs, and a table.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sanitize/credential_table.h"
#include "sanitize/known_secrets.h"
#include "sanitize/redact_text.h"
#include "sanitize/redact_words.h"
#include "sanitize/secret_shape.h"
#include "sanitize/shape_table.h"

/* Whether `left`, the places of REDACTED aside, is what is left of `all` when parts are taken out.
 */
static int is_left_of(const char *left, size_t left_len, const char *all, size_t all_len)
{
	const size_t mark = strlen(REDACTED);

	for (; left_len; left++, left_len--, all++, all_len--) {
		if (left_len >= mark && memcmp(left, REDACTED, mark) == 0)
			/* what follows goes on at a place where it fits */
			for (size_t skip = 0; skip <= all_len; skip++)
				if (is_left_of(left + mark, left_len - mark, all + skip,
					       all_len - skip))
					return 1;
		if (!all_len || *left != *all)
			return 0;
	}
	return all_len == 0;
}

/* A value of the session, put into the input in several encodings, is gone. */
static void known_values(const char *data, size_t size)
{
	static const char value[] = "Xq7/v+Zk%9w\"L";
	static const char *const forms[] = { value,
					     "Xq7%2fv%2BZk%259w%22L",
					     "Xq7\\/v+Zk%9w\\\"L",
					     "\\x58q7/v\\u002bZk%9w\\x22L",
					     "WHE3L3YrWmslOXciTA==",
					     "5871372f762b5a6b253977224c" };
	static const char *const pieces[] = { "Xq7/v+Zk",	"Xq7%2fv%2BZk",
					      "Xq7\\/v+Zk",	"\\x58q7/v\\u002bZk",
					      "WHE3L3YrWmslOX", "5871372f762b5a6b2539" };
	static bool is_open;
	struct buf in = BUF_INIT, out = BUF_INIT;

	if (!is_open) {
		if (known_secrets_open(NULL) < 0)
			abort();
		known_secrets_add(value, sizeof(value) - 1);
		is_open = true;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		buf_reset(&in);
		buf_reset(&out);
		buf_add(&in, data, size);
		buf_adds(&in, " ");
		buf_adds(&in, forms[i]);
		buf_adds(&in, " ");
		buf_add(&in, data, size);
		redact_text(&out, in.at, in.len, false);
		if (!memmem(data, size, pieces[i], strlen(pieces[i])) &&
		    memmem(out.at, out.len, pieces[i], strlen(pieces[i])))
			abort();
	}
	buf_free(&in);
	buf_free(&out);
}

/* Tables that anybody wrote: refused with a reason, or good for any text. */
static void tables(const char *data, size_t size)
{
	struct credential_table *options = NULL;
	struct shape_table *shapes = NULL;
	struct error e = { 0 };
	struct span found;

	if (!size || data[0] != '{')
		return;
	if (credential_table_read(&options, "fuzz", data, size, &e) < 0 && !e.text[0])
		abort();
	credential_table_free(options);
	e.text[0] = '\0';
	if (shape_table_read(&shapes, "fuzz", data, size, &e) < 0) {
		if (!e.text[0])
			abort();
		return;
	}
	for (size_t at = 0; at < size; at++)
		for (int cut = 0; cut < 2; cut++)
			if (shape_match(shapes, data, size, at / 2, at, cut, &found) &&
			    (found.from >= found.to || found.to > size || found.from < at / 2))
				abort();
	shape_table_free(shapes);
}

static void check_words(const char *data, size_t size)
{
	const char *at = data, *end = data + size;

	for (int cut = 0; cut < 2; cut++) {
		struct spans found = { 0 };
		struct buf out = BUF_INIT;

		redact_words(&found, data, size, cut);
		for (size_t i = 0; i < found.count; i++)
			if (found.at[i].from >= found.at[i].to || found.at[i].to > size)
				abort();
		for (at = data; at < end;) {
			const char *nul = memchr(at, '\0', (size_t)(end - at));
			size_t len = (size_t)((nul ? nul : end) - at);

			spans_write(&out, &found, data, (size_t)(at - data),
				    (size_t)(at - data) + len);
			at = nul ? nul + 1 : end;
		}
		buf_free(&out);
		spans_free(&found);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char token[] = " ghp_0123456789abcdefghijABCDEFGHIJ012345 ";
	const char *text = (const char *)data;
	struct buf out = BUF_INIT, in = BUF_INIT;

	for (int cut = 0; cut < 2; cut++) {
		buf_reset(&out);
		redact_text(&out, text, size, cut);
		if (size <= 48 && !cut && !is_left_of(out.at, out.len, text, size))
			abort();
	}
	check_words(text, size);
	known_values(text, size);
	tables(text, size);
	buf_add(&in, data, size);
	buf_adds(&in, token);
	buf_add(&in, data, size);
	buf_reset(&out);
	redact_text(&out, in.at, in.len, false);
	/* unless the input itself holds it */
	if (!memmem(data, size, "ghp_0123456789abcdefghij", 24) &&
	    memmem(out.at, out.len, "ghp_0123456789abcdefghij", 24))
		abort();
	buf_free(&in);
	buf_free(&out);
	return 0;
}
