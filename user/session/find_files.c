// SPDX-License-Identifier: GPL-2.0-only
/* expand.c - from a path pattern to the files it names. */
#include "expand.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

#define DEPTH 40 /* directories below a subtree pattern */

bool expand_match(const char *glob, size_t len, const char *name)
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
	struct expand *x;
	expand_fn fn;
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

/* fn for what fd is, if that is a regular file. */
static int meet(struct look *l, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return l->fn(l->arg, fd);
}

/* The stream takes over a descriptor of its own; the entries are to be opened through it. */
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

/* Everything below dir. Links to directories are not followed: they may lead anywhere, even back.
 */
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

/* One name that the component matches: go on, or end. */
static int enter(struct look *l, int dir, const char *name, const char *rest)
{
	_close_ int fd = openat(dir, name, O_PATH | O_CLOEXEC);

	if (fd < 0) {
		l->x->unreadable += !absent(errno);
		return 0;
	}
	return *rest ? descend(l, fd, rest) : meet(l, fd);
}

/* rest: "/a/b*c/..." below dir. */
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
		if (expand_match(at, len, entry->d_name))
			r = enter(l, dirfd(d), entry->d_name, at + len);
	}
	return r;
}

static int below(struct look *l, const char *root, const char *rest)
{
	_close_ int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? 0 : descend(l, dir, rest);
}

int expand(struct expand *x, const char *pattern, expand_fn fn, void *arg)
{
	/* What the last three show is made anew at every look. */
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
	for (size_t i = 0; r == 0 && i < x->home_count; i++)
		r = below(&l, x->homes[i], rest);
	return r;
}
