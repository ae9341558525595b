/* SPDX-License-Identifier: GPL-2.0-only */
/* nfa_build.h - the steps an automaton under construction is made of. Used by nfa.c and nfa_argv.c
 * only. */
#ifndef WORMSIGN_NFA_BUILD_H
#define WORMSIGN_NFA_BUILD_H

#include <stdbool.h>

#include "nfa.h"

/* Kinds of key in the table of children, above 16 bits of atom and 32 bits of node. */
#define KEY_STEP 1ULL /* by one atom */
#define KEY_TAIL 2ULL /* where a `**` word stands in the middle of a word */
#define KEY_WORD                                                                                  \
	3ULL	      /* by one word of an ARGV pattern that names a file: joins its two readings \
		       */
#define KEY_BASE 4ULL /* past the directories of a word */
#define KEY_HOST 5ULL /* past an interpreter and its options */
#define KEY_BOTH 6ULL /* past a program or a script of that name */

int nfa_node_new(struct nfa *n, uint32_t *ret);
/* An edge that consumes a symbol, or one of a set (NFA_SET); one that consumes nothing. */
int nfa_edge_new(struct nfa *n, uint32_t from, unsigned label, uint32_t to);
int nfa_free_edge_new(struct nfa *n, uint32_t from, uint32_t to);
/* The node that belongs to from under (kind, what); made, without an edge, when it is new: then
 * *ret_new is true. */
int nfa_child_of(struct nfa *n, uint32_t from, uint64_t kind, unsigned what, uint32_t *ret,
		 bool *ret_new);

/* Move *at on by one atom, or several; patterns that take the same steps share nodes. file:
 * wildcards take no '/'. */
int nfa_step(struct nfa *n, uint32_t *at, unsigned atom, struct error *e);
int nfa_steps(struct nfa *n, uint32_t *at, const uint16_t *atoms, size_t count, bool file,
	      struct error *e);

/* All of an argv pattern. *ret_tail: the node within the words of a last `-**`, else NFA_NONE. */
int nfa_step_argv(struct nfa *n, uint32_t *at, uint32_t *ret_tail, const struct pattern *p,
		  struct error *e);

#endif
