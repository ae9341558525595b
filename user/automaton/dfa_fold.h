/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dfa_fold.h - states of an automaton that behave alike, found by partition refinement. Patterns of
 * one rule that end alike (in the directories near the root, which are fed last) share states
 * afterwards: two of three rows go.
 */
#ifndef WORMSIGN_DFA_FOLD_H
#define WORMSIGN_DFA_FOLD_H

#include <stddef.h>
#include <stdint.h>

struct dfa_subsets {
	size_t count; /* of states; state 0 is dead */
	unsigned classes;
	const uint32_t *next;	/* row of state i: next[i * classes ...] */
	const uint32_t *accept; /* number of each one's accept set, 0: accepts nothing */
};

/*
 * block[0] to block[count - 1] become the numbers of the states after folding; 0 is the number of
 * all that can never accept. Returns how many different numbers there are, or -ENOMEM.
 */
int64_t dfa_fold(uint32_t *block, const struct dfa_subsets *in);

#endif
