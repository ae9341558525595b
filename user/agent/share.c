// SPDX-License-Identifier: GPL-2.0-only
/* share.c - counters by user. */
#include "agent/share.h"

#include <errno.h>
#include <sys/mman.h>

/* Two users whose numbers are the same in the lower 16 bits share one counter. */
#define USERS 65536

struct shares {
	uint32_t of[USERS];
};

static void *make_shared(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

struct shares *shares_make(void)
{
	return make_shared(sizeof(struct shares));
}

int share_begin(struct share *ret, struct shares *all, uid_t uid)
{
	uint32_t *own = make_shared(sizeof(*own));

	if (!own)
		return -ENOMEM;
	*ret = (struct share){ .user = &all->of[uid % USERS], .own = own };
	return 0;
}

int share_take(const struct share *s, size_t n)
{
	/* taken first, so that two at once cannot both find room for one */
	if (n > SHARE_FILES)
		return -ENOSPC;
	if (__atomic_add_fetch(s->user, (uint32_t)n, __ATOMIC_SEQ_CST) > SHARE_FILES) {
		__atomic_sub_fetch(s->user, (uint32_t)n, __ATOMIC_SEQ_CST);
		return -ENOSPC;
	}
	__atomic_add_fetch(s->own, (uint32_t)n, __ATOMIC_SEQ_CST);
	return 0;
}

void share_end(struct share *s)
{
	if (!s->own)
		return;
	__atomic_sub_fetch(s->user, __atomic_load_n(s->own, __ATOMIC_SEQ_CST), __ATOMIC_SEQ_CST);
	munmap(s->own, sizeof(*s->own));
	*s = (struct share){ 0 };
}
