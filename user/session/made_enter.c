// SPDX-License-Identifier: GPL-2.0-only
/* made_enter.c - see made_enter.h. */
#include "session/made_enter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/path_below.h"

/* How far the time of a record and the file system's time of creation may differ: the clock may
 * have been set in between. */
#define CLOCK_SLACK_NS 10000000000ll

struct home { /* or project */
	char path[PATH_MAX];
	char mount[PATH_MAX]; /* where its file system is mounted; "" is the root */
};

struct homes {
	struct home *at;
	size_t count;
};

static void homes_free(struct homes *h)
{
	free(h->at);
}

/* Shorten path to the root of its mount, "" for "/". */
static void mount_of(char *path)
{
	struct stat here, above;

	while (path[0] && stat(path, &here) == 0) {
		char *slash = strrchr(path, '/');
		char kept = slash[1];

		if (slash == path)
			slash[1] = 0;
		else
			slash[0] = 0;
		if (stat(path, &above) < 0 || above.st_dev != here.st_dev) {
			slash[slash == path] = slash == path ? kept : '/';
			return;
		}
		if (slash == path)
			slash[0] = 0;
	}
}

static int find_homes(struct homes *h, const struct places *p)
{
	h->at = calloc(p->count + 1, sizeof(*h->at));
	if (!h->at)
		return -ENOMEM;
	for (size_t i = 0; i < p->count; i++) {
		struct home *home = &h->at[h->count];

		if ((p->at[i].place != WS_PLACE_HOME && p->at[i].place != WS_PLACE_PROJECT) ||
		    !realpath(p->at[i].path, home->path))
			continue;
		strcpy(home->mount, home->path);
		mount_of(home->mount);
		h->count++;
	}
	return 0;
}

/* Open what path names, if it lies below a home or project. -1: it does not, or is not there. */
static int open_below(const char *path, const struct homes *h)
{
	char full[PATH_MAX];

	if (strstr(path, "/..")) /* the kernel reports none, and it could lead out of the home */
		return -1;
	for (size_t i = 0; i < h->count; i++) {
		/* `watch` cannot see where the file system is mounted */
		for (int in_mount = 0; in_mount < 2; in_mount++) {
			const char *rest;
			int fd;

			if (snprintf(full, sizeof(full), "%s%s", in_mount ? h->at[i].mount : "",
				     path) >= (int)sizeof(full))
				continue;
			rest = path_below(full, h->at[i].path);
			if (!rest || rest[0] != '/')
				continue;
			fd = open(full, O_PATH | O_NOFOLLOW | O_CLOEXEC);
			if (fd >= 0)
				return fd;
		}
	}
	return -1;
}

/* The inode's number may have been given to another file since: its generation tells that, or the
 * time of its creation. A file system that has neither cannot vouch for it. */
static bool is_same(const struct made_entry *m, const struct ws_id *id, int fd)
{
	struct statx st = { 0 };
	int64_t born, apart;

	if (id->ino != m->inode || (uint32_t)(id->dev >> 32) != m->generation)
		return false;
	if (statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_BTIME, &st) < 0 ||
	    !(st.stx_mask & STATX_BTIME))
		return m->generation & INT32_MAX; /* the top bit says that it is a directory */
	born = st.stx_btime.tv_sec * 1000000000ll + st.stx_btime.tv_nsec;
	apart = born - (int64_t)m->time;
	return apart > -CLOCK_SLACK_NS && apart < CLOCK_SLACK_NS;
}

/* Collect what is left of the package's entries, the first of which is l->at[first]. */
static int collect(struct ws_made *made, const struct made_list *l, size_t first,
		   const struct homes *h, places_identify_fn identify, void *arg)
{
	for (size_t i = first; i < l->count && made->count < WS_MADE_MAX; i++) {
		const struct made_entry *m = &l->at[i];
		_close_ int fd = -1;
		struct ws_id id;
		int r;

		if (strcmp(m->package, l->at[first].package) != 0)
			continue;
		fd = open_below(m->path, h);
		if (fd < 0)
			continue;
		r = identify(arg, fd, &id);
		if (r < 0)
			return r;
		if (!is_same(m, &id, fd))
			continue;
		made->guarded |= (uint32_t)m->guarded << made->count;
		made->ids[made->count++] = id;
	}
	return 0;
}

static bool seen_before(const struct made_list *l, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(l->at[k].package, l->at[i].package) == 0)
			return true;
	return false;
}

int made_enter(const struct made_list *l, const struct places *p, places_identify_fn identify,
	       made_enter_fn enter, void *arg, size_t *ret_found, struct error *e)
{
	CLEANUP(homes_free) struct homes h = { 0 };
	size_t found = 0;
	int r;

	*ret_found = 0;
	if (!l->count)
		return 0;
	r = find_homes(&h, p);
	for (size_t i = 0; r == 0 && i < l->count; i++) {
		struct ws_made made = { 0 };

		if (seen_before(l, i))
			continue;
		r = collect(&made, l, i, &h, identify, arg);
		if (r == 0 && made.count)
			r = enter(arg, l->at[i].package, &made);
		found += made.count;
	}
	if (r < 0)
		return error_set(e, r, "what packages made before cannot be entered: %s",
				 strerror(-r));
	*ret_found = found;
	return 0;
}
