// SPDX-License-Identifier: GPL-2.0-only
/* residue_look.c - see residue_look.h. */
#define _GNU_SOURCE /* statx */
#include "session/residue_look.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "session/reader.h"

#define CPU_SECONDS	10
#define PLACE_ENTRIES	50000  /* of one place; a job that makes more hides no other place */
#define TREE_ENTRIES	500000 /* ... whose new directories are one entry */
#define DEPTH		32
#define OVERLAYFS_MAGIC 0x794c7630
#define STAMP_GRAIN	20000000ULL /* ns: the kernel's stamps are of its clock's last tick */

struct found { /* a message of the process */
	uint32_t place;
	uint32_t made;
	char path[RESIDUE_PATH];
};

/* The last one: place says how it ended. */
enum { LOOK_WHOLE = UINT32_MAX - 2, LOOK_PART };

struct looking {
	const struct residue_sources *sources;
	uint64_t since;
	int socket;
	uint32_t place;
	uint64_t entries, most; /* of this place */
	bool part;
	void (*report)(struct looking *l, const char *path, bool made);
	uid_t uid; /* of spools */
};

uint64_t residue_since(uint64_t begun, uint64_t realtime)
{
	uint64_t now = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);

	return begun + (now < realtime ? now : realtime);
}

/* ---- files ---- */

static uint64_t ns_of(const struct statx_timestamp *t)
{
	return (uint64_t)t->tv_sec * 1000000000ULL + t->tv_nsec;
}

static bool since(const struct looking *l, const struct statx_timestamp *t)
{
	return ns_of(t) + STAMP_GRAIN >= l->since;
}

static bool changed(const struct looking *l, const struct statx *st)
{
	return since(l, &st->stx_ctime);
}

static bool is_new(const struct looking *l, const struct statx *st)
{
	return (st->stx_mask & STATX_BTIME) && since(l, &st->stx_btime);
}

static int status(int dir, const char *name, int flags, struct statx *ret)
{
	return statx(dir, name, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_BTIME, ret);
}

static bool is_excepted(const struct residue_place *p, const char *name)
{
	for (const char *const *pattern = p->except; *pattern; pattern++)
		if (fnmatch(*pattern, name, 0) == 0)
			return true;
	return false;
}

static bool walk(struct looking *l, int dir, char *path, unsigned depth);

/* Whether what it has of new or changed explains that its directory has changed. */
static bool look_at(struct looking *l, int dir, const char *name, char *path, unsigned depth)
{
	const struct residue_place *p = &residue_places[l->place];
	struct statx st;

	if (status(dir, name, AT_SYMLINK_NOFOLLOW, &st) < 0)
		return false;
	if (S_ISDIR(st.stx_mode) && p->tree && is_new(l, &st)) {
		l->report(l, path, true);
		return true;
	}
	if (S_ISDIR(st.stx_mode) && !p->executables) {
		_close_ int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		bool news = changed(l, &st), explained = fd >= 0 && walk(l, fd, path, depth + 1);

		l->part |= fd < 0;
		if (news && !explained)
			l->report(l, path, is_new(l, &st));
		return news;
	}
	if (!changed(l, &st))
		return false;
	if (is_excepted(p, name) || S_ISDIR(st.stx_mode) ||
	    (p->executables && S_ISREG(st.stx_mode) && !(st.stx_mode & 0111)))
		return true;
	l->report(l, path, is_new(l, &st));
	return true;
}

/* The directory is open; path has PATH_MAX bytes. As look_at(). */
static bool walk(struct looking *l, int dir, char *path, unsigned depth)
{
	_closedir_ DIR *d = fdopendir(fcntl(dir, F_DUPFD_CLOEXEC, 0));
	size_t len = strlen(path);
	const struct dirent *entry;
	bool explained = false;

	if (!d || depth > DEPTH) {
		l->part = true;
		return false;
	}
	while ((entry = readdir(d))) {
		size_t room = PATH_MAX - len;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (l->entries++ >= l->most ||
		    snprintf(path + len, room, "/%s", entry->d_name) >= (int)room) {
			l->part = true;
			break;
		}
		explained |= look_at(l, dir, entry->d_name, path, depth);
	}
	path[len] = '\0';
	return explained;
}

