// SPDX-License-Identifier: GPL-2.0-only
/* tables.c - see tables.h. */
#include "policy/tables.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "automaton/accept.h"
#include "automaton/dfa.h"
#include "decide.h"
#include "policy/address.h"

void tables_free(struct tables *t)
{
	if (!t)
		return;
	dfa_store_done(&t->store);
	free(t->lpm4);
	free(t->lpm6);
	free(t->ports);
	free(t->identities);
	free(t);
}

void tables_rest(struct tables *t)
{
	if (t->store.file)
		madvise(t->store.file, t->store.file_len, MADV_DONTNEED);
}

/* ---- automata ---- */

static void collect(const struct tables *t, uint32_t state, struct ws_set *into)
{
	accept_or(into, &t->sets[t->rows[state].accept]);
}

static uint32_t next(const struct tables *t, enum ws_automaton a, uint32_t state, unsigned symbol)
{
	return dfa_next(t->rows, state, t->policy.class_of[a][symbol]);
}

void tables_match_path(const struct tables *t, const char *path, const unsigned *home_depth,
		       size_t homes, struct ws_set *into)
{
	uint32_t state = t->policy.start[WS_DFA_PATH];
	size_t end = strlen(path);
	unsigned depth = 0;

	for (size_t i = 0; i < end; i++)
		depth += path[i] != '/' && (i == 0 || path[i - 1] == '/');
	for (;;) {
		size_t start;

		for (size_t i = 0; i < homes; i++)
			if (home_depth[i] == depth)
				collect(t, next(t, WS_DFA_PATH, state, WS_SYM_HOME), into);
		while (end && path[end - 1] == '/')
			end--;
		if (!end)
			break;
		for (start = end; start && path[start - 1] != '/';)
			start--;
		for (size_t i = start; i < end; i++)
			state = next(t, WS_DFA_PATH, state, (unsigned char)path[i]);
		state = next(t, WS_DFA_PATH, state, WS_SYM_END);
		collect(t, state, into);
		end = start;
		depth--;
	}
	collect(t, next(t, WS_DFA_PATH, state, WS_SYM_ROOT), into);
}

static void match_bytes(const struct tables *t, enum ws_automaton a, const char *bytes, size_t len,
			struct ws_set *into)
{
	uint32_t state = t->policy.start[a];

	for (size_t i = 0; i < len && state; i++)
		state = next(t, a, state, (unsigned char)bytes[i]);
	collect(t, state, into);
}

void tables_match_argv(const struct tables *t, const char *words, size_t len, struct ws_set *into)
{
	match_bytes(t, WS_DFA_ARGV, words, len, into);
}

void tables_match_name(const struct tables *t, const char *name, struct ws_set *into)
{
	match_bytes(t, WS_DFA_NAME, name, strlen(name) + 1, into);
}

/* ---- lists ---- */

void tables_match_address(const struct tables *t, int family, const uint8_t *address,
			  struct ws_mask *into)
{
	const struct ws_mask *best = NULL;
	unsigned longest = 0;

	for (size_t i = 0; i < t->lpm4_count && family == AF_INET; i++)
		if (t->lpm4[i].key.prefix >= longest &&
		    address_bits_equal(t->lpm4[i].key.address, address, t->lpm4[i].key.prefix)) {
			best = &t->lpm4[i].mask;
			longest = t->lpm4[i].key.prefix;
		}
	for (size_t i = 0; i < t->lpm6_count && family == AF_INET6; i++)
		if (t->lpm6[i].key.prefix >= longest &&
		    address_bits_equal(t->lpm6[i].key.address, address, t->lpm6[i].key.prefix)) {
			best = &t->lpm6[i].mask;
			longest = t->lpm6[i].key.prefix;
		}
	if (best)
		ws_mask_or(into, best);
}

void tables_match_port(const struct tables *t, unsigned port, struct ws_mask *into)
{
	for (size_t i = 0; i < t->port_count; i++)
		if (t->ports[i].port == port)
			ws_mask_or(into, &t->ports[i].mask);
}
