/* SPDX-License-Identifier: GPL-2.0-only */
/* tally.h - how often something happened, by three numbers that name it; bounded. Includes nothing
 * of this project. */
#ifndef WORMSIGN_TALLY_H
#define WORMSIGN_TALLY_H

#include <stddef.h>
#include <stdint.h>

struct tally_key {
	uint64_t scope;
	uint64_t what;
	uint64_t object; /* a hash, tally_hash() */
};

struct tally {
	struct tally_slot {
		struct tally_key key;
		uint64_t count; /* 0: free */
	} * slots;
	size_t room, used, most;
	uint64_t overflow; /* additions for which there was no slot */
};

/* most: keys kept; further ones share one count each by scope and what, or else are counted in
 * overflow. */
#define TALLY_INIT(keys)       \
	{                      \
		.most = (keys) \
	}

void tally_free(struct tally *t);
/* Count one more; returns how often it was counted, this time included. */
uint64_t tally_add(struct tally *t, struct tally_key key);
uint64_t tally_get(const struct tally *t, struct tally_key key);

/* FNV-1a */
uint64_t tally_hash(const void *bytes, size_t len);

/* Whether the n-th of many alike is worth telling: each of the first `all`, then 2^k-th ones. */
static inline int tally_worth(uint64_t n, uint64_t all)
{
	return n <= all || (n & (n - 1)) == 0;
}

#endif
