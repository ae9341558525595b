/* SPDX-License-Identifier: GPL-2.0-only */
/* automaton.bpf.h - run the automata of the policy (enum ws_automaton in policy.h). */
#ifndef WORMSIGN_AUTOMATON_BPF_H
#define WORMSIGN_AUTOMATON_BPF_H

#include "lib/maps.bpf.h"

/* Add the accept set of state to w. Returns 0. Global: verified once, and not on each path. */
int ws_collect(struct ws_walk *w, u32 state);

/* The state after symbol. */
static __always_inline u32 ws_next(struct ws_policy *p, u32 automaton, u32 state, u32 symbol)
{
	struct ws_row *row = bpf_map_lookup_elem(&rows, &state);
	u32 class;

	/* the verifier of 6.1 forgets the bounds of a spilled number: check them again here */
	barrier_var(automaton);
	if (!row || symbol >= WS_SYMBOLS || automaton >= WS_DFA_MAX)
		return 0;
	class = p->class_of[automaton][symbol];
	if (class >= WS_CLASSES)
		return 0;
	return row->next[class];
}

/* The state after the first n bytes of c. */
u32 ws_feed(struct ws_chunk *c, u32 n, u32 automaton, u32 state);
/* Index of the accept set (`sets`) of the running task's argv, 0: none, or argv could not be read.
 */
u32 ws_match_argv(void);
/* ... of the package name in s->scope.name; overwrites s->string. */
u32 ws_match_name(struct ws_scratch *s);

#endif
