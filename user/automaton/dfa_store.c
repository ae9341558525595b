// SPDX-License-Identifier: GPL-2.0-only
/* dfa_store.c - see dfa_store.h. */
#include "automaton/dfa_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

uint64_t dfa_hash(const uint32_t *w, size_t count)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < count; i++)
		h = (h ^ w[i]) * 0x9e3779b97f4a7c15ULL, h ^= h >> 29;
	return h;
}

int dfa_store_init(struct dfa_store *s)
{
	*s = (struct dfa_store){ .row_size = 64, .set_size = 64, .set_index_size = 256 };
	s->rows = calloc(s->row_size, sizeof(*s->rows));
	s->sets = calloc(s->set_size, sizeof(*s->sets));
	s->set_index = calloc(s->set_index_size, sizeof(*s->set_index));
	if (!s->rows || !s->sets || !s->set_index) {
		dfa_store_done(s);
		return -ENOMEM;
	}
	s->row_count = s->set_count = 1;
	return 0;
}

void dfa_store_drop(struct dfa_store *s)
{
	if (s->file) {
		munmap(s->file, s->file_len);
	} else {
		free(s->rows);
		free(s->sets);
	}
	s->file = NULL;
	s->rows = NULL;
	s->sets = NULL;
}

void dfa_store_done(struct dfa_store *s)
{
	dfa_store_drop(s);
	free(s->set_index);
	*s = (struct dfa_store){ 0 };
}

/* The slot that holds set, or the free one where it belongs. */
static size_t set_slot(const struct dfa_store *s, const struct ws_set *set)
{
	size_t i = dfa_hash((const uint32_t *)set, sizeof(*set) / 4) & (s->set_index_size - 1);

	while (s->set_index[i] && memcmp(&s->sets[s->set_index[i]], set, sizeof(*set)) != 0)
		i = (i + 1) & (s->set_index_size - 1);
	return i;
}

int64_t dfa_store_set(struct dfa_store *s, const struct ws_set *set)
{
	size_t i = set_slot(s, set);

	if (s->set_index[i])
		return s->set_index[i];
	if (s->set_count == DFA_SETS_MAX)
		return -E2BIG;
	if (s->set_count == s->set_size) {
		struct ws_set *sets = realloc(s->sets, s->set_size * 2 * sizeof(*sets));
		uint32_t *index = calloc(s->set_index_size * 2, sizeof(*index));

		if (sets)
			s->sets = sets;
		if (!sets || !index) {
			free(index);
			return -ENOMEM;
		}
		free(s->set_index);
		s->set_index = index;
		s->set_size *= 2;
		s->set_index_size *= 2;
		for (size_t k = 1; k < s->set_count; k++)
			s->set_index[set_slot(s, &s->sets[k])] = (uint32_t)k;
		i = set_slot(s, set);
	}
	s->sets[s->set_count] = *set;
	s->set_index[i] = (uint32_t)s->set_count;
	return (int64_t)s->set_count++;
}
