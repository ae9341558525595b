/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tally.h - counts of events by key, for a bounded number of keys. Includes nothing of this
 * project.
 */
#ifndef WORMSIGN_TALLY_H
#define WORMSIGN_TALLY_H

#include <stddef.h>
#include <stdint.h>

struct tally_key {
	uint64_t scope;
	uint64_t what;	 /* kind of the event; the caller numbers them */
	uint64_t object; /* what it was about: a tally_hash(), or 0 */
};

struct tally {
	struct tally_slot {
		struct tally_key key;
		uint64_t count; /* 0: the slot is free */
	} * slots;
	size_t room, used, most;
	uint64_t overflow; /* events that no slot counts */
};

/*
 * The first `keys` distinct keys have a counter each. Events of later keys share one counter for
 * each scope and kind (the key with object 0); once keys / 4 of those exist, further events only
 * add to `overflow`.
 */
#define TALLY_INIT(keys)       \
	{                      \
		.most = (keys) \
	}

void tally_free(struct tally *t);
/* Count one event; returns the count that includes it. */
uint64_t tally_add(struct tally *t, struct tally_key key);
/* 0 for a key that has no count of its own. */
uint64_t tally_get(const struct tally *t, struct tally_key key);

/* FNV-1a */
uint64_t tally_hash(const void *bytes, size_t len);

/* Whether to report the n-th of many alike: each of the first `all`, then those numbered 2^k. */
static inline int tally_worth(uint64_t n, uint64_t all)
{
	return n <= all || (n & (n - 1)) == 0;
}

#endif
