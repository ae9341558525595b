/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dfa_store.h - the rows and accept sets that all automata share, as the kernel will hold them. Row
 * 0 is the dead state of every automaton, set 0 is empty.
 */
#ifndef WORMSIGN_DFA_STORE_H
#define WORMSIGN_DFA_STORE_H

#include <stddef.h>
#include <stdint.h>

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
	/* of dfa_cache_load(): a file's mapping that holds rows and sets; NULL: they are allocated,
	 * each by itself */
	void *file;
	size_t file_len;
};

/* A store that holds row 0 and set 0. -ENOMEM: nothing is left to free. */
int dfa_store_init(struct dfa_store *s);
void dfa_store_done(struct dfa_store *s);
/* Free rows and sets only. */
void dfa_store_drop(struct dfa_store *s);

/* Number of an accept set in the store, added if it is new; -E2BIG past DFA_SETS_MAX, -ENOMEM. */
int64_t dfa_store_set(struct dfa_store *s, const struct ws_set *set);

/* Hash of `count` words, for tables whose size is a power of two. */
uint64_t dfa_hash(const uint32_t *words, size_t count);

#endif
