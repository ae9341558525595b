// SPDX-License-Identifier: GPL-2.0-only
/* cgroup.c - find the v2 hierarchy, and a directory in it for one session. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"

#define PREFIX "wormsign-"

/* ---- where ---- */

int cgroup_parse_own(const char *text, char **ret)
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

/* mountinfo writes blanks in names as octal escapes. */
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

/* What of path lies below root: "" or "/...", or NULL when it does not. */
static const char *below(const char *path, const char *root)
{
	size_t n = strlen(root);

	if (n == 1) /* "/" */
		return path[1] ? path : "";
	if (strncmp(path, root, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path + n;
}

int cgroup_parse_mounts(const char *text, const char *own, char **ret)
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
		/* "/../x" is outside of this cgroup namespace: no directory here leads to it */
		inside = strncmp(own, "/..", 3) == 0 ? NULL : below(own, field[3]);
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

/* ---- make ---- */

static void because(struct cgroup *c, const char *what, const char *dir)
{
	c->above = true;
	if (!c->why[0])
		snprintf(c->why, sizeof(c->why), "%.100s: %.150s", what, dir);
}

/* A fresh cgroup is of type "domain" unless an ancestor is threaded: then no process can enter it.
 */
static bool usable(int dir)
{
	_close_ int fd = openat(dir, "cgroup.type", O_RDONLY | O_CLOEXEC);
	char type[32] = "";

	return fd >= 0 && read(fd, type, sizeof(type) - 1) > 0 && strcmp(type, "domain\n") == 0;
}

/* Try to make it in the directory path. */
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
	if (dir < 0 || fchmod(dir, 0755) < 0 || fstat(dir, &st) < 0 || !usable(dir)) {
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

static int climb(struct cgroup *c, char *path, size_t top, uid_t user, struct error *e)
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
		because(c, r == -EXDEV ? "its user may move processes there" : strerror(-r), path);
		slash = strrchr(path, '/');
		/* an outer session's hooks hold for what is below it only */
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
	return 0;
}

int cgroup_create(struct cgroup **ret, uid_t user, struct error *e)
{
	CLEANUP(cgroup_freep) struct cgroup *c = calloc(1, sizeof(*c));
	_free_ char *text = NULL, *mounts = NULL, *own = NULL, *path = NULL, *mount = NULL;
	unsigned random = 0;
	int r;

	if (!c)
		return error_set(e, -ENOMEM, "out of memory");
	c->dir = c->parent = c->events = c->kill = -1;
	r = read_text("/proc/self/cgroup", &text);
	r = r ?: read_text("/proc/self/mountinfo", &mounts);
	if (r < 0)
		return error_set(e, r, "/proc is needed and cannot be read: %s", strerror(-r));
	r = cgroup_parse_own(text, &own);
	if (r == 0)
		r = cgroup_parse_mounts(mounts, own, &path);
	if (r == -ENOENT)
		return error_set(
			e, r,
			"no cgroup v2 hierarchy is mounted: mount -t cgroup2 none /sys/fs/cgroup "
			"(beside v1: /sys/fs/cgroup/unified)");
	if (r < 0)
		return error_set(e, r, "out of memory");
	if (r > 0)
		because(c, "it is not visible here", own);
	r = cgroup_parse_mounts(mounts, "/..", &mount);
	if (r < 0)
		return error_set(e, r, "out of memory");
	if (getrandom(&random, sizeof(random), 0) < 0)
		return error_set(e, -errno, "getrandom: %s", strerror(errno));
	snprintf(c->name, sizeof(c->name), PREFIX "%d-%08x", getpid(), random);
	/* never above the mount that holds it */
	r = climb(c, path, strncmp(path, mount, strlen(mount)) == 0 ? strlen(mount) : strlen(path),
		  user, e);
	r = r ?: open_files(c, e);
	if (r < 0) {
		if (c->dir >= 0)
			cgroup_remove(c);
		return r;
	}
	*ret = TAKE_PTR(c);
	return 0;
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

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int cgroup_wait_empty(const struct cgroup *c, int ms)
{
	struct pollfd p = { .fd = c->events, .events = POLLPRI };
	long until = now_ms() + ms, left;
	int r;

	for (;;) {
		r = cgroup_populated(c);
		left = until - now_ms();
		if (r <= 0 || left <= 0)
			return r;
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return -errno;
	}
}

/* Call each for the processes of one directory. A kernfs list may change while it is read. */
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
		if (pid > 0) /* 0: of another pid namespace */
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

struct find {
	pid_t pid;
};

static int is_it(void *arg, pid_t pid)
{
	return pid == ((struct find *)arg)->pid;
}

static int kill_one(void *arg, pid_t pid)
{
	const struct cgroup *c = arg;
	struct find find = { pid };
	_close_ int pidfd = syscall(SYS_pidfd_open, pid, 0);

	/* What pidfd holds is what is still listed: the number cannot have been given away in
	 * between. */
	if (pidfd >= 0 && cgroup_processes(c, is_it, &find) == 1)
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
	/* A process that has just died may hold it for a moment more. */
	for (int tries = 0;; tries++) {
		int r = walk(c->dir, DEPTH, remove_dir, c->parent, c->name, NULL);

		if (r != -EBUSY || tries >= 100)
			return r;
		usleep(10000);
	}
}
