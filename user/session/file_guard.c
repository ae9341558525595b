// SPDX-License-Identifier: GPL-2.0-only
/* file_guard.c - see file_guard.h. */
#include "session/file_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/absent.h"
#include "session/refusal.h"

/* fanotify_init(2): events give the thread that opens; a thread's leader may be another one. */
#ifndef FAN_REPORT_TID
#define FAN_REPORT_TID 0x00000100
#endif

/* A file that has been empty for so long stays empty. */
#define EMPTY_S 5

int file_guard_group(void)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_TID |
				       FAN_UNLIMITED_MARKS, /* there is a limit of our own */
			       O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME);

	return fd < 0 ? -errno : fd;
}

const char *file_guard_unavailable(void)
{
	_close_ int fd = file_guard_group();

	if (fd == -EPERM)
		return "CAP_SYS_ADMIN is missing";
	if (fd == -ENOSYS || fd == -EINVAL)
		return "this kernel has no permission events (CONFIG_FANOTIFY_ACCESS_PERMISSIONS)";
	return fd < 0 ? "fanotify refuses a new group" : NULL;
}

static void sort_rules(struct file_guard *g, const struct ruleset *rules, enum config_kind kind,
		       const char *pattern)
{
	struct ws_mask match, except;

	ruleset_masks(rules, pattern, &match, &except);
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];
		uint64_t bit = 1ULL << i % 64;

		if (!(match.w[i / 64] & bit) || except.w[i / 64] & bit ||
		    !(r->ops & 1u << WS_OP_READ) || !(r->actors & 1u << WS_ACTOR_PACKAGE))
			continue;
		if (r->action == WS_HIDE)
			g->hide[kind].w[i / 64] |= bit;
		else if (r->action > WS_HIDE)
			g->stronger[kind].w[i / 64] |= bit;
	}
}

void file_guard_open(struct file_guard *ret, int group, const struct admission *a,
		     const struct ruleset *rules)
{
	*ret = (struct file_guard){ .group = group, .admission = a };
	sort_rules(ret, rules, CONFIG_MANAGER, "/wormsign/npmrc-token");
	sort_rules(ret, rules, CONFIG_NETRC, "/wormsign/netrc");
	sort_rules(ret, rules, CONFIG_GIT, "/wormsign/git-token");
}

static int mark(struct file_guard *g, int fd, uint64_t events)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return fanotify_mark(g->group, FAN_MARK_ADD, events, AT_FDCWD, link) < 0 ? -errno : 0;
}

/*
 * The kernel opens the file for this process when it asks whether somebody may open it, and if that
 * fails, nobody may: root may not on a file system of a user's own (FUSE), nor on NFS. Asked
 * without opening it, which would be an event.
 */
static bool may_read(int fd)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return access(link, R_OK) == 0;
}

static void remember_name(struct file_guard *g, const char *name, enum config_kind kind)
{
	size_t n = g->name_count;

	for (size_t i = 0; i < n; i++)
		if (strcmp(g->names[i].name, name) == 0)
			return;
	if (n == FILE_GUARD_NAMES || strlen(name) >= FILE_GUARD_NAME)
		return;
	strcpy(g->names[n].name, name);
	g->names[n].kind = kind;
	__atomic_store_n(&g->name_count, n + 1, __ATOMIC_RELEASE);
}

/* Of a file that was opened with O_PATH, too. */
static int identify(int fd, struct file_guard_id *ret)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st) < 0)
		return -errno;
	*ret = (struct file_guard_id){ .ino = st.stx_ino,
				       .major = st.stx_dev_major,
				       .minor = st.stx_dev_minor,
				       .birth = st.stx_btime };
	return 0;
}

static bool is_same(const struct file_guard_id *a, const struct file_guard_id *b)
{
	return a->ino == b->ino && a->major == b->major && a->minor == b->minor &&
	       a->birth.tv_sec == b->birth.tv_sec && a->birth.tv_nsec == b->birth.tv_nsec;
}

