/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dfa_cache.h - automata that were built before, kept in files: building those of the shipped rules
 * takes 0.7 s of CPU, reading them back 0.02 s. A file holds the whole input they were built from,
 * and is used for that very input only.
 */
#ifndef WORMSIGN_DFA_CACHE_H
#define WORMSIGN_DFA_CACHE_H

#include <stdint.h>

#include "automaton/dfa_store.h"
#include "automaton/nfa_graph.h"
#include "base/buf.h"

/* Most files in the directory. A further input replaces another one's file. */
#define DFA_CACHE_FILES 8

/* What is built: rows and sets go into the store. */
struct dfa_built {
	struct dfa_store *store;
	uint32_t *start, *loops; /* WS_DFA_MAX each */
};

/*
 * All that the automata depend on, appended to *key: `count` graphs, and the program itself, which
 * may build them otherwise after an update.
 */
void dfa_cache_key(struct buf *key, const struct nfa *graphs, size_t count);

/*
 * Look for what was built from key in dir: then rows and sets of the store are a mapping of the
 * file, only for reading. The store is one that dfa_store_init() made, and stays so on failure.
 * -ENOENT: there is none, or the file is another's, damaged, or writable by others than its owner,
 * who must be this process's user; -ENOMEM.
 */
int dfa_cache_load(const char *dir, const struct buf *key, struct dfa_built *ret);

/* Keep what was built from key in dir, which is made (0700) if it is missing. 0 or a negative
 * errno, which callers may ignore: the next start builds again. */
int dfa_cache_store(const char *dir, const struct buf *key, const struct dfa_built *built);

#endif
