// SPDX-License-Identifier: GPL-2.0-only
/* job_log.c - see job_log.h. */
#include "session/job_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/cgroup_find.h"

#define PREFIX "wormsign-"

/* A log that the job could have written would say what the job likes. */
static int check(int fd, const char *path, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022))
		return error_set(e, -EPERM, "%s is not a file that only root can write", path);
	return 0;
}

int job_log_open(int *ret_fd, char **ret_path, const char *dir, const char *cgroup, struct error *e)
{
	_free_ char *own = NULL;
	char *name, *rest;

	if (cgroup_find_own(cgroup, &own) < 0)
		return error_set(e, -ENOENT, "this process has no cgroup v2");
	rest = own;
	while ((name = strsep(&rest, "/"))) {
		_free_ char *path = NULL;
		_close_ int fd = -1;
		int err;

		if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		if (asprintf(&path, "%s/%s.jsonl", dir, name) < 0)
			return error_set(e, -ENOMEM, "out of memory");
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0 && errno == ENOENT)
			continue; /* of a `wormsign run` */
		if (fd < 0)
			return error_set(e, -errno, "%s: %s", path, strerror(errno));
		err = check(fd, path, e);
		if (err < 0)
			return err;
		*ret_fd = TAKE_FD(fd);
		*ret_path = TAKE_PTR(path);
		return 0;
	}
	return error_set(e, -ENOENT, "no session of a whole job has its log in %s", dir);
}

char *job_log_cgroup(const char *log, const char *cgroup)
{
	const char *file = strrchr(log, '/'), *end = strrchr(log, '.');
	_free_ char *own = NULL, *part = NULL;
	char *at;

	if (!file || !end || end < file || cgroup_find_own(cgroup, &own) < 0 ||
	    asprintf(&part, "%.*s", (int)(end - file), file) < 0)
		return NULL;
	for (at = own; (at = strstr(at, part)); at++)
		if (at[strlen(part)] == '/' || !at[strlen(part)])
			return strndup(own, (size_t)(at - own) + strlen(part));
	return NULL;
}
