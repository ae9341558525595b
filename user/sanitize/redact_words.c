// SPDX-License-Identifier: GPL-2.0-only
/* redact_words.c - find the secrets in the words of a command. */
#include "sanitize/redact_words.h"

#include <string.h>

#include "base/ascii.h"
#include "sanitize/command_secrets.h"
#include "sanitize/known_secrets.h"
#include "sanitize/text_secrets.h"

static bool is_any_of(const struct text_view *v, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == v->len && memcmp(v->bytes, *list, v->len) == 0)
			return true;
	return false;
}

/* Whether program text follows: sh -c, bash -lc, node -e, perl -pe. */
static bool takes_script(const struct text_view *word)
{
	static const char *const names[] = { "--eval", "--print", "--command", "/C", "/c", NULL };

	if (is_any_of(word, names))
		return true;
	if (word->len < 2 || word->len > 6 || word->bytes[0] != '-' ||
	    !strchr("cep", word->bytes[word->len - 1]))
		return false;
	for (size_t i = 1; i < word->len; i++)
		if (!ascii_alnum(word->bytes[i]))
			return false;
	return true;
}

/* Except in program text, everything after the '=' of NAME=VALUE is the value. */
static bool is_assignment(const struct text_view *word)
{
	const char *sign = memchr(word->bytes, '=', word->len);

	return sign && !memchr(word->bytes, ' ', sign - word->bytes);
}

void redact_words(struct spans *ret, const char *argv, size_t len, bool cut)
{
	struct command_secrets command = { 0 };
	bool first = true, script = false;
	size_t at = 0, next;

	/* Searched in all words at once: a shell may have split a value at its blanks. */
	known_secrets_find(ret, argv, len, cut ? KNOWN_SECRETS_CUT : 0);
	for (; at < len; at = next) {
		const char *nul = memchr(argv + at, '\0', len - at);
		size_t end = nul ? (size_t)(nul - argv) : len;
		struct text_view word = { .bytes = argv + at, .len = end - at, .base = at };
		bool cut_here = cut && end + 1 >= len;

		text_secrets(ret, &word, cut_here, first || (!script && is_assignment(&word)));
		command_secrets_word(&command, ret, &word, cut_here);
		command_secrets_text(ret, &word);
		script = !first && takes_script(&word);
		first = false;
		next = nul ? end + 1 : len;
	}
	spans_sort(ret);
}
