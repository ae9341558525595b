/* SPDX-License-Identifier: GPL-2.0-only */
/* nfa_run.h - what a nondeterministic automaton accepts, by following all its edges at once:
 * without the subsets, rows and folding that are made of it. For tests. */
#ifndef NFA_RUN_H
#define NFA_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "automaton/accept.h"
#include "automaton/nfa.h"

#define NFA_RUN_NODES 4096

struct nfa_run {
	const struct nfa *n;
	bool in[NFA_RUN_NODES];
};

static inline void nfa_run_close(struct nfa_run *r)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < r->n->node_count; i++)
			for (uint32_t k = r->n->nodes[i].epsilons; r->in[i] && k != NFA_NONE;
			     k = r->n->edges[k].next)
				if (!r->in[r->n->edges[k].to])
					r->in[r->n->edges[k].to] = changed = true;
	}
}

static inline void nfa_run_start(struct nfa_run *r, const struct nfa *n)
{
	memset(r, 0, sizeof(*r));
	r->n = n;
	r->in[0] = true;
	nfa_run_close(r);
}

static inline void nfa_run_feed(struct nfa_run *r, unsigned symbol)
{
	struct nfa_run to = { .n = r->n };

	for (size_t i = 0; i < r->n->node_count; i++)
		for (uint32_t k = r->n->nodes[i].edges; r->in[i] && k != NFA_NONE;
		     k = r->n->edges[k].next)
			if (nfa_classes(r->n, r->n->edges[k].label) >> r->n->class_of[symbol] & 1)
				to.in[r->n->edges[k].to] = true;
	nfa_run_close(&to);
	*r = to;
}

/* What is accepted after these bytes. */
static inline struct ws_set nfa_run(const struct nfa *n, const char *bytes, size_t len)
{
	struct ws_set all = { 0 };
	struct nfa_run r;

	nfa_run_start(&r, n);
	for (size_t i = 0; i < len; i++)
		nfa_run_feed(&r, (unsigned char)bytes[i]);
	for (size_t i = 0; i < n->node_count; i++)
		if (r.in[i] && n->nodes[i].accept)
			accept_or(&all, &n->accepts[n->nodes[i].accept - 1]);
	return all;
}

#endif
