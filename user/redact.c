// SPDX-License-Identifier: GPL-2.0-only
/* redact.c - secrets out of the words of a command, of which each may say what the next one is. */
#define _GNU_SOURCE /* memrchr */
#include "redact.h"

#include "redact_scan.h"

static bool is_word(const char *word, size_t len, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == len && memcmp(word, *list, len) == 0)
			return true;
	return false;
}

static void note_program(struct redact_words *s, const char *word, size_t len)
{
	const char *slash = memrchr(word, '/', len);
	const char *base = slash ? slash + 1 : word;
	size_t n = word + len - base;

	if (n >= sizeof(s->program))
		n = sizeof(s->program) - 1;
	memcpy(s->program, base, n);
	s->program[n] = '\0';
	s->started = true;
}

/* sh -c, bash -lc, node -e, perl -pe */
static bool takes_script(const char *word, size_t len)
{
	if (len < 2 || len > 6 || word[0] != '-' || !strchr("cep", word[len - 1]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_alnum(word[i]))
			return false;
	return true;
}

/* What word, an option, says about the next one. */
static void note_option(struct redact_words *s, const char *word, size_t len)
{
	static const char *const script[] = { "--eval", "--print", "--command", "/C", "/c", NULL };
	static const char *const user[] = { "-u", "--user", "--proxy-user", "-U", NULL };
	size_t dashes = 0;

	s->script = is_word(word, len, script) || takes_script(word, len);
	s->user = is_word(word, len, user);
	while (dashes < len && dashes < 2 && word[dashes] == '-')
		dashes++;
	s->value = SECRET_NAME_NONE;
	/* "--token", and npm's "config set //host/:_authToken" */
	if ((dashes || (len > 2 && word[0] == '/' && word[1] == '/')) && !memchr(word, '=', len) &&
	    !memchr(word, ' ', len))
		s->value = secret_name(word + dashes, len - dashes);
}

/* Takes the password after the first colon of USER:PASSWORD, in a word or an option's tail. */
static bool redact_user(struct buf *out, const char *word, size_t len)
{
	size_t from = redact_user_secret(word, len);

	if (from == len)
		return false;
	buf_add(out, word, from);
	buf_adds(out, REDACTED);
	return true;
}

void redact_word(struct redact_words *s, struct buf *out, const char *word, size_t len, bool cut)
{
	static const char *const dash_p[] = { "mysql",	 "mysqldump", "mysqladmin",
					      "mariadb", "sshpass",   NULL };
	struct redact_words was = *s;
	bool whole;

	if (!s->started) {
		note_program(s, word, len);
		redact_scan(out, word, len, cut, true);
		return;
	}
	note_option(s, word, len);
	if (redact_is_secret(was.value, word, len) &&
	    !(len > 1 && word[0] == '-' && word[1] == '-')) {
		s->value = SECRET_NAME_NONE;
		s->user = s->script = false;
		buf_adds(out, REDACTED);
		return;
	}
	if (was.user && redact_user(out, word, len))
		return;
	if (len > 3 && word[0] == '-' && word[1] == 'u' && strcmp(s->program, "curl") == 0 &&
	    redact_user(out, word, len))
		return;
	if (len > 2 && word[0] == '-' && word[1] == 'p' &&
	    is_word(s->program, strlen(s->program), dash_p)) {
		s->value = SECRET_NAME_NONE;
		buf_adds(out, "-p" REDACTED);
		return;
	}
	/* A word of the form NAME=VALUE is all value behind the sign, blanks and all, unless it is
	 * program text. */
	whole = !was.script && len && memchr(word, '=', len) &&
		!memchr(word, ' ', (const char *)memchr(word, '=', len) - word);
	redact_scan(out, word, len, cut, whole);
}
