// SPDX-License-Identifier: GPL-2.0-only
/* test_admit.c - which process a client may have watched: by made-up status files, and by real
 * processes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/admit.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

static const char status_text[] = "Name:\tsh\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t77\n"
				  "Ngid:\t0\nPid:\t77\nPPid:\t70\nTracerPid:\t0\n"
				  "Uid:\t1000\t1000\t1000\t1000\nGid:\t100\t100\t100\t100\n"
				  "Threads:\t1\nCapInh:\t0000000000000000\n"
				  "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
				  "CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\n";

static void parses(void **state)
{
	struct admit_status s;
	_free_ char *text = strdup(status_text);

	(void)state;
	assert_int_equal(admit_parse_status(&s, text), 0);
	assert_int_equal(s.pid, 77);
	assert_int_equal(s.group, 77);
	assert_int_equal(s.parent, 70);
	assert_int_equal(s.threads, 1);
	assert_int_equal(s.state, 'S');
	assert_int_equal(s.uids[3], 1000);
	assert_int_equal(s.gids[0], 100);
	assert_true(s.capabilities == 0); /* the bounding set gives none */
	*strstr(text, "CapAmb:\t0") = 'x';
	assert_int_equal(admit_parse_status(&s, text), -EBADMSG);
	assert_int_equal(admit_parse_status(&s, ""), -EBADMSG);
}

/* A name cannot pretend to be a line: the kernel escapes its newlines. */
static void each_line_is_needed(void **state)
{
	static const char *const names[] = { "State:", "Tgid:",	  "\nPid:",  "PPid:",  "Uid:",
					     "Gid:",   "Threads", "CapInh:", "CapPrm", "CapEff" };
	struct admit_status s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_free_ char *text = strdup(status_text);

		strstr(text, names[i])[1] = '#';
		assert_int_equal(admit_parse_status(&s, text), -EBADMSG);
	}
}

static const struct peer peer = { .pid = 70, .uid = 1000, .gid = 100, .pidfd = -1 };

static int check_with(void (*change)(struct admit_status *s))
{
	struct admit_status s;

	assert_int_equal(admit_parse_status(&s, status_text), 0);
	if (change)
		change(&s);
	return admit_check(&s, &peer, NULL);
}

#define CHANGE(name, statement)                  \
	static void name(struct admit_status *s) \
	{                                        \
		statement;                       \
	}
CHANGE(pid_1, s->pid = s->group = 1)
CHANGE(a_thread, s->group = 76)
CHANGE(zombie, s->state = 'Z')
CHANGE(dead, s->state = 'X')
CHANGE(not_a_child, s->parent = 71)
CHANGE(threads, s->threads = 2)
CHANGE(ruid, s->uids[0] = 0)
CHANGE(euid, s->uids[1] = 0)
CHANGE(suid, s->uids[2] = 0)
CHANGE(fsuid, s->uids[3] = 1001)
CHANGE(egid, s->gids[1] = 0)
CHANGE(all_gids, s->gids[0] = s->gids[1] = s->gids[2] = s->gids[3] = 0)
CHANGE(capable, s->capabilities = 1)

static void checks(void **state)
{
	static void (*const changes[])(struct admit_status *) = {
		pid_1, a_thread, zombie, dead, not_a_child, threads, ruid,
		euid,  suid,	 fsuid,	 egid, all_gids,    capable,
	};

	(void)state;
	assert_int_equal(check_with(NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		assert_int_equal(check_with(changes[i]), -EPERM);
}

/* ---- real processes ---- */

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static int admit(int pidfd, const struct peer *p)
{
	pid_t pid = 0;
	int err = admit_command(&pid, pidfd, p, NULL);

	assert_true(err < 0 || pid > 0);
	return err;
}

static void not_a_process(void **state)
{
	struct peer me = { .pid = getpid(),
			   .uid = getuid(),
			   .gid = getgid(),
			   .pidfd = syscall(SYS_pidfd_open, getpid(), 0) };
	int file = open("/dev/null", O_RDONLY);
	pid_t pid = sleeper();
	int pidfd = syscall(SYS_pidfd_open, pid, 0);

	(void)state;
	assert_int_equal(admit(file, &me), -EBADF);
	assert_int_equal(admit(-1, &me), -EBADF);
	/* a child: admitted, unless this test is root's, who has capabilities */
	assert_int_equal(admit(pidfd, &me), geteuid() ? 0 : -EPERM);
	kill(pid, SIGKILL);
	usleep(50000);
	assert_int_equal(admit(pidfd, &me), -EPERM); /* a zombie */
	waitpid(pid, NULL, 0);
	assert_int_equal(admit(pidfd, &me), -EPERM); /* nobody */
	close(file);
	close(pidfd);
	peer_done(&me);
	assert_int_equal(me.pidfd, -1);
}

static void peers(void **state)
{
	struct peer p = { .pidfd = -1 };
	struct error e = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(peer_find(&p, ends[0], &e), 0);
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.uid, getuid());
	peer_done(&p);
	close(ends[0]);
	close(ends[1]);
}

static void users(void **state)
{
	struct peer p = { .pid = getpid(), .uid = 54321, .gid = 54322, .pidfd = -1 };
	CLEANUP(run_as_free) struct run_as as = { 0 };
	struct error e = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(peer_run_as(&as, &p, ends[0], &e), 0);
	assert_true(as.drop);
	assert_int_equal(as.uid, 54321);
	assert_int_equal(as.gid, 54322);
	assert_string_equal(as.name, "54321");
	assert_null(as.home);
	assert_int_equal(as.group_count, getgroups(0, NULL));
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses), cmocka_unit_test(each_line_is_needed),
		cmocka_unit_test(checks), cmocka_unit_test(not_a_process),
		cmocka_unit_test(peers),  cmocka_unit_test(users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
