// SPDX-License-Identifier: GPL-2.0-only
/* tally.c - counts of events by key: a hash table with open addressing. */
#include "base/tally.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void tally_free(struct tally *t)
{
	free(t->slots);
	*t = (struct tally){ .most = t->most };
}

uint64_t tally_hash(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	return h;
}

static struct tally_slot *slot_of(const struct tally *t, const struct tally_key *key)
{
	uint64_t h = (key->scope * 0x9e3779b97f4a7c15ULL) ^ (key->what * 0xc2b2ae3d27d4eb4fULL) ^
		     key->object;

	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9ULL;
	for (size_t i = h >> 32;; i++) {
		struct tally_slot *s = &t->slots[i & (t->room - 1)];

		if (!s->count || memcmp(&s->key, key, sizeof(*key)) == 0)
			return s;
	}
}

/* Double the slots; at most half of them are ever used, so that a search ends soon. */
static bool grow(struct tally *t)
{
	struct tally bigger = { .room = t->room ? t->room * 2 : 128, .most = t->most };

	bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < t->room; i++)
		if (t->slots[i].count)
			*slot_of(&bigger, &t->slots[i].key) = t->slots[i];
	free(t->slots);
	t->slots = bigger.slots;
	t->room = bigger.room;
	return true;
}

static uint64_t add(struct tally *t, const struct tally_key *key, size_t most)
{
	struct tally_slot *s;

	if (!t->room && !grow(t))
		return 0;
	s = slot_of(t, key);
	if (s->count)
		return ++s->count;
	if (t->used >= most)
		return 0;
	if ((t->used + 1) * 2 > t->room) {
		if (!grow(t))
			return 0;
		s = slot_of(t, key);
	}
	s->key = *key;
	s->count = 1;
	t->used++;
	return 1;
}

uint64_t tally_add(struct tally *t, struct tally_key key)
{
	struct tally_key shared = { .scope = key.scope, .what = key.what };
	uint64_t n = add(t, &key, t->most);

	if (n)
		return n;
	n = add(t, &shared, t->most + t->most / 4);
	return n ? n : ++t->overflow;
}

uint64_t tally_get(const struct tally *t, struct tally_key key)
{
	return t->room ? slot_of(t, &key)->count : 0;
}
