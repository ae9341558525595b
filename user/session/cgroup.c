// SPDX-License-Identifier: GPL-2.0-only
/* cgroup.c - make, use and remove the cgroup of one session. */
#include "session/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/cgroup_find.h"
#include "base/clock.h"
#include "session/path_below.h"

#define PREFIX CGROUP_PREFIX

/* ---- make ---- */

/* The first reason is the one that is shown. */
static void not_in(struct cgroup *c, const char *dir, const char *why)
{
	c->above = true;
	if (!c->why[0])
		snprintf(c->why, sizeof(c->why), "%.100s: %.150s", why, dir);
}

/* A new cgroup below a threaded one is "domain invalid", and no process can enter it. */
static bool can_be_entered(int dir)
{
	_close_ int fd = openat(dir, "cgroup.type", O_RDONLY | O_CLOEXEC);
	char type[32] = "";

	return fd >= 0 && read(fd, type, sizeof(type) - 1) > 0 && strcmp(type, "domain\n") == 0;
}

/* Try to make it in the directory path. -EXDEV: `user` may write to that directory's cgroup.procs.
 */
static int make_in(struct cgroup *c, const char *path, uid_t user)
{
	_close_ int parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), dir = -1;
	struct stat st;

	if (parent < 0 || fstatat(parent, "cgroup.procs", &st, 0) < 0)
		return -errno;
	if (user && st.st_uid == user)
		return -EXDEV;
	if (mkdirat(parent, c->name, 0755) < 0)
		return -errno;
	dir = openat(parent, c->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fchmod(dir, 0755) < 0 || fstat(dir, &st) < 0 || !can_be_entered(dir)) {
		unlinkat(parent, c->name, AT_REMOVEDIR);
		return -EOPNOTSUPP;
	}
	c->id = st.st_ino; /* the inode number of a kernfs directory is the cgroup's id */
	if (fstat(parent, &st) == 0)
		c->foreign = st.st_uid != geteuid() || !(st.st_mode & S_IWUSR);
	c->dir = TAKE_FD(dir);
	c->parent = TAKE_FD(parent);
	return 0;
}

/* Try path, then the directories above it, but none above the mount: its path has `top` bytes. */
static int make_at_or_above(struct cgroup *c, char *path, size_t top, uid_t user, struct error *e)
{
	int r;

	for (;;) {
		char *slash;

		r = make_in(c, path, user);
		if (r == 0)
			return asprintf(&c->path, "%s/%s", path, c->name) < 0 ? -ENOMEM : 0;
		if (r == -EROFS)
			return error_set(
				e, r,
				"cgroup v2 is mounted read-only at %s: mount it writable (in a "
				"container: --privileged, or --cgroupns=private and a writable "
				"/sys/fs/cgroup)",
				path);
		not_in(c, path, r == -EXDEV ? "its user may move processes there" : strerror(-r));
		slash = strrchr(path, '/');
		/* the hooks of an outer session hold only below its cgroup */
		if (strlen(path) <= top || strncmp(slash, "/" PREFIX, sizeof(PREFIX)) == 0)
			return error_set(e, r, "no cgroup can be made for the session (%s)",
					 c->why);
		*slash = 0;
	}
}

