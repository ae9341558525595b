// SPDX-License-Identifier: GPL-2.0-only
/* test_listen.c - the agent's socket: its rights, its directory, and whether another listens. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/listen.h"
#include "cmocka_all.h"
#include "tree.h"

static int listen_in(int *ret, const char *name, const char *group, struct error *e)
{
	*e = (struct error){ 0 };
	return listen_at(ret, tree_path(tree_top, name), SOCK_SEQPACKET, 0666, group, e);
}

static void listens(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = -1, again = -1, client;
	struct error e;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(listen_in(&fd, "run/agent.sock", NULL, &e), 0);
	assert_int_equal(stat(tree_path(tree_top, "run/agent.sock"), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0666);
	strcpy(at.sun_path, tree_path(tree_top, "run/agent.sock"));
	client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof(at)), 0);
	close(client);
	assert_int_equal(listen_in(&again, "run/agent.sock", NULL, &e), -EADDRINUSE);
	assert_int_equal(again, -1);
	close(fd);
	/* nobody listens any more: it is replaced */
	assert_int_equal(listen_in(&fd, "run/agent.sock", "root", &e), 0);
	assert_int_equal(stat(tree_path(tree_top, "run/agent.sock"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	close(fd);
}

/* A process with only these of our capabilities, for the unit's. */
static void keep_capabilities(uint64_t mask)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	assert_int_equal(syscall(SYS_capget, &head, data), 0);
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(mask >> (32 * i));
		data[i].effective = data[i].permitted;
	}
	assert_int_equal(syscall(SYS_capset, &head, data), 0);
}

/* With CAP_SETGID alone, and though the directory gives what is made there another group. */
static void listens_for_a_group(void **state)
{
	struct group *users = getgrnam("users");
	struct error e;
	struct stat st;
	int fd = -1, status = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || !users)
		skip();
	tree_add(tree_top, "run/", NULL);
	assert_int_equal(chown(tree_path(tree_top, "run"), 0, 1), 0);
	assert_int_equal(chmod(tree_path(tree_top, "run"), 02755), 0);
	pid = fork();
	if (pid == 0) {
		keep_capabilities(1ULL << CAP_SETGID);
		_exit(listen_in(&fd, "run/agent.sock", "users", &e) == 0 && getegid() == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(stat(tree_path(tree_top, "run/agent.sock"), &st), 0);
	assert_int_equal(st.st_gid, users->gr_gid);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void does_not(void **state)
{
	struct error e;
	int fd = -1;
	char longer[200];

	(void)state;
	if (geteuid() != 0)
		skip();
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(listen_in(&fd, longer, NULL, &e), -ENAMETOOLONG);
	assert_int_equal(listen_in(&fd, "a.sock", "no-such-group", &e), -EINVAL);
	assert_non_null(strstr(e.text, "no-such-group"));
	tree_add(tree_top, "open/", NULL);
	assert_int_equal(chmod(tree_path(tree_top, "open"), 0777), 0);
	assert_int_equal(listen_in(&fd, "open/a.sock", NULL, &e), -EPERM);
	assert_int_equal(listen_in(&fd, "no/such/a.sock", NULL, &e), -ENOENT);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(listens, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(listens_for_a_group, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(does_not, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
