// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_dfa.c - patterns and a subject, all made up: the automaton says what the slow matcher says.
 * Input: one byte for the kind, patterns one a line up to an empty line, then the subject.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/slow_match.h"
#include "policy/compile.h"
#include "automaton/dfa.h"
#include "automaton/nfa.h"
#include "automaton/pattern.h"

#define PATTERNS 8

struct input {
	char *patterns[PATTERNS];
	size_t count;
	char *subject;
	size_t length;
};

/* Cut text into patterns and subject; those that are refused are left out. */
static void cut(struct input *in, char *text, size_t size, enum ws_automaton kind)
{
	char *at = text, *end = text + size;
	size_t wild = 0; /* `*a????????` is exponential, and ends in the limit that test_compile.c
			    passes */

	while (at < end) {
		char *line = memchr(at, '\n', (size_t)(end - at));
		size_t here = 0;
		struct pattern p;

		if (!line || line == at) {
			at += line != NULL;
			break;
		}
		*line = '\0';
		for (const char *c = at; *c; c++)
			here += *c == '*' || *c == '?';
		if (in->count < PATTERNS && wild + here <= 10 &&
		    strlen(at) == (size_t)(line - at) && pattern_parse(&p, kind, at, NULL) == 0) {
			pattern_done(&p);
			in->patterns[in->count++] = at;
			wild += here;
		}
		at = line + 1;
	}
	in->subject = at;
	in->length = (size_t)(end - at);
}

static void check(const struct input *in, size_t i, bool want, const struct ws_set *got)
{
	if ((got->match.w[0] >> i & 1) == want)
		return;
	fprintf(stderr, "pattern `%s`: automaton says %d\n", in->patterns[i], !want);
	abort();
}

/* A path as the kernel has it: absolute, no empty component. The first component, if any, is a
 * home. */
static void check_path(const struct input *in, const struct tables *t)
{
	char path[512] = "/";
	size_t n = 1, home;
	struct ws_set got = { 0 };

	for (size_t i = 0; i < in->length && n < sizeof(path) - 1; i++) {
		char c = in->subject[i];

		if (c && !(c == '/' && path[n - 1] == '/'))
			path[n++] = c;
	}
	if (n > 1 && path[n - 1] == '/')
		n--;
	path[n] = '\0';
	home = n > 1 ? 1 + slow_span(path + 1, '/', false) : 0;
	tables_match_path(t, path, &(unsigned){ home ? 1 : 0 }, 1, &got);
	for (size_t i = 0; i < in->count; i++)
		check(in, i, slow_path(in->patterns[i], path, &home, 1), &got);
}

static void check_argv(const struct input *in, const struct tables *t)
{
	char joined[512];
	char *words[16];
	size_t n = 0, len = in->length < sizeof(joined) - 1 ? in->length : sizeof(joined) - 1;
	struct ws_set got = { 0 };

	memcpy(joined, in->subject, len);
	joined[len++] = '\0';
	for (size_t i = 0; i < len; i++)
		if (joined[i] == '|')
			joined[i] = '\0';
	for (size_t i = 0; i < len; i += strlen(joined + i) + 1) {
		if (n == sizeof(words) / sizeof(words[0])) {
			len = i;
			break;
		}
		words[n++] = joined + i;
	}
	tables_match_argv(t, joined, len, &got);
	for (size_t i = 0; i < in->count; i++)
		check(in, i, slow_argv(in->patterns[i], words, n), &got);
}

static void check_name(const struct input *in, const struct tables *t)
{
	char name[WS_NAME_MAX] = "";
	struct ws_set got = { 0 };

	memcpy(name, in->subject, in->length < sizeof(name) - 1 ? in->length : sizeof(name) - 1);
	tables_match_name(t, name, &got);
	for (size_t i = 0; i < in->count; i++)
		check(in, i,
		      slow_glob(in->patterns[i], strlen(in->patterns[i]), name, strlen(name), -1),
		      &got);
}

/* Only this automaton, without the managers that compile() adds: pattern i is rule i. */
static bool build(struct tables *t, struct dfa_store *s, const struct input *in,
		  enum ws_automaton kind)
{
	struct nfa n;
	bool ok = nfa_init(&n, kind) == 0 && dfa_store_init(s) == 0;

	for (size_t i = 0; i < in->count && ok; i++) {
		struct ws_set accept = { .match.w[0] = 1ULL << i };

		ok = nfa_add(&n, in->patterns[i], &accept, NULL) == 0;
	}
	ok = ok && dfa_build(s, &n, &t->policy.start[kind], &t->policy.loops[kind], NULL) == 0;
	nfa_symbols(&n, t->policy.class_of[kind]);
	t->rows = s->rows;
	t->sets = s->sets;
	nfa_done(&n);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(const struct input *, const struct tables *) = { check_path,
										       check_argv,
										       check_name };
	static struct tables t;
	struct dfa_store s = { 0 };
	struct input in = { 0 };
	enum ws_automaton kind;
	char *text;

	if (size < 2 || size > 1024)
		return 0;
	kind = data[0] % WS_DFA_MAX;
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	cut(&in, text, size - 1, kind);
	if (in.count && build(&t, &s, &in, kind))
		checks[kind](&in, &t);
	dfa_store_done(&s);
	free(text);
	return 0;
}