static bool is_known(const struct file_guard *g, const struct file_guard_id *id,
		     enum config_kind *ret)
{
	size_t n = __atomic_load_n(&g->known_count, __ATOMIC_ACQUIRE);

	for (size_t i = 0; i < n; i++)
		if (is_same(&g->known[i].id, id)) {
			*ret = g->known[i].kind;
			return true;
		}
	return false;
}

int file_guard_add(struct file_guard *g, const struct config_file *f)
{
	struct file_guard_id id, dir = { 0 };
	size_t n = g->known_count;
	int err = identify(f->fd, &id);

	if (err == 0 && f->dir >= 0)
		err = identify(f->dir, &dir);
	for (size_t i = 0; err == 0 && i < n; i++)
		if (is_same(&g->known[i].id, &id) && is_same(&g->known[i].dir, &dir))
			return 0;
	if (err == 0 && !may_read(f->fd))
		err = -EACCES;
	if (err == 0 && n == FILE_GUARD_FILES)
		err = -ENOSPC;
	if (err < 0)
		return err;
	/* known before it is marked: then its opens are asked about at once */
	remember_name(g, f->name, f->kind);
	g->known[n].id = id;
	g->known[n].dir = dir;
	g->known[n].kind = f->kind;
	__atomic_store_n(&g->known_count, n + 1, __ATOMIC_RELEASE);
	err = mark(g, f->fd, FAN_OPEN_PERM);
	if (err == 0 && f->dir >= 0)
		err = mark(g, f->dir, FAN_OPEN_PERM | FAN_EVENT_ON_CHILD);
	if (err < 0)
		__atomic_store_n(&g->known_count, n, __ATOMIC_RELEASE);
	return err;
}

bool file_guard_knows(const struct file_guard *g, int fd)
{
	struct file_guard_id id;
	enum config_kind kind;

	return identify(fd, &id) == 0 && is_known(g, &id, &kind);
}

/* ---- one open ---- */

/* Whether the file is guarded: itself, or by its name in such a directory. */
static bool is_guarded(const struct file_guard *g, int fd, enum config_kind *ret)
{
	char link[32], path[PATH_MAX], *name, *end;
	struct file_guard_id id;
	size_t count;
	ssize_t n;

	*ret = CONFIG_MANAGER; /* of a file that cannot be identified, too */
	if (identify(fd, &id) < 0 || is_known(g, &id, ret))
		return true;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	name = strrchr(path, '/');
	if (!name)
		return false;
	/* git writes NAME.lock, and renames it */
	end = strrchr(name, '.');
	if (end && strcmp(end, ".lock") == 0)
		*end = 0;
	count = __atomic_load_n(&g->name_count, __ATOMIC_ACQUIRE);
	for (size_t i = 0; i < count; i++)
		if (strcmp(g->names[i].name, name + 1) == 0) {
			*ret = g->names[i].kind;
			return true;
		}
	return false;
}

/* A pidfd of the process that the thread belongs to. */
static int process_of(uint32_t tid)
{
	int pidfd = syscall(SYS_pidfd_open, (pid_t)tid, 0);
	_fclose_ FILE *f = NULL;
	char path[32], line[256];
	int leader = 0;

	if (pidfd >= 0)
		return pidfd;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", tid);
	f = fopen(path, "re");
	while (f && !leader && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &leader) == 1)
			pidfd = syscall(SYS_pidfd_open, (pid_t)leader, 0);
	return pidfd < 0 ? -ESRCH : pidfd;
}

/*
 * Whether the thread, which waits in the call, opens the file for writing only. Then it can read
 * nothing, and the kernel side judges what it does. The flags of openat2() and of io_uring lie in
 * memory that can change after they were looked at.
 */
