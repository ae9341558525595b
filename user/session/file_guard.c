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
#include <unistd.h>

#include "base/cleanup.h"
#include "session/refusal.h"

/* fanotify_init(2): events give the thread that opens; a thread's leader may be another one. */
#ifndef FAN_REPORT_TID
#define FAN_REPORT_TID 0x00000100
#endif

static int new_group(void)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_TID,
			       O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME);

	return fd < 0 ? -errno : fd;
}

const char *file_guard_unavailable(void)
{
	_close_ int fd = new_group();

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

int file_guard_open(struct file_guard *ret, const struct admission *a, const struct ruleset *rules)
{
	int fd = new_group();

	if (fd < 0)
		return fd;
	*ret = (struct file_guard){ .group = fd, .admission = a };
	sort_rules(ret, rules, CONFIG_MANAGER, "/wormsign/npmrc-token");
	sort_rules(ret, rules, CONFIG_NETRC, "/wormsign/netrc");
	return 0;
}

static int mark(struct file_guard *g, int fd, uint64_t events)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return fanotify_mark(g->group, FAN_MARK_ADD, events, AT_FDCWD, link) < 0 ? -errno : 0;
}

static void remember_name(struct file_guard *g, const char *name, enum config_kind kind)
{
	for (size_t i = 0; i < g->name_count; i++)
		if (strcmp(g->names[i].name, name) == 0)
			return;
	if (g->name_count == FILE_GUARD_NAMES || strlen(name) >= FILE_GUARD_NAME)
		return;
	strcpy(g->names[g->name_count].name, name);
	g->names[g->name_count++].kind = kind;
}

/* Of a file that was opened with O_PATH, too. */
static int identify(int fd, struct statx *ret)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, ret) < 0 ? -errno : 0;
}

static bool is_same(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major &&
	       a->stx_dev_minor == b->stx_dev_minor && a->stx_btime.tv_sec == b->stx_btime.tv_sec &&
	       a->stx_btime.tv_nsec == b->stx_btime.tv_nsec;
}

static bool is_known(const struct file_guard *g, const struct statx *id, enum config_kind *ret)
{
	for (size_t i = 0; i < g->known_count && i < FILE_GUARD_KINDS; i++)
		if (is_same(&g->known[i].id, id)) {
			*ret = g->known[i].kind;
			return true;
		}
	return false;
}

int file_guard_add(struct file_guard *g, const struct config_file *f)
{
	size_t at = g->known_count % FILE_GUARD_KINDS;
	enum config_kind kind;
	struct statx id;
	int err = identify(f->fd, &id) ?: mark(g, f->fd, FAN_OPEN_PERM);

	if (err == 0 && f->dir >= 0)
		err = mark(g, f->dir, FAN_OPEN_PERM | FAN_EVENT_ON_CHILD);
	remember_name(g, f->name, f->kind);
	if (err < 0 || is_known(g, &id, &kind))
		return err;
	g->known[at].id = id;
	g->known[at].kind = f->kind;
	g->known_count++;
	return 0;
}

/* ---- one open ---- */

/* Whether the file is guarded: itself, or by its name in such a directory. */
static bool is_guarded(const struct file_guard *g, int fd, enum config_kind *ret)
{
	char link[32], path[PATH_MAX], *name;
	struct statx id;
	ssize_t n;

	*ret = CONFIG_MANAGER; /* of a file that cannot be identified, too */
	if (identify(fd, &id) < 0 || is_known(g, &id, ret))
		return true;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	name = strrchr(path, '/');
	for (size_t i = 0; name && i < g->name_count; i++)
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
	uint64_t size;
	int found, rule;

	if (pidfd < 0)
		return -1; /* it is dead */
	found = admission_package_of(g->admission, pidfd, ret);
	if (!found || !is_guarded(g, fd, &kind))
		return -1;
	if (found < 0) { /* not known: as if it were a package */
		*ret = (struct admission_package){ .rules = g->hide[kind] };
		return first_of(&g->hide[kind], &ret->rules);
	}
	rule = first_of(&g->hide[kind], &ret->rules);
	if (rule < 0 || first_of(&g->stronger[kind], &ret->rules) >= 0 ||
	    !(config_look_opened(kind, fd, &size) & CONFIG_CREDENTIAL) || only_writes(tid))
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

	if (rule >= 0) {
		r.response = FAN_DENY;
		/* before the answer: the process is still there */
		refusal_record(&record, (uint32_t)rule, &package, (uint32_t)event->pid, event->fd);
	}
	if (write(g->group, &r, sizeof(r)) == sizeof(r) && rule >= 0 && g->refused &&
	    package.task.script && !was_told(g, package.task.script, event->fd))
		g->refused(g->arg, &record);
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
