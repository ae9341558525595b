// SPDX-License-Identifier: GPL-2.0-only
/* spool_clock.c - see spool_clock.h. */
#include "delivery/spool_clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define NAME	   "clock"
#define FRESH	   "clock.new"
#define BOOT_ID	   "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_AT "%39[0-9a-f-]"

/* A clock that shows more is damaged: nothing is 500 years old. */
#define MOST (UINT64_MAX >> 1)

struct saved {
	char boot[40];
	uint64_t at, shown;
};

static bool read_text(int dir, const char *name, char *ret, size_t room)
{
	_close_ int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, room - 1);

	if (n < 0)
		return false;
	ret[n] = 0;
	return true;
}

/* "-": it is not known, and no boot has this id. */
static void boot_id(char ret[40])
{
	char text[64];

	if (!read_text(AT_FDCWD, BOOT_ID, text, sizeof(text)) || sscanf(text, BOOT_ID_AT, ret) != 1)
		strcpy(ret, "-");
}

static bool read_saved(int dir, struct saved *ret)
{
	char text[160], end;

	return read_text(dir, NAME, text, sizeof(text)) &&
	       sscanf(text,
		      "wormsign-clock 1 boot " BOOT_ID_AT " at %" SCNu64 " shown %" SCNu64 "%c",
		      ret->boot, &ret->at, &ret->shown, &end) == 4 &&
	       end == '\n' && ret->shown < MOST;
}

void spool_clock_open(struct spool_clock *ret, int dir, uint64_t least)
{
	struct saved s;
	char boot[40];

	*ret = (struct spool_clock){ .began = clock_ns(CLOCK_BOOTTIME) };
	boot_id(boot);
	if (read_saved(dir, &s)) {
		ret->base = s.shown;
		if (strcmp(boot, "-") != 0 && strcmp(boot, s.boot) == 0 && s.at < ret->began)
			ret->base += ret->began - s.at;
	}
	if (ret->base < least && least < MOST)
		ret->base = least;
}

uint64_t spool_clock_now(const struct spool_clock *c)
{
	return c->base + (clock_ns(CLOCK_BOOTTIME) - c->began);
}

void spool_clock_save(const struct spool_clock *c, int dir)
{
	char boot[40], text[160];
	uint64_t at = clock_ns(CLOCK_BOOTTIME);
	_close_ int fd =
		openat(dir, FRESH, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int len;

	boot_id(boot);
	len = snprintf(text, sizeof(text),
		       "wormsign-clock 1 boot %s at %" PRIu64 " shown %" PRIu64 "\n", boot, at,
		       c->base + (at - c->began));
	if (fd < 0 || write(fd, text, len) != len || renameat(dir, FRESH, dir, NAME) < 0)
		unlinkat(dir, FRESH, 0);
}
