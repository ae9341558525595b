// SPDX-License-Identifier: GPL-2.0-only
/* test_sock_listening.c - listening sockets are found by the cgroup that they were made in, and
 * others are not. */
#include "kernel/sock_listening.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cmocka_all.h"
#include "in_child.h"

static char dir[4096];
static uint64_t id;

static int listens(int family)
{
	struct sockaddr_storage at = { .ss_family = (sa_family_t)family };
	int fd = socket(family, SOCK_STREAM, 0);

	if (family == AF_INET)
		((struct sockaddr_in *)&at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&at)->sin6_addr = in6addr_loopback;
	return fd < 0 ||
			       bind(fd, (struct sockaddr *)&at,
				    family == AF_INET ? sizeof(struct sockaddr_in)
						      : sizeof(struct sockaddr_in6)) < 0 ||
			       listen(fd, 1) < 0
		       ? -1
		       : fd;
}

static int in_the_cgroup(void)
{
	struct ws_address at[2] = { 0 };
	char path[4200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	CHECK(listens(AF_INET) >= 0); /* made before: another cgroup's */
	f = fopen(path, "w");
	CHECK(f && fprintf(f, "%d\n", getpid()) > 0 && fclose(f) == 0);
	CHECK(sock_listening(at, 2, id) == 0);
	CHECK(listens(AF_INET) >= 0);
	CHECK(socket(AF_INET, SOCK_STREAM, 0) >= 0); /* does not listen */
	CHECK(sock_listening(at, 2, id) == 1);
	CHECK(at[0].family == AF_INET && at[0].port != 0 && at[0].address[0] == 127);
	CHECK(listens(AF_INET6) < 0 || sock_listening(at, 2, id) == 2);
	CHECK(listens(AF_INET) >= 0 && listens(AF_INET) >= 0);
	CHECK(sock_listening(at, 2, id) >= 3); /* counted; there is room for two */
	CHECK(sock_listening(at, 2, id + 12345) == 0);
	return 0;
}

static void by_cgroup(void **state)
{
	_close_ int fd = -1;
	struct stat st;

	(void)state;
	snprintf(dir, sizeof(dir), "/sys/fs/cgroup/%stest-listening-%d",
		 access("/sys/fs/cgroup/unified", F_OK) == 0 ? "unified/" : "", getpid());
	if (getuid() != 0 || mkdir(dir, 0755) < 0)
		skip();
	fd = open(dir, O_PATH);
	assert_int_equal(fstat(fd, &st), 0);
	id = st.st_ino; /* of kernfs: the id, where it has 64 bits */
	in_child(in_the_cgroup);
	for (int i = 0; i < 100 && rmdir(dir) < 0; i++)
		usleep(10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_cgroup) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
