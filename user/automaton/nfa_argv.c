// SPDX-License-Identifier: GPL-2.0-only
/* nfa_argv.c - argv patterns, word by word: files with and without directories, open ends, scripts
 * of interpreters. */
#include "nfa_build.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * To where the name begins in a word that has directories. A word that begins with '-' is an option
 * and has none: else
 * "-x/npm" could be both an option to skip and the npm that is looked for, and such doubts
 * multiply.
 */
static int step_base(struct nfa *n, uint32_t *at)
{
	uint32_t base, within;
	bool is_new;
	int r = nfa_child_of(n, *at, KEY_BASE, 0, &base, &is_new);

	if (r == 0 && is_new && (r = nfa_node_new(n, &within)) == 0 &&
	    (r = nfa_edge_new(n, *at, '/', base)) == 0 &&
	    (r = nfa_edge_new(n, *at, NFA_SET(SET_NOT_NUL_DASH), within)) == 0 &&
	    (r = nfa_edge_new(n, within, NFA_SET(SET_NOT_NUL), within)) == 0)
		r = nfa_edge_new(n, within, '/', base);
	*at = base;
	return r;
}

/* One word of an ARGV pattern, and the NUL behind it. */
static int step_word(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count,
		     struct error *e)
{
	int r = nfa_steps(n, at, atoms, count, false, e);

	return r < 0 ? r : nfa_step(n, at, 0, e);
}

/*
 * One word that names a file: with or without directories before it, unless it has some itself.
 * Wildcards take no '/'. Both readings lead to one node, so that the rest of the pattern is not
 * held twice. That node is shared by patterns which are alike up to here: it is found by the last
 * node of the first reading, which stands for exactly those.
 */
static int step_file(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count,
		     struct error *e)
{
	bool has_slash = false, is_new;
	uint32_t whole = *at, base = *at, end;
	int r;

	for (size_t i = 0; i < count; i++)
		has_slash |= atoms[i] == '/';
	r = nfa_steps(n, &whole, atoms, count, true, e);
	if (r == 0)
		r = nfa_child_of(n, whole, KEY_WORD, 0, &end, &is_new);
	if (r < 0)
		return r;
	*at = end;
	if (!is_new)
		return 0;
	r = nfa_edge_new(n, whole, 0, end);
	if (r < 0 || has_slash)
		return r;
	if ((r = step_base(n, &base)) < 0 || (r = nfa_steps(n, &base, atoms, count, true, e)) < 0)
		return r;
	return nfa_edge_new(n, base, 0, end);
}

/* Zero or more words (dashes: that begin with '-'). *ret_tail: the node within such a word. */
static int step_words(struct nfa *n, uint32_t *at, unsigned atom, uint32_t *ret_tail)
{
	bool is_new;
	uint32_t between, tail;
	int r = nfa_child_of(n, *at, KEY_STEP, atom, &between, &is_new);

	if (r < 0 || (r = nfa_child_of(n, between, KEY_TAIL, 0, &tail, &is_new)) < 0)
		return r;
	if (is_new) {
		if ((r = nfa_free_edge_new(n, *at, between)) < 0 ||
		    (r = nfa_edge_new(n, between, atom == ATOM_DASHES ? '-' : NFA_SET(SET_NOT_NUL),
				      tail)) < 0 ||
		    (r = nfa_edge_new(n, tail, NFA_SET(SET_NOT_NUL), tail)) < 0 ||
		    (r = nfa_edge_new(n, tail, 0, between)) < 0)
			return r;
		if (atom == ATOM_WORDS &&
		    (r = nfa_edge_new(n, between, 0, between)) < 0) /* an empty word */
			return r;
	}
	*at = between;
	*ret_tail = tail;
	return 0;
}

/* Past an interpreter and its options: where the name of a script stands. */
static int step_host(struct nfa *n, uint32_t *ret, struct error *e)
{
	/* What #! lines name. */
	static const char *const names[] = { "sh",   "bash",  "dash",	 "zsh",	  "ksh",  "ash",
					     "fish", "node*", "python*", "perl*", "ruby*" };
	uint32_t host, tail, env = 0;
	bool is_new;
	int r = nfa_child_of(n, 0, KEY_HOST, 0, &host, &is_new);

	*ret = host;
	if (r < 0 || (r = step_words(n, ret, ATOM_DASHES, &tail)) < 0 || !is_new)
		return r;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0; i++) {
		uint32_t end = 0;
		struct pattern p;

		r = pattern_parse(&p, WS_DFA_ARGV, names[i], e);
		if (r < 0)
			break;
		r = step_file(n, &end, p.atoms + 1, p.count - 1, e);
		pattern_done(&p);
		if (r == 0)
			r = nfa_free_edge_new(n, end, host);
	}
	/* env with one word, the interpreter: with more the interpreter's own exec follows, and
	 * that is seen as well. */
	if (r < 0 || (r = step_file(n, &env, (uint16_t[]){ 'e', 'n', 'v' }, 3, e)) < 0 ||
	    (r = step_word(n, &env, (uint16_t[]){ ATOM_STAR(SET_NOT_NUL) }, 1, e)) < 0)
		return r;
	return nfa_free_edge_new(n, env, *ret);
}

/*
 * A word as the first of an argv, or as the script of an interpreter: `gh` and `sh /usr/bin/gh`.
 * Both lead to one node, which is not the one behind a plain `gh`: patterns that go on from there
 * do not mean the script.
 */
static int step_script(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count,
		       struct error *e)
{
	uint32_t alone = *at, hosted, end;
	bool is_new;
	int r = step_host(n, &hosted, e);

	if (r < 0 || (r = step_file(n, &alone, atoms, count, e)) < 0 ||
	    (r = nfa_child_of(n, alone, KEY_BOTH, 0, &end, &is_new)) < 0)
		return r;
	*at = end;
	if (!is_new)
		return 0;
	r = step_file(n, &hosted, atoms, count, e);
	if (r == 0)
		r = nfa_free_edge_new(n, alone, end);
	return r < 0 ? r : nfa_free_edge_new(n, hosted, end);
}

/* All of an ARGV pattern. *ret_tail: as of step_words() when it comes last, else NFA_NONE. */
int nfa_step_argv(struct nfa *n, uint32_t *at, uint32_t *ret_tail, const struct pattern *p,
		  struct error *e)
{
	int r = 0;

	*ret_tail = NFA_NONE;
	for (size_t i = 0; i < p->count && r == 0;) {
		bool script = p->atoms[i] == ATOM_SCRIPT;
		size_t word = i + script, end = word + 1;

		*ret_tail = NFA_NONE;
		if (p->atoms[word] == ATOM_WORD) {
			while (end < p->count && p->atoms[end] < ATOM_WORD)
				end++;
			r = (script ? step_script
			     : i    ? step_word
				    : step_file)(n, at, p->atoms + word + 1, end - word - 1, e);
		} else {
			r = step_words(n, at, p->atoms[word], ret_tail);
		}
		i = end;
	}
	return r;
}
