/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pattern.h - the text of a pattern taken apart: a list of atoms in the order in which the
 * automaton is fed. The grammar is in rules/README.md. Knows nothing of rules or automata.
 */
#ifndef WORMSIGN_PATTERN_H
#define WORMSIGN_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy.h"

/* Sets of symbols that an atom can stand for. None of them holds WS_SYM_HOME or WS_SYM_ROOT. */
enum pattern_set { SET_ALL = 0, SET_NOT_SLASH, SET_NOT_NUL, SET_NOT_NUL_SLASH, SET_NOT_NUL_DASH };

/* An atom: one symbol (its number), one of a set, or any number of a set; or a mark in an ARGV
 * pattern. */
#define ATOM_ONE(set)	(0x1000u | (set))
#define ATOM_STAR(set)	(0x2000u | (set))
#define ATOM_SET(atom)	((enum pattern_set)((atom)&0xfff))
#define ATOM_IS_ONE(a)	(((a)&0xf000u) == 0x1000u)
#define ATOM_IS_STAR(a) (((a)&0xf000u) == 0x2000u)
#define ATOM_WORD \
	0x3000u /* ARGV: the atoms of one word follow, up to the next ATOM_WORD.. or the end */
#define ATOM_WORDS  0x3001u /* ARGV: zero or more words */
#define ATOM_DASHES 0x3002u /* ARGV: zero or more words that begin with '-' */
#define ATOM_SCRIPT \
	0x3003u /* ARGV, first: the word that follows, with or without an interpreter before it */

struct pattern {
	uint16_t *atoms;
	size_t count, size;
};

/* -EINVAL with the reason in e (the pattern itself is not repeated there), -ENOMEM. Free with
 * pattern_done(). */
int pattern_parse(struct pattern *ret, enum ws_automaton kind, const char *text, struct error *e);
void pattern_done(struct pattern *p);

/* Whether the things a PATH pattern names can be found by looking (it does not begin with a leading
 * ** component). */
int pattern_is_rooted(const char *text);

#endif
