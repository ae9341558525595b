// SPDX-License-Identifier: GPL-2.0-only
/* remedy.c - a rule's remedy with its placeholders filled in. */
#include "remedy.h"

#include <stdbool.h>
#include <string.h>

#define HONEST "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._/-"

static bool is_harmless(const char *value)
{
	return value && value[0] && value[0] != '-' && strspn(value, HONEST) == strlen(value);
}

/* Letters of names: PACKAGE in NPM_PACKAGE or YOURPACKAGE is no placeholder. */
static bool in_word(char c)
{
	return c && (strchr("_-", c) || (c >= '0' && c <= '9') ||
		     ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
}

void remedy_text(struct buf *out, const char *remedy, const char *package, const char *log)
{
	const struct {
		const char *word, *value;
	} holders[] = {
		{ "PACKAGE", is_harmless(package) ? package : NULL },
		{ "LOG", is_harmless(log) ? log : NULL },
	};
	const char *at = remedy;

	while (*at) {
		size_t skip = 0;

		for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]) && !skip; i++) {
			size_t n = strlen(holders[i].word);

			if (!holders[i].value || strncmp(at, holders[i].word, n) != 0 ||
			    in_word(at[n]) || (at > remedy && in_word(at[-1])))
				continue;
			buf_adds(out, holders[i].value);
			skip = n;
		}
		if (!skip) {
			buf_addc(out, *at);
			skip = 1;
		}
		at += skip;
	}
}
