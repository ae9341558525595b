// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_escape.c - escaping any bytes: reversible, valid UTF-8, nothing that a terminal or a CI
 * runner obeys. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sanitize/escape.h"

static void check_terminal(const struct buf *b)
{
	static const char *const leading[] = { "::", "---", "+++", "~~~", "^^^" };
	static const char *const anywhere[] = {
		"##[",		"##vso[",	"##teamcity[", "section_start:",
		"section_end:", "travis_fold:", "travis_time:"
	};
	const char *p = b->at;

	for (size_t i = 0; i < b->len; i++)
		if ((unsigned char)b->at[i] < 0x20 || b->at[i] == 0x7f)
			abort();
	while (*p == ' ')
		p++;
	for (size_t i = 0; i < sizeof(leading) / sizeof(leading[0]); i++)
		if (strncmp(p, leading[i], strlen(leading[i])) == 0)
			abort();
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		if (strstr(b->at, anywhere[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT, back = BUF_INIT;
	json_t *s;

	for (unsigned how = 0; how < 4; how++) {
		buf_reset(&out);
		buf_reset(&back);
		escape(&out, (const char *)data, size, how);
		escape_undo(&back, out.at, out.len);
		if (back.len != size || (size && memcmp(back.at, data, size)))
			abort();
		/* jansson takes nothing but valid UTF-8 */
		s = json_stringn(out.at, out.len);
		if (!s)
			abort();
		json_decref(s);
		if (memchr(out.at, 0, out.len))
			abort();
		if (how & ESCAPE_TERMINAL)
			check_terminal(&out);
		if (how & ESCAPE_ASCII)
			for (size_t i = 0; i < out.len; i++)
				if ((unsigned char)out.at[i] > 0x7e)
					abort();
	}
	/* undoing what nobody made must be safe, too */
	buf_reset(&back);
	escape_undo(&back, (const char *)data, size);
	buf_free(&out);
	buf_free(&back);
	return 0;
}
