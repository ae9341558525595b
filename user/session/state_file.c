// SPDX-License-Identifier: GPL-2.0-only
/* state_file.c - see state_file.h. */
#include "session/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json_read.h"

static int check(int fd, const char *dir, const char *name, mode_t type, off_t most,
		 struct error *e)
{
	const char *slash = name[0] ? "/" : "";
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(e, -errno, "%s%s%s: %s", dir, slash, name, strerror(errno));
	if ((st.st_mode & S_IFMT) != type)
		return error_set(e, -EINVAL, "%s%s%s is not a %s", dir, slash, name,
				 type == S_IFDIR ? "directory" : "regular file");
	if (st.st_uid != geteuid())
		return error_set(e, -EPERM, "%s%s%s belongs to uid %u", dir, slash, name,
				 (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return error_set(e, -EPERM, "%s%s%s can be written by others (mode %04o)", dir,
				 slash, name, (unsigned)(st.st_mode & 07777));
	if (most && st.st_size > most)
		return error_set(e, -EFBIG, "%s%s%s is larger than %lld bytes", dir, slash, name,
				 (long long)most);
	return 0;
}

int state_file_dir(const char *dir, struct error *e)
{
	_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return error_set(e, -errno, "%s: %s", dir, strerror(errno));
	r = check(fd, dir, "", S_IFDIR, 0, e);
	return r < 0 ? r : TAKE_FD(fd);
}

int state_file_read(const struct state_file *f, json_t **ret, int dir, const char *dir_name,
		    struct error *e)
{
	_close_ int fd = openat(dir, f->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	json_error_t why;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return error_set(e, -errno, "%s/%s: %s", dir_name, f->name, strerror(errno));
	r = check(fd, dir_name, f->name, S_IFREG, f->most, e);
	if (r < 0)
		return r;
	*ret = json_read(fd, &why);
	return *ret ? 0
		    : error_set(e, -EINVAL, "%s/%s:%d: %s", dir_name, f->name, why.line, why.text);
}

int state_file_lock(const char *dir, struct error *e)
{
	_close_ int fd = -1;

	mkdir(dir, 0700); /* if that fails, opening it says why */
	fd = state_file_dir(dir, e);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX) < 0)
		return error_set(e, -errno, "%s: %s", dir, strerror(errno));
	return TAKE_FD(fd);
}

int state_file_write(const struct state_file *f, const json_t *top, int dir, const char *dir_name,
		     struct error *e)
{
	char temporary[NAME_MAX];
	_close_ int fd = -1;

	if (!top)
		return error_set(e, -ENOMEM, "out of memory");
	snprintf(temporary, sizeof(temporary), "%s.new", f->name); /* free: dir is locked */
	unlinkat(dir, temporary, 0);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	errno = fd < 0 ? errno : 0;
	if (fd < 0 || json_dumpfd(top, fd, JSON_INDENT(1)) < 0 || fsync(fd) < 0 ||
	    renameat(dir, temporary, dir, f->name) < 0) {
		int r = -(errno ?: EIO);

		unlinkat(dir, temporary, 0);
		return error_set(e, r, "%s/%s: %s", dir_name, f->name, strerror(-r));
	}
	return 0;
}
