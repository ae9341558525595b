/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dfa.h - a nondeterministic automaton made deterministic and small, as rows of policy.h. Automata
 * share one store of rows and accept sets; row 0 is the dead state of all of them, set 0 is empty.
 */
#ifndef WORMSIGN_DFA_H
#define WORMSIGN_DFA_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "nfa.h"
#include "policy.h"

#define DFA_ROWS_MAX 200000 /* of all automata together: 51 MB of kernel memory */
#define DFA_SETS_MAX 65536

struct dfa_store {
	struct ws_row *rows;
	size_t row_count, row_size;
	struct ws_set *sets;
	size_t set_count, set_size;
	uint32_t *set_index; /* open addressing over sets, 0: free */
	size_t set_index_size;
};

int dfa_store_init(struct dfa_store *s);
void dfa_store_done(struct dfa_store *s);
/* Number of an accept set in the store, entered if it is new; -E2BIG, -ENOMEM. */
int64_t dfa_store_set(struct dfa_store *s, const struct ws_set *set);
uint64_t dfa_hash(const uint32_t *words, size_t count);

/*
 * Append the automaton of n to s; *ret_start is its first state (0 when n has no pattern).
 * -E2BIG: too many states or sets; e names the pattern that costs most. On failure s holds nothing
 * usable.
 */
int dfa_build(struct dfa_store *s, const struct nfa *n, uint32_t *ret_start, struct error *e);

/* State after one symbol. */
static inline uint32_t dfa_next(const struct ws_row *rows, uint32_t state, unsigned class)
{
	return rows[state].next[class];
}

#endif
