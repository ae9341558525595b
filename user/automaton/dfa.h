/* SPDX-License-Identifier: GPL-2.0-only */
/* dfa.h - a nondeterministic automaton made deterministic and small, as rows of policy.h. */
#ifndef WORMSIGN_DFA_H
#define WORMSIGN_DFA_H

#include <stdint.h>

#include "automaton/dfa_store.h"
#include "automaton/nfa.h"
#include "base/error.h"
#include "policy.h"

/*
 * Append the automaton of n to s; *ret_start is its first state, 0 when n has no pattern. In the
 * states from *ret_loops on, and in no other but the dead one, every byte leads to the state
 * itself; it is one past the last state when there are none. -E2BIG: too many states or sets; e
 * names the pattern that costs most. -ENOMEM. After an error s can only be freed.
 */
int dfa_build(struct dfa_store *s, const struct nfa *n, uint32_t *ret_start, uint32_t *ret_loops,
	      struct error *e);

/* State after one symbol. */
static inline uint32_t dfa_next(const struct ws_row *rows, uint32_t state, unsigned class)
{
	return rows[state].next[class];
}

#endif
