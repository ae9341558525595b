// SPDX-License-Identifier: GPL-2.0-only
/* cgroup_find.c - read /proc/PID/cgroup and /proc/self/mountinfo. */
#include "session/cgroup_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "session/path_below.h"

int cgroup_find_own(const char *text, char **ret)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *end;

		line += *line == '\n';
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		end = strchrnul(line, '\n');
		*ret = strndup(line + 3, end - line - 3);
		return *ret ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

/* mountinfo writes blanks, newlines and backslashes in names as octal escapes. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0');
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = 0;
}

int cgroup_find_mount(const char *text, const char *own, char **ret)
{
	_free_ char *copy = strdup(text), *fallback = NULL;
	char *line, *lines = copy;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&lines, "\n"))) {
		char *type = strstr(line, " - "), *field[5], *rest = line;
		const char *inside;

		if (!type || strncmp(type, " - cgroup2 ", 11) != 0)
			continue;
		*type = 0;
		for (size_t i = 0; i < ARRAY_SIZE(field); i++)
			field[i] = strsep(&rest, " ");
		if (!field[4])
			continue;
		unescape(field[3]);
		unescape(field[4]);
		/* "/../x" lies outside of this cgroup namespace, and no mount leads to it */
		inside = strncmp(own, "/..", 3) == 0 ? NULL : path_below(own, field[3]);
		if (inside)
			return asprintf(ret, "%s%s", field[4], inside) < 0 ? -ENOMEM : 0;
		if (!fallback)
			fallback = strdup(field[4]);
	}
	if (!fallback)
		return -ENOENT;
	*ret = TAKE_PTR(fallback);
	return 1;
}

/* The whole of a file in /proc, which has no size. */
static int read_text(const char *path, char **ret)
{
	_fclose_ FILE *f = fopen(path, "re");
	_free_ char *text = NULL;
	size_t room = 0;

	if (!f)
		return -errno;
	if (getdelim(&text, &room, 0, f) < 0)
		return ferror(f) ? -EIO : -ENODATA;
	*ret = TAKE_PTR(text);
	return 0;
}

int cgroup_find(struct cgroup_found *ret, pid_t pid, struct error *e)
{
	CLEANUP(cgroup_found_free) struct cgroup_found at = { 0 };
	_free_ char *text = NULL, *mounts = NULL;
	char path[40] = "/proc/self/cgroup";
	int r;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	r = read_text(path, &text);
	r = r ?: read_text("/proc/self/mountinfo", &mounts);
	if (r < 0)
		return error_set(e, r, "/proc is needed and cannot be read: %s", strerror(-r));
	r = cgroup_find_own(text, &at.own);
	r = r ?: cgroup_find_mount(mounts, at.own, &at.dir);
	if (r == -ENOENT)
		return error_set(
			e, r,
			"no cgroup v2 hierarchy is mounted: mount -t cgroup2 none /sys/fs/cgroup "
			"(beside v1: /sys/fs/cgroup/unified)");
	at.hidden = r > 0;
	if (r >= 0)
		r = cgroup_find_mount(mounts, "/..", &at.mount);
	if (r < 0)
		return error_set(e, r, "out of memory");
	*ret = at;
	at = (struct cgroup_found){ 0 };
	return 0;
}

void cgroup_found_free(struct cgroup_found *f)
{
	free(f->own);
	free(f->dir);
	free(f->mount);
	*f = (struct cgroup_found){ 0 };
}
