/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nfa.h - patterns of one kind merged into one nondeterministic automaton. Patterns that begin (in
 * feeding order) with the same atoms share nodes, so that of thousands of patterns few nodes are
 * active at a time.
 */
#ifndef WORMSIGN_NFA_H
#define WORMSIGN_NFA_H

#include <stdint.h>

#include "automaton/nfa_graph.h"
#include "base/error.h"
#include "policy.h"

/*
 * Add one pattern; text must outlive n, accept is copied. -EINVAL: the pattern is wrong, -E2BIG:
 * too many symbol classes (e says why, without repeating the pattern), -ENOMEM. After an error n
 * can only be freed.
 */
int nfa_add(struct nfa *n, const char *text, const struct ws_set *accept, struct error *e);

/*
 * All that each node may still accept, as node_count sets, to be freed by the caller; -ENOMEM. Of
 * use with automata that have sinks: once a sink is in a set of nodes, nodes that can only accept a
 * subset of what the sink accepts are dropped from it.
 */
int nfa_futures(struct ws_set **ret, const struct nfa *n);

/* The classes an edge's label stands for, one bit each. Valid once every pattern has been added. */
uint64_t nfa_classes(const struct nfa *n, unsigned label);

/* The class of every symbol, as struct ws_policy has it: patterns say '/' for what the kernel's
 * walk feeds as WS_SYM_END. */
void nfa_symbols(const struct nfa *n, uint8_t ret[WS_SYMBOLS]);

#endif
