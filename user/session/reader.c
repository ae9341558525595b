// SPDX-License-Identifier: GPL-2.0-only
/* reader.c - see reader.h. */
#define _GNU_SOURCE /* close_range, statx */
#include "session/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "session/lock_program.h"

#define CHECKSUMS_MS	 500 /* that a session waits for checksums in all */
#define CHECKSUM_MS	 100 /* ... and for one */
#define QUESTION_SECONDS 2   /* of CPU time, for each question */

/* A time of creation is that of the clock's last tick, so it can be earlier than `since` by this
 * much. */
#define STAMP_GRAIN 20000000ULL /* ns */

enum { ABOUT_DEPENDENTS, ABOUT_LEFT, ABOUT_LINK, ABOUT_PACKAGE, ABOUT_CHECKSUM };

struct question {
	uint32_t number, about;
	uint64_t since;
	size_t above;
	char project[PATH_MAX], path[PATH_MAX];
	char manager[16], version[128];
};

struct answer {
	uint32_t number, about;
	struct reader_answer found;
	char checksum[LOCKFILE_CHECKSUM];
};

/* ---- the process ---- */

int reader_confine(int socket, const struct run_as *w, const char *name)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	struct rlimit no_files_written = { 0 };
	sigset_t all;

	if (dup2(socket, 0) < 0 || close_range(1, ~0u, 0) < 0)
		return -errno;
	setsid();
	sigfillset(&all);
	sigdelset(&all, SIGXCPU);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, name);
	setrlimit(RLIMIT_FSIZE, &no_files_written);
	if (run_as_become(w) < 0 || syscall(SYS_capset, &head, none) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static bool made_since(const char *path, uint64_t since)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &st) < 0 ||
	    !(st.stx_mask & STATX_BTIME))
		return false;
	return (uint64_t)st.stx_btime.tv_sec * 1000000000ULL + st.stx_btime.tv_nsec + STAMP_GRAIN >=
	       since;
}

static void find_left(struct reader_answer *a, char *path, size_t above, uint64_t since)
{
	size_t len = strlen(path);

	for (size_t end = above + 1; end <= len; end++) {
		char c = path[end];

		if (c && c != '/')
			continue;
		path[end] = '\0';
		if (made_since(path, since)) {
			snprintf(a->left, sizeof(a->left), "%s", path);
			return;
		}
		path[end] = c;
	}
}

static void find_link(struct reader_answer *a, const char *path)
{
	ssize_t n = readlink(path, a->link, sizeof(a->link) - 1);

	a->link[n > 0 ? n : 0] = '\0';
}

static void __attribute__((noreturn)) serve(int socket, const struct run_as *w)
{
	static struct question q;
	static struct answer a;

	if (reader_confine(socket, w, "wormsign-reader") < 0)
		_exit(1);
	for (unsigned n = 1; recv(0, &q, sizeof(q), 0) == sizeof(q); n++) {
		struct rlimit time;

		/* the hard limit stays: it could not be raised again */
		getrlimit(RLIMIT_CPU, &time);
		time.rlim_cur = n * QUESTION_SECONDS;
		setrlimit(RLIMIT_CPU, &time);
		a = (struct answer){ .number = q.number, .about = q.about };
		if (q.about == ABOUT_DEPENDENTS)
			dependents_find(&a.found.dependents, q.project, q.path);
		else if (q.about == ABOUT_CHECKSUM && !q.version[0])
			lockfile_prepare(q.project, lock_program_list);
		else if (q.about == ABOUT_CHECKSUM)
			lockfile_checksum(a.checksum, q.manager, q.project, q.path, q.version,
					  lock_program_list);
		else if (q.about == ABOUT_LINK)
			find_link(&a.found, q.path);
		else if (q.about == ABOUT_PACKAGE)
			package_dir_files(a.found.name, a.found.version, q.path);
		else
			find_left(&a.found, q.path, q.above, q.since);
		if (send(0, &a, sizeof(a), MSG_NOSIGNAL) != sizeof(a))
			break;
	}
	_exit(0);
}

void reader_start(struct reader *h, const struct run_as *w)
{
	int ends[2];

	h->socket = -1;
	h->patience = CHECKSUMS_MS;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	h->pid = fork();
	if (h->pid == 0)
		serve(ends[1], w);
	close(ends[1]);
	if (h->pid < 0)
		close(ends[0]);
	else
		h->socket = ends[0];
}

