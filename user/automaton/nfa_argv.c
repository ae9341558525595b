// SPDX-License-Identifier: GPL-2.0-only
/* nfa_argv.c - see nfa_argv.h. */
#include "automaton/nfa_argv.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/*
 * Move *at to where the file's name begins, in a word that has directories. Words that begin with
 * '-' are excluded, because they are options: otherwise "-x/npm" could be read both as an option
 * to skip and as the npm that the pattern names, and every such ambiguity multiplies the states.
 */
static int step_base(struct nfa *n, uint32_t *at)
{
	uint32_t base, within;
	bool is_new;
	int r = nfa_child_of(n, *at, NFA_STEP_BASE, 0, &base, &is_new);

	if (r == 0 && is_new && (r = nfa_node_new(n, &within)) == 0 &&
	    (r = nfa_edge_new(n, *at, '/', base)) == 0 &&
	    (r = nfa_edge_new(n, *at, NFA_SET(SET_NOT_NUL_DASH), within)) == 0 &&
	    (r = nfa_edge_new(n, within, NFA_SET(SET_NOT_NUL), within)) == 0)
		r = nfa_edge_new(n, within, '/', base);
	*at = base;
	return r;
}

/* One word of the pattern, and the NUL that ends it in an argv. */
static int step_word(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count,
		     struct error *e)
{
	int r = nfa_steps(n, at, atoms, count, false, e);

	return r < 0 ? r : nfa_step(n, at, 0, e);
}

/*
 * One word that names a file. It matches with or without directories before it, unless it contains
 * a '/' itself; its wildcards do not match '/'. Both readings lead to one node, so that the rest of
 * the pattern exists once. That node is a child of the last node of the first reading, so it is
 * shared by exactly those patterns that are alike up to here.
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
		r = nfa_child_of(n, whole, NFA_STEP_WORD, 0, &end, &is_new);
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

/* Zero or more words; if atom is ATOM_DASHES, words that begin with '-'. *ret_tail: the node within
 * such a word. */
static int step_words(struct nfa *n, uint32_t *at, unsigned atom, uint32_t *ret_tail)
{
	bool is_new;
	uint32_t between, tail;
	int r = nfa_child_of(n, *at, NFA_STEP_ATOM, atom, &between, &is_new);

	if (r < 0 || (r = nfa_child_of(n, between, NFA_STEP_TAIL, 0, &tail, &is_new)) < 0)
		return r;
	if (is_new) {
		if ((r = nfa_epsilon_new(n, *at, between)) < 0 ||
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

/* From the start past an interpreter and its options, to where the name of a script stands. */
static int step_interpreter(struct nfa *n, uint32_t *ret, struct error *e)
{
	/* The interpreters that #! lines name. */
	static const char *const names[] = { "sh",   "bash",  "dash",	 "zsh",	  "ksh",  "ash",
					     "fish", "node*", "python*", "perl*", "ruby*" };
	uint32_t interpreter, tail, env = 0;
	bool is_new;
	int r = nfa_child_of(n, 0, NFA_STEP_INTERPRETER, 0, &interpreter, &is_new);

	*ret = interpreter;
	if (r < 0 || (r = step_words(n, ret, ATOM_DASHES, &tail)) < 0 || !is_new)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(names) && r == 0; i++) {
		uint32_t end = 0;
		struct pattern p;

		r = pattern_parse(&p, WS_DFA_ARGV, names[i], e);
		if (r < 0)
			break;
		r = step_file(n, &end, p.atoms + 1, p.count - 1, e);
		pattern_done(&p);
		if (r == 0)
			r = nfa_epsilon_new(n, end, interpreter);
	}
	/* `env INTERPRETER`. With more words, env executes the interpreter with an argv of its own,
	 * and that is matched, too. */
	if (r < 0 || (r = step_file(n, &env, (uint16_t[]){ 'e', 'n', 'v' }, 3, e)) < 0 ||
	    (r = step_word(n, &env, (uint16_t[]){ ATOM_STAR(SET_NOT_NUL) }, 1, e)) < 0)
		return r;
	return nfa_epsilon_new(n, env, *ret);
}

/*
 * The word behind `#!`: the first word of an argv, or the script of an interpreter (`gh`, or
 * `sh /usr/bin/gh`). Both lead to one node. It differs from the node behind a pattern's plain `gh`,
 * because patterns that go on from there do not mean the script.
 */
static int step_script(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count,
		       struct error *e)
{
	uint32_t program = *at, script, end;
	bool is_new;
	int r = step_interpreter(n, &script, e);

	if (r < 0 || (r = step_file(n, &program, atoms, count, e)) < 0 ||
	    (r = nfa_child_of(n, program, NFA_STEP_PROGRAM, 0, &end, &is_new)) < 0)
		return r;
	*at = end;
	if (!is_new)
		return 0;
	r = step_file(n, &script, atoms, count, e);
	if (r == 0)
		r = nfa_epsilon_new(n, program, end);
	return r < 0 ? r : nfa_epsilon_new(n, script, end);
}

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
			while (end < p->count && !ATOM_IS_MARK(p->atoms[end]))
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
