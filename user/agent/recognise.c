// SPDX-License-Identifier: GPL-2.0-only
/* recognise.c - compare programs' names and arguments, and files of /proc. */
#include "agent/recognise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ASKED_WORDS 3 /* interpreter, its argument, script */
#define READ_MAX    (8u << 20)
#define GROUPS_MAX  65536

/* ---- programs ---- */

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool one_of(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* Whether the file name of one of its first words is one of the list. */
static bool asked_for(const struct program *p, const char *const *list, size_t words)
{
	for (size_t at = 0; at < p->len && words; words--) {
		if (one_of(list, file_name(p->argv + at)))
			return true;
		at += strnlen(p->argv + at, p->len - at) + 1;
	}
	return false;
}

bool recognise_program(const struct ci_start *start, const struct program *runner,
		       const struct program *program)
{
	const char *argument[] = { start->argument, NULL };

	if (start->argument && !asked_for(runner, argument, SIZE_MAX))
		return false;
	if (one_of(start->through, program->name))
		return false;
	return !start->executables[0] || one_of(start->executables, program->name) ||
	       asked_for(program, start->executables, ASKED_WORDS);
}

/* ---- /proc ---- */

int recognised_read(struct buf *ret, pid_t pid, const char *name)
{
	_close_ int fd = -1;
	char path[64], piece[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((n = read(fd, piece, sizeof(piece))) > 0 && ret->len < READ_MAX)
		buf_add(ret, piece, (size_t)n);
	if (n < 0)
		return -errno;
	return ret->failed ? -ENOMEM : 0;
}

char **recognised_words(char *block, size_t len)
{
	size_t count = 0;
	char **words;

	for (size_t at = 0; at < len; at += strlen(block + at) + 1)
		count++;
	words = calloc(count + 1, sizeof(*words));
	count = 0;
	for (size_t at = 0; words && at < len; at += strlen(block + at) + 1)
		words[count++] = block + at;
	return words;
}

/* The path of its executable; the file may have been replaced meanwhile. */
static int executable_of(char *ret, size_t room, pid_t pid)
{
	static const char deleted[] = " (deleted)";
	char link[40];
	size_t end;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, ret, room - 1);
	if (n < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	ret[n] = 0;
	end = sizeof(deleted) - 1;
	if ((size_t)n > end && strcmp(ret + n - end, deleted) == 0)
		ret[n - end] = 0;
	return 0;
}

static bool is_configured(const struct strings *runners, pid_t pid, const char *executable)
{
	struct stat running, there;
	char link[40];

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	for (size_t i = 0; i < runners->count; i++) {
		if (strcmp(runners->at[i], executable) == 0)
			return true;
		if (stat(link, &running) == 0 && stat(runners->at[i], &there) == 0 &&
		    running.st_dev == there.st_dev && running.st_ino == there.st_ino)
			return true;
	}
	return !runners->count;
}

static int read_program(struct program *ret, struct buf *argv, char *path, size_t room, pid_t pid)
{
	int err = executable_of(path, room, pid);

	err = err ?: recognised_read(argv, pid, "cmdline");
	if (err < 0)
		return err;
	buf_addc(argv, 0);
	if (argv->failed)
		return -ENOMEM;
	*ret = (struct program){ .name = file_name(path), .argv = argv->at, .len = argv->len - 1 };
	return 0;
}

static int read_status(struct admit_status *ret, pid_t pid)
{
	_buf_ struct buf text = BUF_INIT;
	int err = recognised_read(&text, pid, "status");

	return err ?: admit_parse_status(ret, text.at);
}

int recognise(struct recognised *ret, uint32_t starts, const struct strings *runners, pid_t pid,
	      pid_t runner)
{
	_buf_ struct buf argv = BUF_INIT, runners_argv = BUF_INIT;
	char path[PATH_MAX], runners_path[PATH_MAX];
	struct program program, of_runner;
	struct admit_status status;
	int err;

	*ret = (struct recognised){ .pid = pid, .peer = { .pidfd = -1 } };
	ret->pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (ret->pidfd < 0)
		return -ESRCH;
	err = read_program(&program, &argv, path, sizeof(path), pid);
	err = err ?: read_status(&status, pid);
	if (err < 0)
		return err;
	ret->peer.pid = pid;
	ret->peer.uid = status.uids[0];
	ret->peer.gid = status.gids[0];
	/* a runner that has ended meanwhile began no job that anybody waits for */
	err = read_program(&of_runner, &runners_argv, runners_path, sizeof(runners_path), runner);
	if (err == -ESRCH)
		return -ENOENT;
	if (err < 0)
		return err;
	if (!is_configured(runners, runner, runners_path))
		return -ENOENT;
	for (size_t i = 0; i < ci_start_count; i++)
		if ((starts & 1u << i) && strcmp(of_runner.name, ci_starts[i].runner) == 0 &&
		    recognise_program(&ci_starts[i], &of_runner, &program)) {
			ret->start = &ci_starts[i];
			return 0;
		}
	return -ENOENT;
}

void recognised_free(struct recognised *r)
{
	if (r->pidfd >= 0)
		close(TAKE_FD(r->pidfd));
}

int recognised_waits(const struct recognised *r, struct error *e)
{
	_buf_ struct buf children = BUF_INIT;
	struct admit_status s;
	char name[40];
	int err = read_status(&s, r->pid);

	snprintf(name, sizeof(name), "task/%d/children", r->pid);
	err = err ?: recognised_read(&children, r->pid, name);
	if (err < 0)
		return error_set(e, err, "/proc/%d cannot be read: %s", r->pid, strerror(-err));
	if (s.state == 'Z' || s.state == 'X')
		return error_set(e, -ESRCH, "it has died");
	if (s.state != 'T' || s.threads != 1 || children.len)
		return error_set(e, -EPERM, "somebody continued it before it was watched");
	return 0;
}

int recognised_run_as(struct run_as *ret, const struct recognised *r, struct error *e)
{
	_buf_ struct buf status = BUF_INIT;
	struct run_as as = { .drop = r->peer.uid != 0, .uid = r->peer.uid, .gid = r->peer.gid };
	struct passwd *user = getpwuid(as.uid);
	const char *groups;
	int err = recognised_read(&status, r->pid, "status"), used;
	unsigned group;

	if (err < 0)
		return error_set(e, err, "/proc/%d/status: %s", r->pid, strerror(-err));
	groups = strstr(status.at, "\nGroups:");
	as.groups = calloc(GROUPS_MAX, sizeof(*as.groups));
	if (groups)
		groups += strlen("\nGroups:");
	while (groups && as.groups && as.group_count < GROUPS_MAX &&
	       sscanf(groups, "%*[ \t]%u%n", &group, &used) == 1) {
		as.groups[as.group_count++] = group;
		groups += used;
	}
	run_as_name(&as, user);
	if (!as.groups || !as.name) {
		run_as_free(&as);
		return error_set(e, -ENOMEM, "out of memory");
	}
	*ret = as;
	return 0;
}
