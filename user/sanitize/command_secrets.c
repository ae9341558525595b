// SPDX-License-Identifier: GPL-2.0-only
/* command_secrets.c - find the words of commands that are credentials. */
#define _GNU_SOURCE /* memrchr */
#include "sanitize/command_secrets.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/secret_value.h"
#include "sanitize/shell_words.h"
#include "sanitize/text_secrets.h"

/* Generated from rules/data/credential-options.json by scripts/secret-tables.c. */
#include <credential_options.inc>

/* Levels of commands within words of commands that are followed: sh -c "sh -c '...'" has two. */
#define DEPTH_MAX 4

static bool is_word(const struct text_view *v, const char *word)
{
	return strlen(word) == v->len && memcmp(v->bytes, word, v->len) == 0;
}

static bool is_any_of(const struct text_view *v, const char *const *list)
{
	for (; *list; list++)
		if (is_word(v, *list))
			return true;
	return false;
}

/* ---- programs ---- */

/* Whether a program of the table has a name with these two first characters: a quick test that most
 * words fail. */
static bool may_be_program(const struct text_view *name)
{
	static bool known, pairs[65536];

	if (!known) {
		for (size_t i = 0; i < credential_options.count; i++) {
			const char *const *p = credential_options.commands[i].programs;

			for (; *p; p++)
				pairs[(unsigned char)(*p)[0] << 8 | (unsigned char)(*p)[1]] = true;
		}
		known = true;
	}
	return name->len >= 2 &&
	       pairs[(unsigned char)name->bytes[0] << 8 | (unsigned char)name->bytes[1]];
}

/* The last part of a path, and of env's --split-string=PROGRAM. */
static struct text_view base_name(const struct text_view *word)
{
	const char *sign = memrchr(word->bytes, '/', word->len);
	size_t from = sign ? sign + 1 - word->bytes : 0;

	if (!sign && word->len && word->bytes[0] == '-') {
		sign = memrchr(word->bytes, '=', word->len);
		from = sign ? sign + 1 - word->bytes : word->len > 2 ? 2 : 0;
	}
	return view_part(word, from, word->len);
}

/* ---- input ---- */

/* If the command reads a secret from its input, what is known of that input (a here-string, the
 * arguments of an echo before the pipe) is a secret. */
static void note_input(struct command_secrets *c, struct spans *found)
{
	if (!c->reads_secret)
		return;
	spans_add(found, c->piped.from, c->piped.to);
	spans_add(found, c->input.from, c->input.to);
}

static void reads_secret(struct command_secrets *c, struct spans *found)
{
	c->reads_secret = true;
	note_input(c, found);
}

/* If the word names a program of the table, that is the program from here on. */
static bool note_program(struct command_secrets *c, struct spans *found,
			 const struct text_view *word)
{
	struct text_view name = base_name(word);
	size_t count = 0;

	if (!may_be_program(&name))
		return false;
	for (size_t i = 0; i < c->entry_count; i++) /* as nuget in dotnet nuget */
		if (c->entries[i].command->command && is_word(word, c->entries[i].command->command))
			return false;
	for (size_t i = 0; i < credential_options.count && count < COMMAND_ENTRIES; i++) {
		const struct credential_command *k = &credential_options.commands[i];

		if (is_any_of(&name, k->programs))
			c->entries[count++] =
				(struct command_entry){ .command = k, .active = !k->command };
	}
	if (!count)
		return false;
	c->entry_count = count;
	for (size_t i = 0; i < count; i++)
		if (c->entries[i].active && c->entries[i].command->reads)
			reads_secret(c, found);
	return true;
}

/* "--password-stdin", "--passphrase-fd" */
static bool names_input(const struct text_view *word)
{
	static const char *const ends[] = { "-stdin", "-fd" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t n = strlen(ends[i]);

		if (word->len > n && memcmp(word->bytes + word->len - n, ends[i], n) == 0 &&
		    secret_name(word->bytes, word->len - n) != SECRET_NAME_NONE)
			return true;
	}
	return false;
}

/* ---- values ---- */

static void value(struct spans *found, const struct text_view *v, enum credential credential,
		  char separator, bool cut)
{
	const char *at;

	switch (credential) {
	case CREDENTIAL_NONE:
	case CREDENTIAL_INPUT:
		return;
	case CREDENTIAL_SECRET:
		if (secret_value(SECRET_NAME_SURE, v->bytes, v->len))
			view_add_span(found, v, 0, v->len);
		return;
	case CREDENTIAL_USER:
		view_add_span(found, v, secret_of_user(v->bytes, v->len, separator), v->len);
		return;
	case CREDENTIAL_URL:
		at = memchr(v->bytes, '@', v->len);
		if (at && !memchr(v->bytes, '/', at - v->bytes))
			view_add_span(found, v, secret_of_user(v->bytes, at - v->bytes, ':'),
				      at - v->bytes);
		text_secrets(found, v, cut, true);
		return;
	case CREDENTIAL_TEXT:
		text_secrets(found, v, cut, true);
		return;
	}
}

