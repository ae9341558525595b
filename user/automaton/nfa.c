// SPDX-License-Identifier: GPL-2.0-only
/* nfa.c - see nfa.h. */
#include "automaton/nfa.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "automaton/accept.h"
#include "automaton/grow.h"
#include "automaton/nfa_argv.h"
#include "automaton/pattern.h"

static int accept_at(struct nfa *n, uint32_t node, const struct ws_set *accept)
{
	if (!n->nodes[node].accept) {
		int r = grow(&n->accepts, &n->accept_size, n->accept_count, sizeof(*n->accepts));

		if (r < 0)
			return r;
		n->accepts[n->accept_count++] = (struct ws_set){ 0 };
		n->nodes[node].accept = (uint32_t)n->accept_count;
	}
	accept_or(&n->accepts[n->nodes[node].accept - 1], accept);
	return 0;
}

/*
 * End a pattern at a node from which only `**` is left: it has matched, whatever follows. That is a
 * sink, which patterns with the same accept set share; otherwise every set of words seen so far
 * would become a state of its own.
 */
static int end_in_sink(struct nfa *n, uint32_t from, const struct ws_set *accept)
{
	uint32_t sink;
	int r;

	for (size_t i = 0; i < n->sink_count; i++)
		if (memcmp(&n->accepts[n->nodes[n->sinks[i]].accept - 1], accept,
			   sizeof(*accept)) == 0)
			return nfa_epsilon_new(n, from, n->sinks[i]);
	if ((r = grow(&n->sinks, &n->sink_size, n->sink_count, sizeof(*n->sinks))) < 0 ||
	    (r = nfa_node_new(n, &sink)) < 0 || (r = accept_at(n, sink, accept)) < 0 ||
	    (r = nfa_edge_new(n, sink, NFA_SET(SET_ALL), sink)) < 0)
		return r;
	n->sinks[n->sink_count++] = sink;
	return nfa_epsilon_new(n, from, sink);
}

int nfa_add(struct nfa *n, const char *text, const struct ws_set *accept, struct error *e)
{
	struct pattern p;
	uint32_t at = 0, tail = NFA_NONE;
	bool open_end = false;
	int r = grow(&n->patterns, &n->pattern_size, n->pattern_count, sizeof(*n->patterns));

	if (r < 0)
		return r;
	r = pattern_parse(&p, n->kind, text, e);
	if (r < 0)
		return r;
	n->patterns[n->pattern_count++] = text;
	if (n->kind == WS_DFA_ARGV && p.atoms[p.count - 1] == ATOM_WORDS) {
		open_end = true;
		p.count--;
	}

	if (n->kind == WS_DFA_ARGV)
		r = nfa_step_argv(n, &at, &tail, &p, e);
	else
		r = nfa_steps(n, &at, p.atoms, p.count, false, e);
	pattern_done(&p);
	if (r == 0)
		r = open_end ? end_in_sink(n, at, accept) : accept_at(n, at, accept);
	/* An argv that was cut ends within a word. If the pattern only goes on with "any more
	 * options", it has matched. */
	if (r == 0 && tail != NFA_NONE)
		r = accept_at(n, tail, accept);
	return r;
}

int nfa_futures(struct ws_set **ret, const struct nfa *n)
{
	struct ws_set *f = calloc(n->node_count, sizeof(*f));
	bool changed = true;

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < n->node_count; i++)
		if (n->nodes[i].accept)
			f[i] = n->accepts[n->nodes[i].accept - 1];
	/* Most edges lead to nodes made later, so going backwards a few rounds suffice. */
	while (changed) {
		changed = false;
		for (size_t i = n->node_count; i--;) {
			const uint32_t lists[] = { n->nodes[i].edges, n->nodes[i].epsilons };

			for (int l = 0; l < 2; l++)
				for (uint32_t k = lists[l]; k != NFA_NONE; k = n->edges[k].next) {
					const struct ws_set *to = &f[n->edges[k].to];

					if (accept_includes(&f[i], to))
						continue;
					accept_or(&f[i], to);
					changed = true;
				}
		}
	}
	*ret = f;
	return 0;
}

uint64_t nfa_classes(const struct nfa *n, unsigned label)
{
	uint64_t all = n->class_count == 64 ? ~0ULL : (1ULL << n->class_count) - 1;

	if (label < WS_SYMBOLS)
		return 1ULL << n->class_of[label];
	/* WS_SYM_HOME and WS_SYM_ROOT are marks of the walk, not bytes: no wildcard matches them.
	 */
	if (n->kind == WS_DFA_PATH)
		all &= ~(1ULL << n->class_of[WS_SYM_HOME] | 1ULL << n->class_of[WS_SYM_ROOT]);
	if (label == NFA_SET(SET_NOT_SLASH) || label == NFA_SET(SET_NOT_NUL_SLASH))
		all &= ~(1ULL << n->class_of['/']);
	if (label == NFA_SET(SET_NOT_NUL) || label == NFA_SET(SET_NOT_NUL_SLASH) ||
	    label == NFA_SET(SET_NOT_NUL_DASH))
		all &= ~(1ULL << n->class_of[0]);
	if (label == NFA_SET(SET_NOT_NUL_DASH))
		all &= ~(1ULL << n->class_of['-']);
	return all;
}

void nfa_symbols(const struct nfa *n, uint8_t ret[WS_SYMBOLS])
{
	memcpy(ret, n->class_of, sizeof(n->class_of));
	if (n->kind != WS_DFA_PATH)
		return;
	ret[WS_SYM_END] = n->class_of['/'];
	ret['/'] = n->class_of[1]; /* as any byte that no pattern names */
}
