// SPDX-License-Identifier: GPL-2.0-only
/* cgroup_stale.c - find them by name, and by the lock that nobody holds any more. */
#include "session/cgroup_stale.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "session/cgroup.h"
#include "session/cgroup_find.h"

#define DESCRIPTORS 16
#define DEATH_MS    2000

static unsigned ended; /* nftw() passes no argument */
static int64_t until;

/* A version that took no lock may have made it: then its maker's number tells. A zombie has no
 * executable. */
static bool maker_lives(const char *name)
{
	char link[40], exe[2];
	int pid = 0;

	if (sscanf(name, CGROUP_PREFIX "%d-", &pid) != 1 || pid <= 0)
		return true; /* not one of ours */
	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	return readlink(link, exe, sizeof(exe)) >= 0 || errno != ENOENT;
}

static void end_one(const char *path, const char *name, const struct stat *st)
{
	CLEANUP(cgroup_freep) struct cgroup *c = NULL;
	struct error e = { 0 };
	int lives;

	if (st->st_uid != 0 || maker_lives(name) || cgroup_open(&c, path, &e) < 0 || c->kill < 0)
		return;
	/* one that was killed has its locks until the kernel has closed its files */
	while (flock(c->kill, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || clock_ms() > until)
			return;
		usleep(20000);
	}
	lives = cgroup_populated(c);
	if (lives < 0)
		return;
	ended += lives > 0;
	cgroup_kill(c);
	if (cgroup_wait_empty(c, DEATH_MS) == 0)
		cgroup_remove(c);
}

static int look(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *name = path + at->base;

	if (type == FTW_DP && strncmp(name, CGROUP_PREFIX, strlen(CGROUP_PREFIX)) == 0)
		end_one(path, name, st);
	return 0;
}

unsigned cgroup_stale_end(void)
{
	CLEANUP(cgroup_found_free) struct cgroup_found at = { 0 };
	struct error e = { 0 };

	ended = 0;
	until = clock_ms() + DEATH_MS;
	if (cgroup_find(&at, 0, &e) == 0)
		nftw(at.mount, look, DESCRIPTORS, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
	return ended;
}