/* Whether the word was the value of what came before it. */
static bool take_value(struct command_secrets *c, struct spans *found, const struct text_view *word,
		       bool cut)
{
	const struct credential_option *option = c->option;
	enum secret_name named = c->named;
	bool skip = c->skip;

	c->option = NULL;
	c->named = SECRET_NAME_NONE;
	c->skip = false;
	if (c->here) {
		c->here = false;
		if (word->len)
			c->input =
				(struct span){ view_from(word, 0), view_to(word, word->len - 1) };
		note_input(c, found);
		return true;
	}
	if (option) {
		value(found, word, option->credential, option->separator, cut);
		return true;
	}
	/* "--token --verbose" has no value */
	if (named && !(word->len > 1 && word->bytes[0] == '-' && word->bytes[1] == '-') &&
	    secret_value(named, word->bytes, word->len)) {
		view_add_span(found, word, 0, word->len);
		return true;
	}
	return skip;
}

/* ---- options ---- */

/* Options that mean USER:PASSWORD for more programs than the table has. */
static const struct credential_option common_options[] = {
	{ "-u", CREDENTIAL_USER, ':' },
	{ "-U", CREDENTIAL_USER, ':' },
	{ "--user", CREDENTIAL_USER, ':' },
	{ "--proxy-user", CREDENTIAL_USER, ':' },
	{ NULL, 0, 0 },
};

static bool starts(const struct text_view *v, const char *word)
{
	size_t n = strlen(word);

	return v->len >= n && memcmp(v->bytes, word, n) == 0;
}

/* Whether short options can be clustered ("-vp"). Not for programs whose long options begin with a
 * single hyphen. */
static bool has_clusters(const struct credential_command *k)
{
	for (const struct credential_option *o = k->options; o->name; o++)
		if (o->name[1] != '-' && o->name[2] && !*k->attached)
			return false;
	return true;
}

/* The option `letter` of a cluster, or NULL. */
static const struct credential_option *short_option(const struct credential_command *k, char letter)
{
	for (const struct credential_option *o = k->options; o->name; o++)
		if (o->name[1] == letter && !o->name[2])
			return o;
	return NULL;
}

/* "-p", "-pSECRET", "-vpSECRET" */
static bool take_cluster(struct command_secrets *c, struct spans *found,
			 const struct credential_command *k, const struct text_view *word, bool cut)
{
	for (size_t i = 1; i < word->len && ascii_alnum(word->bytes[i]); i++) {
		const struct credential_option *o = short_option(k, word->bytes[i]);
		struct text_view rest = view_part(word, i + 1, word->len);

		if (o && o->credential == CREDENTIAL_INPUT) {
			reads_secret(c, found);
			continue;
		}
		if (o && rest.len) {
			value(found, &rest, o->credential, o->separator, cut);
			return true;
		}
		if (o && !strchr(k->attached, word->bytes[i]))
			c->option = o;
		if (o)
			return true;
		if (strchr(k->valued, word->bytes[i])) {
			c->skip = !rest.len;
			return true;
		}
	}
	return false;
}

/* "--user bob:PW", "--user=bob:PW", "-passin pass:PW", "-hpSECRET" */
static bool take_named(struct command_secrets *c, struct spans *found,
		       const struct credential_option *list, const char *attached,
		       const struct text_view *word, bool cut)
{
	for (const struct credential_option *o = list; o->name; o++) {
		size_t n = strlen(o->name);
		struct text_view rest;

		if (!starts(word, o->name))
			continue;
		if (word->len == n) {
			if (o->credential == CREDENTIAL_INPUT) {
				reads_secret(c, found);
			} else if (!strchr(attached, o->name[n - 1]) || o->name[1] == '-') {
				c->option = o;
			}
			return true;
		}
		if (word->bytes[n] == '=')
			n++;
		else if (o->name[1] == '-' || !strchr(attached, o->name[n - 1]))
			continue;
		rest = view_part(word, n, word->len);
		value(found, &rest, o->credential, o->separator, cut);
		return true;
	}
	return false;
}

/* In a command that stores secrets ("kubectl create secret", "fly secrets set") every VALUE of
 * NAME=VALUE and --OPTION=NAME=VALUE is a secret. */
static void value_of_secret(struct spans *found, const struct text_view *word)
{
	const char *sign = memchr(word->bytes, '=', word->len), *end = word->bytes + word->len;

	if (sign && word->bytes[0] == '-')
		sign = memchr(sign + 1, '=', end - sign - 1);
	if (sign && secret_value(SECRET_NAME_SURE, sign + 1, end - sign - 1))
		view_add_span(found, word, sign + 1 - word->bytes, word->len);
}