/* ---- questions and answers ---- */

static int ask(struct reader *h, struct question *q, const char *path)
{
	size_t len = strlen(path);

	if (h->socket < 0 || h->asked == READER_QUESTIONS || len >= PATH_MAX || q->above > len)
		return -ENOSPC;
	q->number = h->asked;
	strcpy(q->path, path);
	if (send(h->socket, q, sizeof(*q), MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof(*q))
		return -errno;
	return (int)h->asked++;
}

int reader_ask_dependents(struct reader *h, const char *project, size_t project_len,
			  const char *directory)
{
	struct question q = { .about = ABOUT_DEPENDENTS };

	if (project_len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(q.project, project, project_len);
	return ask(h, &q, directory);
}

int reader_ask_left(struct reader *h, const char *path, size_t above, uint64_t since)
{
	struct question q = { .about = ABOUT_LEFT, .above = above, .since = since };

	return ask(h, &q, path);
}

int reader_ask_link(struct reader *h, const char *path)
{
	struct question q = { .about = ABOUT_LINK };

	return ask(h, &q, path);
}

int reader_ask_package(struct reader *h, const char *directory)
{
	struct question q = { .about = ABOUT_PACKAGE };

	return ask(h, &q, directory);
}

/* It reads what packages wrote, so its word is not trusted either. */
static void take(struct reader *h, struct answer *a)
{
	struct dependents *d = &a->found.dependents;

	for (size_t i = 0; i < DEPENDENTS_MAX; i++)
		d->names[i][DEPENDENTS_NAME - 1] = '\0';
	d->workspace[DEPENDENTS_NAME - 1] = '\0';
	a->found.left[sizeof(a->found.left) - 1] = '\0';
	a->found.link[sizeof(a->found.link) - 1] = '\0';
	a->found.name[sizeof(a->found.name) - 1] = '\0';
	a->found.version[sizeof(a->found.version) - 1] = '\0';
	if (a->about == ABOUT_CHECKSUM) {
		a->checksum[sizeof(a->checksum) - 1] = '\0';
		memcpy(h->checksum, a->checksum, sizeof(h->checksum));
		h->sum_number = a->number;
	} else if (a->number == h->answered && h->answered < h->asked)
		h->answers[h->answered++] = a->found;
}

/* Take one more answer; false: there was none until then (clock_ms()). */
static bool receive(struct reader *h, long until)
{
	struct pollfd p = { .fd = h->socket, .events = POLLIN };
	long left = until - clock_ms();
	struct answer a;

	if (h->socket < 0 || poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
		return false;
	if (recv(h->socket, &a, sizeof(a), MSG_DONTWAIT) != sizeof(a)) {
		reader_end(h); /* it has died */
		return false;
	}
	take(h, &a);
	return true;
}

const struct reader_answer *reader_answer(struct reader *h, int question, int ms)
{
	long until = clock_ms() + ms;

	if (question < 0)
		return NULL;
	while ((unsigned)question >= h->answered)
		if (!receive(h, until))
			return NULL;
	return &h->answers[question];
}

const char *reader_checksum(struct reader *h, const char *manager, const char *project,
			    size_t project_len, const char *directory, const char *version)
{
	struct question q = { .about = ABOUT_CHECKSUM, .number = h->sums_asked + 1 };
	long begun = clock_ms(), until = begun;

	if (h->socket < 0 || project_len >= sizeof(q.project) ||
	    strlen(directory) + 1 >= sizeof(q.path) || strlen(version) >= sizeof(q.version))
		return NULL;
	memcpy(q.project, project, project_len);
	strcpy(q.path, directory);
	snprintf(q.manager, sizeof(q.manager), "%s", manager);
	strcpy(q.version, version);
	if (send(h->socket, &q, sizeof(q), MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof(q))
		return NULL;
	h->sums_asked++;
	if (!version[0])
		return NULL;
	until += h->patience < CHECKSUM_MS ? h->patience : CHECKSUM_MS;
	while (h->sum_number != q.number && receive(h, until))
		;
	h->patience -= (int)(clock_ms() - begun);
	if (h->patience < 0)
		h->patience = 0;
	return h->sum_number == q.number && h->checksum[0] ? h->checksum : NULL;
}

void reader_end(struct reader *h)
{
	if (h->socket >= 0)
		close(h->socket);
	h->socket = -1;
}
