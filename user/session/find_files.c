// SPDX-License-Identifier: GPL-2.0-only
/* find_files.c - walk the directories that a pattern leads through. */
#include "session/find_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define DEPTH 40 /* levels of directories below a pattern that ends in ** */

bool find_files_match(const char *glob, size_t len, const char *name)
{
	const char *end = glob + len, *star = NULL, *retry = NULL;

	for (;;) {
		if (glob < end && *glob == '*') {
			star = ++glob;
			retry = name;
			continue;
		}
		if (!*name && glob == end)
			return true;
		if (*name && glob < end) {
			bool escaped = *glob == '\\' && glob + 1 < end;

			if (glob[escaped] == *name || (*glob == '?' && !escaped)) {
				glob += 1 + escaped;
				name++;
				continue;
			}
		}
		if (!star || !*retry)
			return false;
		glob = star;
		name = ++retry;
	}
}

struct look {
	struct find_files *x;
	find_files_fn fn;
	void *arg;
	size_t left;
};

static bool spend(struct look *l)
{
	if (l->left == 0)
		return false;
	if (--l->left == 0)
		l->x->cut++;
	return true;
}

static bool absent(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ELOOP;
}

/* Call fn for fd if it is a regular file. */
static int meet(struct look *l, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return l->fn(l->arg, fd);
}

/* Open a stream on dir; *ret is set, and 1 returned, if that works. */
static int list(struct look *l, int dir, DIR **ret)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		if (fd >= 0)
			close(fd);
		else if (!absent(errno))
			l->x->unreadable++;
		return 0;
	}
	*ret = d;
	return 1;
}

static bool dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* All files below dir. Links to directories are not followed: they can lead anywhere, even back. */
static int subtree(struct look *l, int dir, int depth)
{
	_closedir_ DIR *d = NULL;
	struct dirent *entry;
	int r = 0;

	if (list(l, dir, &d) == 0)
		return 0;
	while (r == 0 && (entry = readdir(d))) {
		_close_ int fd = -1;
		struct stat st;

		if (dots(entry->d_name))
			continue;
		if (!spend(l))
			break;
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode))
			continue;
		fd = openat(dirfd(d), entry->d_name,
			    O_PATH | O_CLOEXEC | (S_ISLNK(st.st_mode) ? 0 : O_NOFOLLOW));
		if (fd < 0) {
			l->x->unreadable += !absent(errno);
			continue;
		}
		if (!S_ISDIR(st.st_mode))
			r = meet(l, fd);
		else if (depth < DEPTH)
			r = subtree(l, fd, depth + 1);
		else
			l->x->unreadable++;
	}
	return r;
}

static size_t component(const char *at)
{
	size_t n = 0;

	while (at[n] && at[n] != '/')
		n += at[n] == '\\' && at[n + 1] ? 2 : 1;
	return n;
}

static bool has_glob(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (at[i] == '\\')
			i++;
		else if (at[i] == '*' || at[i] == '?')
			return true;
	}
	return false;
}

static int descend(struct look *l, int dir, const char *rest);

/* Open one entry that the component matches: descend if there is a rest, else it is a result. */
static int enter(struct look *l, int dir, const char *name, const char *rest)
{
	_close_ int fd = openat(dir, name, O_PATH | O_CLOEXEC);

	if (fd < 0) {
		l->x->unreadable += !absent(errno);
		return 0;
	}
	return *rest ? descend(l, fd, rest) : meet(l, fd);
}

