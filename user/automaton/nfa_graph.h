/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nfa_graph.h - the graph of a nondeterministic automaton under construction: nodes, edges, symbol
 * classes, and a table of what each node leads to, by which patterns that begin with the same steps
 * share nodes. Node 0 is the start. Functions return 0 or a negative errno (-ENOMEM, unless they
 * say more).
 */
#ifndef WORMSIGN_NFA_GRAPH_H
#define WORMSIGN_NFA_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "policy.h"

#define NFA_NONE UINT32_MAX

struct nfa_edge {
	uint16_t label; /* a symbol, or NFA_SET(set); unused in an epsilon edge */
	uint32_t to;
	uint32_t next; /* next edge of the same node and kind, NFA_NONE: last */
};
#define NFA_SET(set) (0x1000u | (set)) /* any symbol of an enum pattern_set */

struct nfa_node {
	uint32_t edges;	   /* first edge that consumes a symbol, NFA_NONE: none */
	uint32_t epsilons; /* first epsilon edge: one that consumes nothing */
	uint32_t accept;   /* index + 1 into accepts, 0: not accepting */
	uint32_t pattern;  /* first pattern that made use of the node, for messages */
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
	unsigned class_count; /* class 0, "any byte no pattern names", exists from the start */
	uint32_t *sinks; /* ARGV: nodes that accept whatever follows, one for each accept set */
	size_t sink_count, sink_size;
	/* (node, step) -> node; open addressing, key 0: free */
	struct nfa_child {
		uint64_t key;
		uint32_t to;
	} * children;
	size_t child_count, child_size;
};

/* Make n an automaton with a start node and no pattern; nfa_done() frees it, also after an error.
 */
int nfa_init(struct nfa *n, enum ws_automaton kind);
void nfa_done(struct nfa *n);

int nfa_node_new(struct nfa *n, uint32_t *ret);
/* label: a symbol or NFA_SET(). */
int nfa_edge_new(struct nfa *n, uint32_t from, unsigned label, uint32_t to);
int nfa_epsilon_new(struct nfa *n, uint32_t from, uint32_t to);

/* Kinds of steps. Together with an atom, or 0, they name a node's child. */
enum nfa_step_kind {
	NFA_STEP_ATOM = 1,    /* by one atom */
	NFA_STEP_TAIL,	      /* within a word that `**` or `-**` stands for */
	NFA_STEP_WORD,	      /* by one word that names a file, with or without its directories */
	NFA_STEP_BASE,	      /* past the directories of a word */
	NFA_STEP_INTERPRETER, /* past an interpreter and its options */
	NFA_STEP_PROGRAM,     /* past a program of that name, or a script of that name */
};

/*
 * The child of `from` by that step. If the step is new, makes the node, without an edge that leads
 * there, and sets *ret_new.
 */
int nfa_child_of(struct nfa *n, uint32_t from, enum nfa_step_kind kind, unsigned atom,
		 uint32_t *ret, bool *ret_new);

/*
 * Move *at on by one atom of pattern.h, or by several; nodes and edges are made where they do not
 * exist. file: wildcards do not stand for '/'. -E2BIG: too many symbol classes, explained in e.
 */
int nfa_step(struct nfa *n, uint32_t *at, unsigned atom, struct error *e);
int nfa_steps(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count, bool file,
	      struct error *e);

#endif
