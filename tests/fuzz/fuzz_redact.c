// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_redact.c - redacting any bytes: what is left is part of what was there, and a token put into
 * it is gone.
 *
 * The input is a command, its words ended by NULs.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "redact.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char token[] = " ghp_0123456789abcdefghijABCDEFGHIJ012345 ";
	const char *at = (const char *)data, *end = at + size;
	struct redact_words words = { 0 };
	struct buf out = BUF_INIT, in = BUF_INIT;

	for (int cut = 0; cut < 2; cut++) {
		buf_reset(&out);
		redact_text(&out, at, size, cut);
		if (size <= 48 && !cut && !is_left_of(out.at, out.len, at, size))
			abort();
	}
	while (at < end) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));
		size_t len = (size_t)((nul ? nul : end) - at);

		buf_reset(&out);
		redact_word(&words, &out, at, len, nul == NULL);
		at = nul ? nul + 1 : end;
	}
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
