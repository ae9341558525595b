// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_dfa_fold.c - states share a number if, and only if, no input distinguishes them: against the
 * table of all pairs, on random automata.
 */
#include "automaton/dfa_fold.h"

#include <stdbool.h>
#include <string.h>

#include "cmocka_all.h"

#define STATES	60
#define CLASSES 5

static uint64_t seed = 1;

static unsigned roll(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

struct automaton {
	uint32_t next[STATES * CLASSES], accept[STATES];
	unsigned count, classes;
};

/* State 0 is dead. Few accept sets, and rows that repeat, so that there is much to fold. */
static void make(struct automaton *a)
{
	memset(a, 0, sizeof(*a));
	a->count = 2 + roll(STATES - 2);
	a->classes = 1 + roll(CLASSES);
	for (unsigned i = 1; i < a->count; i++) {
		a->accept[i] = roll(4) ? 0 : 1 + roll(2);
		for (unsigned c = 0; c < a->classes; c++) {
			unsigned to = roll(3) ? roll(a->count) : i / 2;

			a->next[i * a->classes + c] = roll(4) ? to : 0;
		}
		if (i > 1 && roll(3) == 0)
			memcpy(&a->next[i * a->classes], &a->next[(i - 1) * a->classes],
			       a->classes * sizeof(a->next[0]));
	}
}

static void tell_apart(const struct automaton *a, bool apart[STATES][STATES])
{
	bool changed = true;

	for (unsigned i = 0; i < a->count; i++)
		for (unsigned k = 0; k < a->count; k++)
			apart[i][k] = a->accept[i] != a->accept[k];
	while (changed) {
		changed = false;
		for (unsigned i = 0; i < a->count; i++)
			for (unsigned k = 0; k < a->count; k++)
				for (unsigned c = 0; c < a->classes && !apart[i][k]; c++)
					if (apart[a->next[i * a->classes + c]]
						 [a->next[k * a->classes + c]])
						apart[i][k] = changed = true;
	}
}

static void random_automata(void **state)
{
	static bool apart[STATES][STATES];
	size_t folded = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint32_t block[STATES];
		struct automaton a;
		bool used[STATES] = { 0 };
		int64_t blocks, n = 0;

		make(&a);
		tell_apart(&a, apart);
		blocks = dfa_fold(block,
				  &(struct dfa_subsets){ a.count, a.classes, a.next, a.accept });
		assert_in_range(blocks, 1, a.count);
		for (unsigned i = 0; i < a.count; i++) {
			assert_true(block[i] < blocks);
			n += !used[block[i]];
			used[block[i]] = true;
			for (unsigned k = 0; k < a.count; k++)
				if (apart[i][k] != (block[i] != block[k]))
					fail_msg("round %d: states %u and %u: %s", round, i, k,
						 apart[i][k] ? "folded" : "kept apart");
		}
		assert_int_equal(n, blocks); /* no number is left out */
		assert_int_equal(block[0], 0);
		folded += a.count - (size_t)blocks;
	}
	assert_true(folded > 10000);
}

/* The states of a chain are distinguished from its end on, one in each round. */
static void long_chain(void **state)
{
	enum { N = 3000 };
	static uint32_t next[N], accept[N], block[N];
	bool used[N] = { 0 };

	(void)state;
	for (uint32_t i = 1; i < N; i++)
		next[i] = i + 1 < N ? i + 1 : 0;
	accept[N - 1] = 1;
	assert_int_equal(dfa_fold(block, &(struct dfa_subsets){ N, 1, next, accept }), N);
	for (uint32_t i = 0; i < N; i++) {
		assert_false(used[block[i]]);
		used[block[i]] = true;
	}
}

/* As many blocks from the beginning as there are states: all of them fit in the hash table. */
static void all_different(void **state)
{
	enum { N = 5000 };
	static uint32_t next[N], accept[N], block[N];

	(void)state;
	for (uint32_t i = 0; i < N; i++)
		accept[i] = i;
	assert_int_equal(dfa_fold(block, &(struct dfa_subsets){ N, 1, next, accept }), N);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_automata),
		cmocka_unit_test(long_chain),
		cmocka_unit_test(all_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