static int open_files(struct cgroup *c, struct error *e)
{
	c->events = openat(c->dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (c->events < 0)
		return error_set(e, -errno, "%s/cgroup.events: %s", c->path, strerror(errno));
	c->kill = openat(c->dir, "cgroup.kill", O_WRONLY | O_CLOEXEC);
	if (c->kill < 0 && errno != ENOENT)
		return error_set(e, -errno, "%s/cgroup.kill: %s", c->path, strerror(errno));
	/* Held as long as one of those lives who have it from us, and by nobody who is not root:
	 * see cgroup_stale.h. */
	if (c->kill >= 0)
		flock(c->kill, LOCK_SH | LOCK_NB);
	return 0;
}

int cgroup_create(struct cgroup **ret, pid_t near, uid_t user, struct error *e)
{
	CLEANUP(cgroup_freep) struct cgroup *c = calloc(1, sizeof(*c));
	CLEANUP(cgroup_found_free) struct cgroup_found at = { 0 };
	unsigned random = 0;
	size_t top;
	int r;

	if (!c)
		return error_set(e, -ENOMEM, "out of memory");
	c->dir = c->parent = c->events = c->kill = -1;
	r = cgroup_find(&at, near, e);
	if (r < 0)
		return r;
	if (at.hidden)
		not_in(c, at.own, "it is not visible here");
	if (getrandom(&random, sizeof(random), 0) < 0)
		return error_set(e, -errno, "getrandom: %s", strerror(errno));
	snprintf(c->name, sizeof(c->name), PREFIX "%d-%08x", getpid(), random);
	top = strlen(path_below(at.dir, at.mount) ? at.mount : at.dir);
	r = make_at_or_above(c, at.dir, top, user, e);
	r = r ?: open_files(c, e);
	if (r < 0) {
		if (c->dir >= 0)
			cgroup_remove(c);
		return r;
	}
	*ret = TAKE_PTR(c);
	return 0;
}

int cgroup_open(struct cgroup **ret, const char *path, struct error *e)
{
	CLEANUP(cgroup_freep) struct cgroup *c = calloc(1, sizeof(*c));
	_free_ char *above = strdup(path);
	const char *name = strrchr(path, '/');

	if (!c || !above || !name)
		return error_set(e, -ENOMEM, "out of memory");
	c->dir = c->parent = c->events = c->kill = -1;
	above[name == path ? 1 : name - path] = 0;
	snprintf(c->name, sizeof(c->name), "%s", name + 1);
	c->path = strdup(path);
	c->parent = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->parent >= 0)
		c->dir =
			openat(c->parent, c->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (c->dir >= 0)
		c->events = openat(c->dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (!c->path || c->events < 0)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	c->kill = openat(c->dir, "cgroup.kill", O_WRONLY | O_CLOEXEC);
	*ret = TAKE_PTR(c);
	return 0;
}

int cgroup_open_of(struct cgroup **ret, pid_t member, struct error *e)
{
	CLEANUP(cgroup_found_free) struct cgroup_found at = { 0 };
	int r = cgroup_find(&at, member, e);
	const char *name;

	if (r < 0)
		return r;
	name = strrchr(at.dir, '/');
	if (at.hidden || !name || strncmp(name + 1, PREFIX, strlen(PREFIX)) != 0)
		return error_set(e, -ENOENT, "no cgroup of a session is seen here");
	return cgroup_open(ret, at.dir, e);
}

void cgroup_free(struct cgroup *c)
{
	if (!c)
		return;
	if (c->dir >= 0)
		close(c->dir);
	if (c->parent >= 0)
		close(c->parent);
	if (c->events >= 0)
		close(c->events);
	if (c->kill >= 0)
		close(c->kill);
	free(c->path);
	free(c);
}

/* ---- use ---- */

int cgroup_enter(const struct cgroup *c, pid_t pid)
{
	_close_ int fd = openat(c->dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%d\n", pid) < 0)
		return -errno;
	return 0;
}

int cgroup_populated(const struct cgroup *c)
{
	char text[128] = "";
	const char *at;

	if (pread(c->events, text, sizeof(text) - 1, 0) < 0)
		return errno == ENODEV ? 0 : -errno; /* removed */
	at = strstr(text, "populated ");
	return at ? at[10] == '1' : -EIO;
}

int cgroup_wait_empty(const struct cgroup *c, int ms)
{
	struct pollfd p = { .fd = c->events, .events = POLLPRI };
	long until = clock_ms() + ms, left;
	int r;

	for (;;) {
		r = cgroup_populated(c);
		left = until - clock_ms();
		if (r <= 0 || left <= 0)
			return r;
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return -errno;
	}
}

/* Call each for the processes of one directory; some may come or go meanwhile. */
static int walk_processes(int dir, int (*each)(void *arg, pid_t pid), void *arg)
{
	int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC), r = 0;
	_fclose_ FILE *f = NULL;
	long pid;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	f = fdopen(fd, "re");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	while (!r && fscanf(f, "%ld", &pid) == 1)
		if (pid > 0) /* 0: not visible in this pid namespace */
			r = each(arg, pid);
	return r;
}

/* Call fn for every directory below dir, the deepest first, then for dir itself. */
static int walk(int dir, int depth, int (*fn)(int dir, int parent, const char *name, void *arg),
		int parent, const char *name, void *arg)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	_closedir_ DIR *d = NULL;
	struct dirent *entry;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while (!r && depth > 0 && (entry = readdir(d))) {
		_close_ int sub = -1;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		sub = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (sub >= 0)
			r = walk(sub, depth - 1, fn, fd, entry->d_name, arg);
	}
	return r ?: fn(dir, parent, name, arg);
}

#define DEPTH 64

struct each {
	int (*fn)(void *arg, pid_t pid);
	void *arg;
};

static int processes_of(int dir, int parent, const char *name, void *arg)
{
	struct each *e = arg;

	(void)parent;
	(void)name;
	return walk_processes(dir, e->fn, e->arg);
}

int cgroup_processes(const struct cgroup *c, int (*each)(void *arg, pid_t pid), void *arg)
{
	struct each e = { each, arg };

	return walk(c->dir, DEPTH, processes_of, c->parent, c->name, &e);
}

static int is_pid(void *arg, pid_t pid)
{
	return pid == *(const pid_t *)arg;
}

static int kill_one(void *arg, pid_t pid)
{
	const struct cgroup *c = arg;
	_close_ int pidfd = syscall(SYS_pidfd_open, pid, 0);

	/* Listed after it was opened: so the pidfd is of that process, and not of one that got the
	 * number later. */
	if (pidfd >= 0 && cgroup_processes(c, is_pid, &pid) == 1)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	return 0;
}

int cgroup_kill(const struct cgroup *c)
{
	if (c->kill >= 0)
		return pwrite(c->kill, "1", 1, 0) == 1 || errno == ENODEV ? 0 : -errno;
	return cgroup_processes(c, kill_one, (void *)c);
}

static int remove_dir(int dir, int parent, const char *name, void *arg)
{
	(void)dir;
	(void)arg;
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int cgroup_remove(const struct cgroup *c)
{
	/* EBUSY: a process that has just died holds it until the kernel has cleaned up. */
	for (int tries = 0;; tries++) {
		int r = walk(c->dir, DEPTH, remove_dir, c->parent, c->name, NULL);

		if (r != -EBUSY || tries >= 100)
			return r;
		usleep(10000);
	}
}
