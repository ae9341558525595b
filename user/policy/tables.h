/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compile.h - a validated rule set turned into the kernel's tables, and the same tables asked from
 * user space (the code paths of bpf/decide.h and of the walk in bpf/path.bpf.h, for tests, `rules
 * test`, `explain`, `replay`).
 */
#ifndef WORMSIGN_COMPILE_H
#define WORMSIGN_COMPILE_H

#include <stddef.h>

#include "error.h"
#include "policy.h"
#include "ruleset.h"

struct table_lpm4 {
	struct ws_lpm4 key;
	struct ws_mask mask; /* already holds what shorter prefixes that cover it say */
};
struct table_lpm6 {
	struct ws_lpm6 key;
	struct ws_mask mask;
};
struct table_port {
	uint16_t port; /* host order */
	struct ws_mask mask;
};

struct tables {
	struct ws_policy policy;
	struct ws_rule rules[WS_RULES_MAX];
	struct ws_row *rows; /* row 0 is the dead state */
	size_t row_count;
	struct ws_set *sets; /* set 0 is empty */
	size_t set_count;
	struct table_lpm4 *lpm4;
	size_t lpm4_count;
	struct table_lpm6 *lpm6;
	size_t lpm6_count;
	struct table_port *ports;
	size_t port_count;
	/*
	 * Patterns of rules stronger than alert on `read`: what exists of them when a session
	 * starts is also entered by identity. Only those that can be looked for (`~/...` and
	 * absolute ones; a trailing ** is a whole tree). Strings are owned by the rule set.
	 */
	struct identity_pattern {
		const char *pattern;
		struct ws_mask mask; /* every rule with this path pattern */
	} * identities;
	size_t identity_count;
	unsigned class_count[WS_DFA_MAX]; /* symbol classes used of WS_CLASSES */
};

/* Compile; -E2BIG when a limit (rules, labels, states, symbol classes) is passed, with the limit
 * and the pattern in e. */
int compile(struct tables **ret, const struct ruleset *r, struct error *e);
void tables_free(struct tables *t);
static inline void tables_freep(struct tables **t)
{
	tables_free(*t);
}

/*
 * Walk the path automaton exactly as the kernel does. path is absolute; home_depth lists which of
 * its ancestors are homes (n: the directory made of the first n components). ORs into match and the
 * others, which may be NULL.
 */
void tables_match_path(const struct tables *t, const char *path, const unsigned *home_depth,
		       size_t homes, struct ws_set *into);
/* words: NUL-joined, len bytes, as the kernel reads them. */
void tables_match_argv(const struct tables *t, const char *words, size_t len, struct ws_set *into);
void tables_match_name(const struct tables *t, const char *name, struct ws_set *into);
/* Rules that name the address (AF_INET, AF_INET6) or the port. */
void tables_match_address(const struct tables *t, int family, const uint8_t *address,
			  struct ws_mask *into);
void tables_match_port(const struct tables *t, unsigned port, struct ws_mask *into);

#endif