static bool only_writes(uint32_t tid)
{
	_fclose_ FILE *f = NULL;
	char path[48];
	unsigned long long args[3];
	long call;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/syscall", tid);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%ld %llx %llx %llx", &call, &args[0], &args[1], &args[2]) != 4)
		return false;
	switch (call) {
	case SYS_openat:
	case SYS_open_by_handle_at:
		return (args[2] & O_ACCMODE) == O_WRONLY;
#ifdef SYS_open
	case SYS_open:
		return (args[1] & O_ACCMODE) == O_WRONLY;
	case SYS_creat:
		return true;
#endif
	}
	return false;
}

/*
 * Whether the file holds a credential, or will in a moment: who writes a file anew empties it
 * first, and what opens it then can read what is written later.
 */
static bool has_credential(enum config_kind kind, int fd)
{
	struct timespec now;
	struct stat st;
	uint64_t size;

	if (config_look_opened(kind, fd, &size) & CONFIG_CREDENTIAL)
		return true;
	if (size)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	return fstat(fd, &st) < 0 || now.tv_sec - st.st_mtim.tv_sec < EMPTY_S;
}

static int first_of(const struct ws_mask *rules, const struct ws_mask *of)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		if (rules->w[i] & of->w[i])
			return i * 64 + __builtin_ctzll(rules->w[i] & of->w[i]);
	return -1;
}

/* The rule by which the open is refused; -1: it is not. */
static int judge(struct file_guard *g, uint32_t tid, int fd, struct admission_package *ret)
{
	_close_ int pidfd = process_of(tid);
	enum config_kind kind = CONFIG_MANAGER;
	int found, rule;

	if (pidfd < 0)
		return -1; /* it is dead */
	found = admission_package_of(g->admission, pidfd, ret);
	if (found > 0 && g->session && ret->task.session != g->session)
		return -1;
	if (!found || !is_guarded(g, fd, &kind))
		return -1;
	if (found < 0) { /* not known: as if it were a package */
		*ret = (struct admission_package){ .rules = g->hide[kind] };
		return first_of(&g->hide[kind], &ret->rules);
	}
	rule = first_of(&g->hide[kind], &ret->rules);
	if (rule < 0 || first_of(&g->stronger[kind], &ret->rules) >= 0 ||
	    !has_credential(kind, fd) || only_writes(tid))
		return -1;
	return rule;
}

static bool was_told(struct file_guard *g, uint64_t script, int fd)
{
	size_t at = g->told_count % FILE_GUARD_TOLD;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return true;
	for (size_t i = 0; i < g->told_count && i < FILE_GUARD_TOLD; i++)
		if (g->told[i].script == script && g->told[i].ino == st.st_ino &&
		    g->told[i].dev == st.st_dev)
			return true;
	g->told[at].script = script;
	g->told[at].dev = st.st_dev;
	g->told[at].ino = st.st_ino;
	g->told_count++;
	return false;
}

static void answer(struct file_guard *g, const struct fanotify_event_metadata *event)
{
	struct fanotify_response r = { .fd = event->fd, .response = FAN_ALLOW };
	struct admission_package package;
	struct ws_rec_verdict record;
	int rule = judge(g, (uint32_t)event->pid, event->fd, &package);
	bool absent = rule >= 0 && absent_begin(event->pid);

	if (rule >= 0) {
		r.response = FAN_DENY;
		/* before the answer: the process is still there */
		refusal_record(&record, (uint32_t)rule, &package, (uint32_t)event->pid, event->fd);
	}
	if (write(g->group, &r, sizeof(r)) == sizeof(r) && rule >= 0 && g->refused &&
	    package.task.script && !was_told(g, package.task.script, event->fd))
		g->refused(g->arg, &record);
	if (absent)
		absent_end(event->pid);
	close(event->fd);
}

int file_guard_answer(struct file_guard *g)
{
	char buffer[4096] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(g->group, buffer, sizeof(buffer))) > 0)
		for (struct fanotify_event_metadata *event = (void *)buffer; FAN_EVENT_OK(event, n);
		     event = FAN_EVENT_NEXT(event, n)) {
			if (event->vers != FANOTIFY_METADATA_VERSION)
				return -EPROTO;
			if (event->fd >= 0)
				answer(g, event);
		}
	return n < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}
