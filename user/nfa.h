/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nfa.h - patterns of one automaton merged into one nondeterministic automaton. Patterns that begin
 * (in feeding order) with the same atoms share nodes, so that thousands of them stay few at a time.
 * Node 0 is the start.
 */
#ifndef WORMSIGN_NFA_H
#define WORMSIGN_NFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "pattern.h"
#include "policy.h"

#define NFA_NONE UINT32_MAX

struct nfa_edge {
	uint16_t label;	   /* a symbol, or NFA_SET(set) */
	uint32_t to, next; /* next edge of the same node, NFA_NONE: last */
};
#define NFA_SET(set) (0x1000u | (set))

struct nfa_node {
	uint32_t edges;	     /* first edge, NFA_NONE: none */
	uint32_t free_edges; /* edges that consume nothing */
	uint32_t accept;     /* index + 1 into accepts, 0: not accepting */
	uint32_t pattern;    /* first pattern that came through here, for messages */
};

struct nfa {
	enum ws_automaton kind;
	struct nfa_node *nodes;
	size_t node_count, node_size;
	struct nfa_edge *edges;
	size_t edge_count, edge_size;
	struct ws_set *accepts;
	size_t accept_count, accept_size;
	const char **patterns; /* borrowed */
	size_t pattern_count, pattern_size;
	uint8_t class_of[WS_SYMBOLS];
	unsigned class_count; /* class 0 is there from the start */
	uint32_t *sinks; /* ARGV: nodes at which everything has been said, one for each accept */
	size_t sink_count, sink_size;
	/* (node, what follows) -> node, open addressing; words of ARGV patterns are numbered
	 * through the same table */
	struct nfa_child {
		uint64_t key;
		uint32_t to;
	} * children;
	size_t child_count, child_size;
};

int nfa_init(struct nfa *n, enum ws_automaton kind);
void nfa_done(struct nfa *n);

/*
 * Add one pattern; text must outlive n. -EINVAL: it is wrong, -E2BIG: too many symbol classes; e
 * says why, without repeating the pattern.
 */
int nfa_add(struct nfa *n, const char *text, const struct ws_set *accept, struct error *e);

/*
 * Everything each node may still accept, as node_count sets (owned by the caller), for automata
 * that have sinks. A set of nodes that holds a sink need not hold those whose future the sink has
 * accepted already.
 */
int nfa_futures(struct ws_set **ret, const struct nfa *n);

/* Whether a says all that b says. One manager is as good as another: the first that an argv shows
 * is meant. */
bool nfa_says(const struct ws_set *a, const struct ws_set *b);

/* Classes an edge's label stands for; final once every pattern has been added. */
uint64_t nfa_classes(const struct nfa *n, unsigned label);

/* The class of every symbol as the policy has it: patterns say '/' for what the walk calls WS_SYM_END. */
void nfa_symbols(const struct nfa *n, uint8_t ret[WS_SYMBOLS]);

#endif
