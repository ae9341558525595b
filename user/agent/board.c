// SPDX-License-Identifier: GPL-2.0-only
/* board.c - map the memory, and find rows in it. */
#include "agent/board.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* Changes with the layout, which its size mostly shows. */
#define MAGIC	   (UINT64_C(0x77736264) << 32 | sizeof(struct board))
#define NAMING_MAX 100000 /* looks at a row whose name is being written: its writer has died */

int board_make(struct board **ret, int *ret_fd)
{
	_close_ int fd = memfd_create("wormsign-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct board *b;

	if (fd < 0 || ftruncate(fd, sizeof(*b)) < 0)
		return -errno;
	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (b == MAP_FAILED)
		return -errno;
	b->magic = MAGIC;
	b->since = clock_ns(CLOCK_REALTIME);
	*ret = b;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int board_attach(struct board **ret, int fd, bool write)
{
	struct board *b;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size != sizeof(*b))
		return -EBADMSG;
	b = mmap(NULL, sizeof(*b), PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
	if (b == MAP_FAILED)
		return -errno;
	if (b->magic != MAGIC) {
		board_detach(b);
		return -EBADMSG;
	}
	*ret = b;
	return 0;
}

void board_detach(const struct board *b)
{
	if (b)
		munmap((void *)b, sizeof(*b));
}

/* Whether the row has its name by now. */
static bool is_named(const struct board_row *row)
{
	for (int i = 0; i < NAMING_MAX; i++)
		if (__atomic_load_n(&row->state, __ATOMIC_ACQUIRE) == 2)
			return true;
	return false;
}

struct board_row *board_row(struct board_row *rows, size_t count, const char *name)
{
	char cut[BOARD_NAME];
	uint32_t hash = 2166136261u;

	snprintf(cut, sizeof(cut), "%s", name);
	for (const char *c = cut; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	/* every server goes the same way, so that no name gets two rows */
	for (size_t i = 0; i < count; i++) {
		struct board_row *row = &rows[(hash + i) % count];
		uint32_t free = 0;

		if (__atomic_compare_exchange_n(&row->state, &free, 1, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE)) {
			memcpy(row->name, cut, sizeof(cut));
			__atomic_store_n(&row->state, 2, __ATOMIC_RELEASE);
			return row;
		}
		if (is_named(row) && strncmp(row->name, cut, sizeof(cut)) == 0)
			return row;
	}
	return NULL;
}

unsigned board_sessions(const struct board *b, uid_t uid)
{
	unsigned n = 0;

	for (size_t s = 0; s < BOARD_SERVERS; s++) {
		const struct board_server *server = &b->servers[s];
		uint32_t count = __atomic_load_n(&server->sessions, __ATOMIC_ACQUIRE);

		for (uint32_t i = 0; i < count && i < BOARD_SESSIONS; i++)
			n += uid == (uid_t)-1 || server->uids[i] == uid;
	}
	return n;
}
