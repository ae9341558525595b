/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pattern.h - the text of a pattern parsed into atoms, in the order in which the automaton is fed.
 * The grammar is in rules/README.md. Knows nothing of rules or automata.
 */
#ifndef WORMSIGN_PATTERN_H
#define WORMSIGN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "policy.h"

/* Sets of symbols that a wildcard can stand for. None includes WS_SYM_HOME or WS_SYM_ROOT. */
enum pattern_set { SET_ALL = 0, SET_NOT_SLASH, SET_NOT_NUL, SET_NOT_NUL_SLASH, SET_NOT_NUL_DASH };

/*
 * An atom is a symbol (its number), one symbol of a set, any number of symbols of a set, or, in an
 * ARGV pattern, a mark. The atoms of a word follow its ATOM_WORD.
 */
#define ATOM_ONE(set)	(0x1000u | (set))
#define ATOM_STAR(set)	(0x2000u | (set))
#define ATOM_SET(atom)	((enum pattern_set)((atom)&0xfff))
#define ATOM_IS_ONE(a)	(((a)&0xf000u) == 0x1000u)
#define ATOM_IS_STAR(a) (((a)&0xf000u) == 0x2000u)
#define ATOM_IS_MARK(a) (((a)&0xf000u) == 0x3000u)
#define ATOM_WORD	0x3000u /* one word */
#define ATOM_WORDS	0x3001u /* zero or more words */
#define ATOM_DASHES	0x3002u /* zero or more words that begin with '-' */
#define ATOM_SCRIPT	0x3003u /* at the front: an interpreter may stand before the first word */

struct pattern {
	uint16_t *atoms;
	size_t count, size;
};

/*
 * Parse text. 0 and an owned *ret, to be freed with pattern_done(); -EINVAL with the reason in e,
 * which does not repeat the text; -ENOMEM.
 */
int pattern_parse(struct pattern *ret, enum ws_automaton kind, const char *text, struct error *e);
void pattern_done(struct pattern *p);

/* Whether what a PATH pattern names can be found by listing directories: it begins with '/' or `~`,
 * not with a `**` component. */
bool pattern_is_rooted(const char *text);

#endif
