// SPDX-License-Identifier: GPL-2.0-only
/* spool_place.c - see spool_place.h. */
#include "delivery/spool_place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static int open_directory(int at, const char *name, const char *path, struct stat *st,
			  struct error *e)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, st) < 0)
		return error_set(e, -errno, "spool %s: %s", path, strerror(errno));
	return fd;
}

/* The directory above path, and the last name of path. */
static int open_parent(const char *path, char **ret_name, struct error *e)
{
	_free_ char *above = strdup(path), *copy = strdup(path);
	int fd;

	*ret_name = copy ? strdup(basename(copy)) : NULL;
	if (!above || !*ret_name)
		return error_set(e, -ENOMEM, "out of memory");
	fd = open(dirname(above), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(e, -errno, "spool %s: %s", path, strerror(errno)) : fd;
}

/*
 * What is given to the user must be the directory that was made, and no other that a changed link
 * in path leads to by then: so both are done in one open directory, into which nobody can move
 * another directory of root's.
 */
int spool_place_make(const char *path, const struct sandbox_user *u, struct error *e)
{
	_close_ int fd = -1, above = -1;
	_free_ char *name = NULL;
	struct stat st;
	bool made;

	above = open_parent(path, &name, e);
	if (above < 0)
		return above;
	made = mkdirat(above, name, 0700) == 0;
	if (!made && errno != EEXIST)
		return error_set(e, -errno, "spool %s: %s", path, strerror(errno));
	fd = open_directory(above, name, path, &st, e);
	if (fd < 0)
		return fd;
	/* Where others can rename, this may not be what was made. */
	if (made && (st.st_uid != geteuid() || (st.st_mode & 077)))
		return error_set(e, -EPERM, "spool %s: somebody has put another directory there",
				 path);
	if (made && geteuid() == 0 && fchown(fd, u->uid, u->gid) < 0)
		return error_set(e, -errno, "spool %s: %s", path, strerror(errno));
	if (!made && st.st_uid != u->uid)
		return error_set(e, -EPERM,
				 "spool %s belongs to user %u, and delivery runs as %s: chown -R "
				 "%s %s",
				 path, (unsigned)st.st_uid, u->name, u->name, path);
	if (!made && (st.st_mode & 022))
		return error_set(e, -EPERM, "spool %s: others may write it: chmod 700 %s", path,
				 path);
	return TAKE_FD(fd);
}

int spool_place_open(const char *path, struct sandbox_user *ret_owner, struct error *e)
{
	struct stat st;
	int fd = open_directory(AT_FDCWD, path, path, &st, e);

	if (fd < 0)
		return fd;
	*ret_owner = (struct sandbox_user){ .uid = st.st_uid, .gid = st.st_gid };
	snprintf(ret_owner->name, sizeof(ret_owner->name), "%u", (unsigned)st.st_uid);
	return fd;
}
