/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dfa_fold.h - states of an automaton that behave alike, found by partition refinement. Patterns of
 * one rule that end alike (the directories near the root, fed last) become one: two rows of three
 * go.
 */
#ifndef WORMSIGN_DFA_FOLD_H
#define WORMSIGN_DFA_FOLD_H

#include <stddef.h>
#include <stdint.h>

struct dfa_subsets {
	size_t count; /* state 0 is dead */
	unsigned classes;
	const uint32_t *next;	/* row of state i: next[i * classes ...] */
	const uint32_t *accept; /* accept set of each */
};

/* block[i], count of them, becomes the number of state i among the folded ones, 0 for what can
 * never accept; returns how many there are, or -ENOMEM. */
int64_t dfa_fold(uint32_t *block, const struct dfa_subsets *in);

#endif