/* Match `rest` ("/a/b*c/...") below dir. */
static int descend(struct look *l, int dir, const char *rest)
{
	const char *at = rest + 1;
	size_t len = component(at);
	_closedir_ DIR *d = NULL;
	struct dirent *entry;
	int r = 0;

	if (strcmp(at, "**") == 0)
		return subtree(l, dir, 0);
	if (!has_glob(at, len)) {
		char name[256];
		size_t n = 0;

		for (size_t i = 0; i < len && n < sizeof(name) - 1; i++) {
			i += at[i] == '\\' && i + 1 < len;
			name[n++] = at[i];
		}
		name[n] = 0;
		return spend(l) ? enter(l, dir, name, at + len) : 0;
	}
	if (list(l, dir, &d) == 0)
		return 0;
	while (r == 0 && (entry = readdir(d))) {
		if (dots(entry->d_name))
			continue;
		if (!spend(l))
			break;
		if (find_files_match(at, len, entry->d_name))
			r = enter(l, dirfd(d), entry->d_name, at + len);
	}
	return r;
}

static int below(struct look *l, const char *root, const char *rest)
{
	_close_ int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? 0 : descend(l, dir, rest);
}

/* ---- what lies in a home ---- */

#define NAMES_MOST 4096 /* in a home with more entries any pattern may match */

struct home_names {
	int dir; /* the home; -1: it cannot be opened, so nothing in it can */
	char **at;
	size_t count;
	bool whole;
};

static void list_home(struct home_names *n, const char *home)
{
	_closedir_ DIR *d = opendir(home);
	struct dirent *entry;
	size_t room = 0;

	n->dir = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* with no home, there is nothing in it; one that cannot be listed may have anything */
	n->whole = !d && absent(errno);
	while (d && n->count < NAMES_MOST) {
		entry = readdir(d);
		if (!entry) {
			n->whole = true;
			return;
		}
		if (n->count == room) {
			char **at = reallocarray(n->at, room = room ? room * 2 : 64, sizeof(*at));

			if (!at)
				return;
			n->at = at;
		}
		n->at[n->count] = strdup(entry->d_name);
		if (!n->at[n->count])
			return;
		n->count++;
	}
}

int find_files_list_homes(struct find_files *x)
{
	x->names = calloc(x->home_count + 1, sizeof(*x->names));
	if (!x->names)
		return -ENOMEM;
	for (size_t i = 0; i < x->home_count; i++)
		list_home(&x->names[i], x->homes[i]);
	return 0;
}

void find_files_done(struct find_files *x)
{
	for (size_t i = 0; x->names && i < x->home_count; i++) {
		for (size_t k = 0; k < x->names[i].count; k++)
			free(x->names[i].at[k]);
		free(x->names[i].at);
		if (x->names[i].dir >= 0)
			close(x->names[i].dir);
	}
	free(x->names);
	x->names = NULL;
}

/* Whether a home may hold what the pattern's rest ("/a/b") begins with. */
static bool may_hold(const struct home_names *n, const char *rest)
{
	size_t len = component(rest + 1);

	for (size_t i = 0; n->whole && i < n->count; i++)
		if (find_files_match(rest + 1, len, n->at[i]))
			return true;
	return !n->whole;
}

int find_files(struct find_files *x, const char *pattern, find_files_fn fn, void *arg)
{
	/* anywhere; and the kernel's own file systems, whose files do not last */
	static const char *const not_looked_at[] = { "/**/", "/proc/", "/sys/", "/dev/" };
	struct look l = { .x = x, .fn = fn, .arg = arg, .left = x->most };
	bool home = pattern[0] == '~';
	const char *rest = pattern + home;
	bool skip = *rest != '/' || !rest[1] || strcmp(rest, "/**") == 0;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(not_looked_at); i++)
		skip |= strncmp(pattern, not_looked_at[i], strlen(not_looked_at[i])) == 0;
	x->skipped += skip;
	if (skip)
		return 0;
	if (!home)
		return below(&l, "/", rest);
	for (size_t i = 0; r == 0 && i < x->home_count; i++) {
		if (!x->names)
			r = below(&l, x->homes[i], rest);
		else if (x->names[i].dir >= 0 && may_hold(&x->names[i], rest))
			r = descend(&l, x->names[i].dir, rest);
	}
	return r;
}