static void take_option(struct command_secrets *c, struct spans *found,
			const struct text_view *word, bool cut)
{
	bool taken = false;
	size_t dashes = word->len > 1 && word->bytes[1] == '-' ? 2 : 1;

	if (names_input(word)) {
		reads_secret(c, found);
		return;
	}
	if (c->secrets)
		value_of_secret(found, word);
	for (size_t i = 0; i < c->entry_count && !taken; i++) {
		const struct credential_command *k = c->entries[i].command;

		if (!c->entries[i].active)
			continue;
		taken = take_named(c, found, k->options, k->attached, word, cut);
		if (!taken && dashes == 1 && has_clusters(k))
			taken = take_cluster(c, found, k, word, cut);
	}
	if (taken || take_named(c, found, common_options, "", word, cut))
		return;
	if (!memchr(word->bytes, '=', word->len) && !memchr(word->bytes, ' ', word->len))
		c->named = secret_name(word->bytes + dashes, word->len - dashes);
}

/* ---- arguments ---- */

/* "machine HOST login NAME password VALUE", as a command writes it to a file. */
static void note_netrc(struct command_secrets *c, const struct text_view *word)
{
	static const char *const keys[] = { "machine", "login", NULL };

	if (c->netrc && is_word(word, "password"))
		c->named = SECRET_NAME_SURE;
	else if (is_any_of(word, keys))
		c->netrc = true;
}

/* aws configure set NAME VALUE, git config NAME VALUE, npm config set //host/:_authToken VALUE. */
static void note_setting(struct command_secrets *c, const struct text_view *word)
{
	static const char *const verbs[] = { "set", "config", "configure", "put", "add", NULL };
	bool npm = starts(word, "//") && word->len > 2;

	if ((c->setting || npm) && !memchr(word->bytes, '=', word->len))
		c->named = secret_name(word->bytes, word->len);
	c->setting = is_any_of(word, verbs);
}

static void take_argument(struct command_secrets *c, struct spans *found,
			  const struct text_view *word, bool cut)
{
	bool runs = false;

	for (size_t i = 0; i < c->entry_count; i++) {
		struct command_entry *e = &c->entries[i];
		const struct credential_command *k = e->command;

		if (!e->active) {
			e->active = is_word(word, k->command);
			if (e->active && k->reads)
				reads_secret(c, found);
			continue;
		}
		if (e->arguments < 31)
			e->arguments++;
		if (k->arguments >> e->arguments & 1)
			value(found, word,
			      k->argument_separator ? CREDENTIAL_USER : CREDENTIAL_SECRET,
			      k->argument_separator, cut);
		runs |= k->runs;
	}
	if (runs)
		c->entry_count = 0;
}

/* Remember the arguments of echo and printf: they are secrets if the next program of the pipe reads
 * a secret from its input. */
static void note_echo(struct command_secrets *c, const struct text_view *word)
{
	static const char *const programs[] = { "echo", "printf", NULL };
	struct text_view name = base_name(word);

	if (!c->echoes) {
		c->echoes = is_any_of(&name, programs);
	} else if (word->len && word->bytes[0] != '-') {
		if (!c->words.to)
			c->words.from = view_from(word, 0);
		c->words.to = view_to(word, word->len - 1);
	}
}

void command_secrets_word(struct command_secrets *c, struct spans *found,
			  const struct text_view *word, bool cut)
{
	bool first = !c->started;

	note_echo(c, word);
	c->started = true;
	if (take_value(c, found, word, cut))
		return;
	if (note_program(c, found, word)) {
		c->setting = false;
		return;
	}
	if (first)
		return;
	if (word->len > 1 && word->bytes[0] == '-') {
		take_option(c, found, word, cut);
		return;
	}
	take_argument(c, found, word, cut);
	note_setting(c, word);
	note_netrc(c, word);
	if (c->secrets)
		value_of_secret(found, word);
	c->secrets |= is_word(word, "secret") || is_word(word, "secrets");
}

/* ---- commands in text ---- */

struct text {
	struct command_secrets command;
	struct spans *found;
	unsigned depth;
};

static void find_commands(struct spans *found, const struct text_view *v, unsigned depth);

/* Whether the text can be more than one word. */
static bool has_words(const struct text_view *v)
{
	for (size_t i = 0; i < v->len; i++)
		if (v->bytes[i] && strchr(" \t\n\"'`;|&(<", v->bytes[i]))
			return true;
	return false;
}

static void on_sign(void *arg, enum shell_sign sign, const struct text_view *word)
{
	struct text *t = arg;
	struct span words = t->command.echoes ? t->command.words : (struct span){ 0 };

	switch (sign) {
	case SHELL_WORD:
		command_secrets_word(&t->command, t->found, word, false);
		if (t->depth < DEPTH_MAX && has_words(word))
			find_commands(t->found, word, t->depth + 1);
		return;
	case SHELL_END:
		t->command = (struct command_secrets){ 0 };
		return;
	case SHELL_PIPE:
		t->command = (struct command_secrets){ .piped = words };
		return;
	case SHELL_HERE_STRING:
		t->command.here = true;
		return;
	}
}

static void find_commands(struct spans *found, const struct text_view *v, unsigned depth)
{
	struct text t = { .found = found, .depth = depth };

	if (!shell_words(v, on_sign, &t))
		found->failed = true;
}

void command_secrets_text(struct spans *found, const struct text_view *v)
{
	if (has_words(v))
		find_commands(found, v, 1);
}
