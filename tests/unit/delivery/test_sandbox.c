// SPDX-License-Identifier: GPL-2.0-only
/* test_sandbox.c - what is refused from then on, and what still works; each in a child. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "delivery/sandbox.h"

static void *nothing(void *arg)
{
	return arg;
}

/* The number of the check that is not as it should be; 0: all are. */
static int child(void)
{
	struct error e = { 0 };
	pthread_t t;

	if (sandbox_enter(&e) < 0)
		return 1;
	if (execl("/bin/true", "true", NULL) != -1 || errno != EPERM)
		return 2;
	if (syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0) != -1 || errno != EPERM)
		return 3;
	if (syscall(SYS_bpf, 0, NULL, 0) != -1 || errno != EPERM)
		return 4;
	if (mount("none", "/mnt", "tmpfs", 0, NULL) != -1 || errno != EPERM)
		return 5;
	if (syscall(SYS_unshare, 0) != -1 || errno != EPERM)
		return 6;
	if (socket(AF_PACKET, SOCK_RAW, 0) != -1 || errno != EPERM)
		return 7;
	if (setuid(0) != -1 || errno != EPERM)
		return 8;
	if (syscall(SYS_clone, 0x10000000 /* CLONE_NEWUSER */, 0, 0, 0, 0) != -1 || errno != EPERM)
		return 9;
	if (socket(AF_INET, SOCK_STREAM, 0) < 0 || socket(AF_UNIX, SOCK_DGRAM, 0) < 0)
		return 10;
	if (pthread_create(&t, NULL, nothing, NULL) != 0 || pthread_join(t, NULL) != 0)
		return 11;
	if (open("/dev/null", O_RDWR) < 0)
		return 12;
	return 0;
}

static void refuses(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int dropped(void)
{
	struct sandbox_user u;
	struct error e = { 0 };

	if (sandbox_user_find(&u, NULL, &e) < 0 || u.uid == 0)
		return 1;
	if (sandbox_drop(&u, &e) < 0)
		return 2;
	if (getuid() != u.uid || geteuid() != u.uid || getgid() != u.gid)
		return 3;
	if (geteuid() == 0 || setuid(0) == 0)
		return 4;
	return getgroups(0, NULL) == 0 || getuid() == u.uid ? 0 : 5;
}

static void drops(void **state)
{
	struct sandbox_user u;
	struct error e = { 0 };
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_true(sandbox_user_find(&u, "no-such-user", &e) < 0);
	assert_non_null(strstr(e.text, "no-such-user"));
	e = (struct error){ 0 };
	assert_true(sandbox_user_find(&u, "root", &e) < 0);
	pid = fork();
	if (pid == 0)
		_exit(dropped());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