/* On overlayfs (containers) writing anywhere below a directory copies that up, as an inode with a
 * new ctime and its old mtime: as if it had been moved. */
static bool copies_up(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && st.f_type == OVERLAYFS_MAGIC;
}

/*
 * The directories that lead to a path: a link in place of one leads to other files, which may be as
 * old as they like, and so does a directory that was moved there. That one is changed, and nothing
 * in it was (if something is added to it afterwards, it looks like any other).
 */
static void look_above(struct looking *l, const char *path)
{
	char above[PATH_MAX];
	struct statx st;

	snprintf(above, sizeof(above), "%s", path);
	for (char *slash = above; (slash = strchr(slash + 1, '/'));) {
		bool gone;

		*slash = '\0';
		gone = status(AT_FDCWD, above, AT_SYMLINK_NOFOLLOW, &st) < 0;
		if (!gone && changed(l, &st) && !is_new(l, &st) &&
		    (S_ISLNK(st.stx_mode) || (!since(l, &st.stx_mtime) && !copies_up(above))))
			l->report(l, above, false);
		else if (!gone && S_ISLNK(st.stx_mode) && is_new(l, &st))
			l->report(l, above, true);
		*slash = '/';
		if (gone)
			return;
	}
}

/* What a path of the table stands for: a file, a link and what it leads to, or a directory. */
static void look_top(struct looking *l, const char *path)
{
	char real[PATH_MAX], link[40];
	struct statx itself, st;
	_close_ int fd = -1;
	ssize_t n;

	if (path[0] != '/')
		return;
	look_above(l, path);
	if (status(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &itself) < 0)
		return;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (S_ISLNK(itself.stx_mode) && changed(l, &itself)) {
		l->report(l, path, is_new(l, &itself));
		if (fd < 0)
			return;
	}
	if (fd < 0 || status(fd, "", AT_EMPTY_PATH, &st) < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd); /* as the kernel calls it */
	n = readlink(link, real, sizeof(real) - 1);
	if (n <= 0 || (!l->sources->system && st.stx_uid != geteuid() && access(link, W_OK) < 0))
		return;
	real[n] = '\0';
	if (S_ISDIR(st.stx_mode)) {
		_close_ int dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		bool explained = dir >= 0 && walk(l, dir, real, 0);

		l->part |= dir < 0;
		if (changed(l, &st) && !explained)
			l->report(l, real, is_new(l, &st));
	} else if (changed(l, &st)) {
		l->report(l, real, is_new(l, &st));
	}
}

/* ---- the table's paths ---- */

static void look_variable(struct looking *l, char *const *environment, const char *path)
{
	size_t name = strcspn(path + 1, "/");

	for (; environment && *environment; environment++) {
		const char *at = *environment;

		if (strncmp(at, path + 1, name) != 0 || at[name] != '=')
			continue;
		for (at += name + 1;; at++) {
			size_t len = strcspn(at, ":");
			char all[PATH_MAX];

			if (len && snprintf(all, sizeof(all), "%.*s%s", (int)len, at,
					    path + 1 + name) < (int)sizeof(all))
				look_top(l, all);
			at += len;
			if (!*at)
				break;
		}
		return;
	}
}

static void look_path(struct looking *l, const char *path)
{
	char all[PATH_MAX];

	if (path[0] == '~' && l->sources->home &&
	    snprintf(all, sizeof(all), "%s%s", l->sources->home, path + 1) < (int)sizeof(all))
		look_top(l, all);
	else if (path[0] == '/')
		look_top(l, path);
	if (strncmp(path, "$PWD/", 5) == 0 && l->sources->cwd &&
	    snprintf(all, sizeof(all), "%s%s", l->sources->cwd, path + 4) < (int)sizeof(all))
		look_top(l, all);
	if (path[0] != '$')
		return;
	look_variable(l, l->sources->environment, path);
	look_variable(l, l->sources->more_environment, path);
}

/* ---- the process ---- */

static void send_found(struct looking *l, const char *path, bool made)
{
	struct found f = { .place = l->place, .made = made };

	snprintf(f.path, sizeof(f.path), "%s", path);
	if (send(l->socket, &f, sizeof(f), MSG_NOSIGNAL) != sizeof(f))
		_exit(1);
}

