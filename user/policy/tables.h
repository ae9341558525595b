/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tables.h - the tables that a rule set is compiled into, as the kernel will hold them, and the
 * same look-ups that the hooks do, in user space: for tests, `rules test` and `rules explain`.
 */
#ifndef WORMSIGN_TABLES_H
#define WORMSIGN_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "automaton/dfa_store.h"
#include "policy.h"

struct table_lpm4 {
	struct ws_lpm4 key;
	struct ws_mask mask; /* of the rules that name it, or a shorter prefix that covers it */
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
	const struct ws_row *rows; /* row 0 is the dead state */
	size_t row_count;
	const struct ws_set *sets; /* set 0 is empty */
	size_t set_count;
	struct table_lpm4 *lpm4;
	size_t lpm4_count;
	struct table_lpm6 *lpm6;
	size_t lpm6_count;
	struct table_port *ports;
	size_t port_count;
	/*
	 * Path patterns of rules that do more than alert on `read`. The files they match when a
	 * session starts are protected by inode, too. Only patterns that can be found by listing
	 * directories (pattern_is_rooted()); a trailing ** stands for a whole tree. The strings are
	 * owned by the rule set.
	 */
	struct identity_pattern {
		const char *pattern;
		struct ws_mask mask; /* every rule with this path pattern */
	} * identities;
	size_t identity_count;
	unsigned class_count[WS_DFA_MAX]; /* symbol classes in use, of WS_CLASSES */
	struct dfa_store store;		  /* owns rows and sets */
};

/* t may be NULL. */
void tables_free(struct tables *t);
static inline void tables_freep(struct tables **t)
{
	tables_free(*t);
}

/* The kernel has the tables now, and t is seldom needed: give back memory that a look-up can get
 * again from a file. */
void tables_rest(struct tables *t);

/*
 * Walk the path automaton as the kernel does (bpf/lib/path.bpf.h). path is absolute; home_depth
 * lists which of its ancestors are homes (n: the directory made of its first n components; 0: the
 * root). What is accepted is added to *into.
 */
void tables_match_path(const struct tables *t, const char *path, const unsigned *home_depth,
		       size_t homes, struct ws_set *into);
/* words: len bytes of an argv as the kernel holds it, each word followed by a NUL. */
void tables_match_argv(const struct tables *t, const char *words, size_t len, struct ws_set *into);
/* name: of a package. */
void tables_match_name(const struct tables *t, const char *name, struct ws_set *into);

/* Add to *into the rules that name the address (family AF_INET: 4 bytes, AF_INET6: 16), or the
 * port (host order). */
void tables_match_address(const struct tables *t, int family, const uint8_t *address,
			  struct ws_mask *into);
void tables_match_port(const struct tables *t, unsigned port, struct ws_mask *into);

#endif