static void __attribute__((noreturn))
look(const struct residue_sources *s, const struct run_as *as, int socket)
{
	struct rlimit time = { CPU_SECONDS, CPU_SECONDS };
	struct looking l = { .sources = s, .socket = 0, .report = send_found };

	if (reader_confine(socket, as, "wormsign-residue") < 0 ||
	    recv(0, &l.since, sizeof(l.since), 0) != sizeof(l.since))
		_exit(1);
	setrlimit(RLIMIT_CPU, &time);
	for (; l.place < residue_place_count; l.place++) {
		const struct residue_place *p = &residue_places[l.place];

		l.entries = 0;
		l.most = p->tree ? TREE_ENTRIES : PLACE_ENTRIES;
		for (const char *const *path = p->paths; !p->spool && *path; path++)
			look_path(&l, *path);
	}
	l.place = l.part ? LOOK_PART : LOOK_WHOLE;
	send_found(&l, "", false);
	_exit(0);
}

void residue_look_start(struct residue_look *l, const struct residue_sources *s,
			const struct run_as *as)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	l->pid = fork();
	if (l->pid == 0)
		look(s, as, ends[1]);
	close(ends[1]);
	l->socket = ends[0];
	if (l->pid < 0)
		close(TAKE_FD(l->socket));
}

/* ---- what it finds ---- */

static bool has(const struct residue *r, const struct found *f)
{
	for (size_t i = 0; i < r->count; i++) /* two places may name one directory */
		if (strcmp(r->at[i].path, f->path) == 0)
			return true;
	return false;
}

/* Take what it sends; true: it has said all that it wanted to. */
static bool take(struct residue *ret, int socket, int ms)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	long until = clock_ms() + ms, left;
	struct found f;

	while ((left = until - clock_ms()) > 0 && poll(&p, 1, (int)left) > 0 &&
	       recv(socket, &f, sizeof(f), MSG_DONTWAIT) == sizeof(f)) {
		f.path[sizeof(f.path) - 1] = '\0';
		if (f.place == LOOK_WHOLE)
			return true;
		if (f.place >= residue_place_count)
			return false;
		if (!has(ret, &f) && residue_add(ret, f.place, f.made, f.path) < 0)
			return false;
	}
	return false;
}

/* One that waits for a file system which is dead may never die: then it is left to init. */
void residue_look_free(struct residue_look *l)
{
	if (l->socket < 0)
		return;
	close(TAKE_FD(l->socket));
	kill(l->pid, SIGKILL);
	for (int i = 0; i < 100 && waitpid(l->pid, NULL, WNOHANG) == 0; i++)
		usleep(i < 20 ? 100 : 2000); /* mostly it is about to exit */
}

void residue_look_take(struct residue *ret, struct residue_look *l, uint64_t since, int ms)
{
	if (l->socket < 0 ||
	    send(l->socket, &since, sizeof(since), MSG_NOSIGNAL) != sizeof(since) ||
	    !take(ret, l->socket, ms))
		ret->incomplete = true;
	residue_look_free(l);
}

/* ---- spools ---- */

static void look_spool(struct residue *ret, struct looking *l, const char *path, const char *name)
{
	_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_closedir_ DIR *d = dir >= 0 ? fdopendir(fcntl(dir, F_DUPFD_CLOEXEC, 0)) : NULL;
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char all[PATH_MAX];
		struct statx st;

		if (status(dir, entry->d_name, AT_SYMLINK_NOFOLLOW, &st) < 0 ||
		    S_ISDIR(st.stx_mode) || !changed(l, &st) ||
		    (st.stx_uid != l->uid && !(name && strcmp(entry->d_name, name) == 0)))
			continue;
		if (l->entries++ >= PLACE_ENTRIES ||
		    snprintf(all, sizeof(all), "%s/%s", path, entry->d_name) >= (int)sizeof(all) ||
		    residue_add(ret, l->place, is_new(l, &st), all) < 0)
			ret->incomplete = true;
	}
}

void residue_look_spools(struct residue *ret, uint64_t since, uid_t uid, const char *name)
{
	struct looking l = { .since = since, .uid = uid };

	for (; l.place < residue_place_count; l.place++) {
		const struct residue_place *p = &residue_places[l.place];

		for (const char *const *path = p->paths; p->spool && *path; path++)
			look_spool(ret, &l, *path, name);
	}
}
