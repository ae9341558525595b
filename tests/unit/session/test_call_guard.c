// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_call_guard.c - a stopped process gets a filter of seccomp, and calls that concern a file
 * called `protected` are refused before they begin; all others have their usual result. The kernel
 * side is made up here: it refuses by that name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "session/call_guard.h"

static char dir[] = "/tmp/wormsign-calls-XXXXXX";
static unsigned asked; /* how often the rules were asked */

bool admission_judges_ahead(const struct loader *l)
{
	(void)l;
	return true;
}

int admission_task_of(const struct admission *a, int pidfd, struct ws_task_fields *ret)
{
	(void)a;
	(void)pidfd;
	*ret = (struct ws_task_fields){ .actor = WS_ACTOR_PACKAGE };
	return 1;
}

void admission_judge_ahead(const struct admission *a, struct ws_ahead *ask)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	(void)a;
	asked++;
	snprintf(link, sizeof(link), "/proc/self/fd/%u", ask->fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	ask->condemned = 0;
	ask->answer = 0;
	if (ask->op == WS_OP_NAMESPACE || ask->op == WS_OP_IO_URING ||
	    (ask->leaf_length ? !strcmp(ask->leaf, "protected")
			      : n > 10 && !strcmp(path + n - 10, "/protected")))
		ask->answer = -EPERM;
	if (ask->answer && ask->caller.pid && strlen(ask->caller.comm) != 2) /* rm, mv */
		assert_string_equal(ask->caller.comm, "test_call_guard");
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return chdir("/") < 0 || system("rm -rf /tmp/wormsign-calls-??????") != 0 ? -1 : 0;
}

static void make(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0 && write(fd, "text", 4) == 4);
	close(fd);
}

/* Run calls() in a guarded process, which returns 0 or the line of the check that failed. */
static int guarded(int (*calls)(void))
{
	struct call_guard g;
	struct confine c;
	struct run_as user = { .uid = getuid(), .gid = getgid() };
	int status, pidfd, err;
	pid_t pid = fork();

	if (pid == 0) {
		raise(SIGSTOP);
		_exit(calls() ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_int_equal(call_guard_open(&g, NULL), 0);
	assert_int_equal(confine_attach(&c, pid), 0);
	err = call_guard_add(&g, &c, pidfd, &user);
	assert_int_equal(err, 0);
	kill(pid, SIGCONT);
	confine_detach(&c);
	for (;;) {
		struct pollfd p = { .fd = g.ready, .events = POLLIN };

		if (poll(&p, 1, 20) > 0)
			assert_int_equal(call_guard_answer(&g), 0);
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
	}
	assert_int_equal(call_guard_answer(&g), 0); /* forgets it */
	close(pidfd);
	call_guard_close(&g);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* In the guarded process. */
#define EXPECT(condition)                                                                         \
	do {                                                                                      \
		if (!(condition)) {                                                               \
			fprintf(stderr, "line %d: %s (errno %d)\n", __LINE__, #condition, errno); \
			return 1;                                                                 \
		}                                                                                 \
	} while (0)
#define REFUSED(call) EXPECT((call) < 0 && errno == EPERM)

static int names(void)
{
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	REFUSED(unlink("protected"));
	REFUSED(unlinkat(here, "protected", 0));
	REFUSED(unlink("sub/../protected"));
	REFUSED(rename("protected", "x"));
	REFUSED(rename("other", "protected"));
	REFUSED(renameat2(here, "protected", AT_FDCWD, "other", RENAME_EXCHANGE));
	REFUSED(link("protected", "x"));
	REFUSED(truncate("protected", 0));
	REFUSED(open("protected", O_WRONLY | O_TRUNC | O_CLOEXEC));
	REFUSED(open("protected", O_RDONLY | O_TRUNC | O_CLOEXEC));
	REFUSED(chmod("protected", 0777));
	REFUSED(chmod("to-it", 0777));
	fd = open("protected", O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0);
	REFUSED(fchmod(fd, 0777));
	REFUSED(mkdir("sub/protected", 0700));
	REFUSED(mkdirat(here, "sub/protected/", 0700));
	REFUSED(symlink("other", "sub/protected"));
	REFUSED(mknod("sub/protected", S_IFIFO | 0600, 0));
	REFUSED(link("other", "sub/protected"));
	REFUSED(rename("other", "sub/protected"));
	REFUSED(creat("sub/protected", 0600));
	REFUSED(open("sub/protected", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	REFUSED(open("far/protected", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	REFUSED(open("chain", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); /* three links lead to it */
	return 0;
}

static int others(void)
{
	int fd, ends[2];
	char buf[8];

	EXPECT(mkdir("d", 0700) == 0 && chmod("d", 0755) == 0);
	fd = open("d/f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	EXPECT(fd >= 0 && write(fd, "1234", 4) == 4 && fchmod(fd, 0644) == 0);
	EXPECT(pread(fd, buf, 4, 0) == 4);
	EXPECT(open("d/f", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) < 0 && errno == EEXIST);
	EXPECT(truncate("d/f", 2) == 0 && rename("d/f", "d/g") == 0 && link("d/g", "d/h") == 0);
	EXPECT(symlink("g", "d/s") == 0 && unlink("d/s") == 0 && unlink("d/h") == 0);
	EXPECT(unlink("d/none") < 0 && errno == ENOENT);
	EXPECT(mkdir("d", 0700) < 0 && errno == EEXIST);
	EXPECT(unlink("d/g") == 0 && rmdir("d") == 0);
	/* names that are none */
	EXPECT(syscall(SYS_unlinkat, AT_FDCWD, (void *)16, 0) < 0 && errno == EFAULT);
	EXPECT(unlink("") < 0 && errno == ENOENT);
	EXPECT(unlinkat(12345, "x", 0) < 0 && errno == EBADF);
	EXPECT(rmdir("/") < 0 && errno == EBUSY);
	EXPECT(rmdir(".") < 0 && errno == EINVAL);
	EXPECT(fchmod(12345, 0600) < 0 && errno == EBADF);
	EXPECT(open("loop", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == ELOOP);
	EXPECT(pipe(ends) == 0 && ioctl(ends[0], TIOCSTI, "x") < 0 && errno == ENOTTY);
	/* descriptors by name */
	fd = open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	EXPECT(fd >= 0);
	snprintf(buf, sizeof(buf), "%d", ends[1]);
	fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	EXPECT(openat(fd, buf, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) >= 0);
	return 0;
}

static int too_long(void)
{
	char path[PATH_MAX + 100], leaf[300];
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = 0;
	EXPECT(unlink(path) < 0 && errno == ENAMETOOLONG);
	memset(leaf, 'x', sizeof(leaf));
	leaf[sizeof(leaf) - 1] = 0;
	EXPECT(mkdir(leaf, 0700) < 0 && errno == ENAMETOOLONG);
	leaf[255] = 0;
	EXPECT(mkdir(leaf, 0700) == 0 && rmdir(leaf) == 0);
	/* a name that ends with the memory */
	EXPECT(page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
	memcpy(page + 4096 - sizeof("protected"), "protected", sizeof("protected"));
	REFUSED(unlink(page + 4096 - sizeof("protected")));
	memcpy(page + 4096 - 4, "abcd", 4); /* and one that goes on behind it */
	EXPECT(unlink(page + 4096 - 4) < 0 && errno == EFAULT);
	return 0;
}

static int kernel_itself(void)
{
	REFUSED(unshare(CLONE_NEWUSER));
	REFUSED(syscall(SYS_io_uring_setup, 1, NULL));
	REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
	EXPECT(syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	return 0;
}

static void *in_thread(void *arg)
{
	int *ret = arg;

	*ret = unlink("protected") < 0 && errno == EPERM;
	return NULL;
}

static int children_and_threads(void)
{
	pthread_t t;
	int refused = 0, status;
	pid_t pid;

	EXPECT(pthread_create(&t, NULL, in_thread, &refused) == 0);
	pthread_join(t, NULL);
	EXPECT(refused);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "rm protected 2>&-; mv other protected 2>&-; exit 3",
		      NULL);
		_exit(127);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 3);
	return 0;
}

/* Nothing leads a process to the listener of its filter, by which it could answer itself. */
static int no_listener(void)
{
	char link[32], what[64];
	ssize_t n;

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, what, sizeof(what) - 1);
		what[n > 0 ? n : 0] = 0;
		EXPECT(!strstr(what, "seccomp"));
	}
	return 0;
}

#ifdef __x86_64__
/* A call by the numbers of the 32-bit ABI, which every program can make. */
static int call_32(int nr, unsigned a, unsigned b, unsigned c, unsigned d)
{
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static int by_32_bit_calls(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	unsigned name = (unsigned)(uintptr_t)low, made = name + 64;

	EXPECT(low != MAP_FAILED);
	strcpy(low, "protected");
	strcpy(low + 64, "sub/protected");
	EXPECT(call_32(10, name, 0, 0, 0) == -EPERM);			 /* unlink */
	EXPECT(call_32(301, (unsigned)AT_FDCWD, name, 0, 0) == -EPERM);	 /* unlinkat */
	EXPECT(call_32(38, name, made, 0, 0) == -EPERM);		 /* rename */
	EXPECT(call_32(39, made, 0700, 0, 0) == -EPERM);		 /* mkdir */
	EXPECT(call_32(5, made, O_WRONLY | O_CREAT, 0600, 0) == -EPERM); /* open */
	EXPECT(call_32(295, (unsigned)AT_FDCWD, name, O_WRONLY | O_TRUNC, 0) == -EPERM);
	EXPECT(call_32(8, made, 0600, 0, 0) == -EPERM);			      /* creat */
	EXPECT(call_32(310, CLONE_NEWUSER, 0, 0, 0) == -EPERM);		      /* unshare */
	EXPECT(syscall(0x40000000 | SYS_unlink, low) < 0 && errno == ENOSYS); /* x32 */
	strcpy(low + 64, "other-32");
	EXPECT(call_32(39, made, 0700, 0, 0) == 0 && call_32(40, made, 0, 0, 0) == 0);
	return 0;
}
#endif

static bool is_whole(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0 && st.st_size == 4 && (st.st_mode & 0777) == 0600;
}

static void prepare(void)
{
	make("protected");
	make("other");
	mkdir("sub", 0700);
	mkdir("far-away", 0700);
	assert_true(symlink("far-away", "far") == 0 || errno == EEXIST);
	assert_true(symlink("protected", "to-it") == 0 || errno == EEXIST);
	assert_true(symlink("chain2", "chain") == 0 || errno == EEXIST);
	assert_true(symlink("sub/chain3", "chain2") == 0 || errno == EEXIST);
	assert_true(symlink("../far/protected", "sub/chain3") == 0 || errno == EEXIST);
	assert_true(symlink("loop", "loop") == 0 || errno == EEXIST);
}

static void is_refused(int (*calls)(void))
{
	prepare();
	asked = 0;
	assert_int_equal(guarded(calls), 0);
	assert_true(is_whole("protected"));
	assert_true(is_whole("other"));
	assert_int_not_equal(access("sub/protected", F_OK), 0);
	assert_int_not_equal(access("far/protected", F_OK), 0);
}

#define TEST(name_, calls_)             \
	static void name_(void **state) \
	{                               \
		(void)state;            \
		is_refused(calls_);     \
		assert_true(asked > 0); \
	}
TEST(names_are_refused, names)
TEST(others_are_not, others)
TEST(long_and_broken_names, too_long)
TEST(the_kernel_itself, kernel_itself)
TEST(children_and_threads_too, children_and_threads)
#ifdef __x86_64__
TEST(calls_of_the_other_abi, by_32_bit_calls)
#endif

static void the_listener_is_out_of_reach(void **state)
{
	(void)state;
	is_refused(no_listener);
}

/* Two filters with a listener exclude each other: the second script inherits the first one's. */
static int second(void)
{
	struct call_guard g;
	struct confine c;
	struct run_as user = { .uid = getuid(), .gid = getgid() };
	int status, pidfd;
	pid_t pid = fork();

	if (pid == 0) {
		raise(SIGSTOP);
		_exit(unlink("protected") < 0 && errno == EPERM ? 0 : 1);
	}
	EXPECT(waitpid(pid, &status, WUNTRACED) == pid);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	EXPECT(call_guard_open(&g, NULL) == 0);
	EXPECT(confine_attach(&c, pid) == 0);
	EXPECT(call_guard_add(&g, &c, pidfd, &user) == 0);
	kill(pid, SIGCONT);
	confine_detach(&c);
	EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status));
	return 0;
}

static void nested_scripts_share_one(void **state)
{
	(void)state;
	is_refused(second);
}

/* A process that stands still stays so when it is let go without being continued. */
static void it_stands_still_afterwards(void **state)
{
	struct call_guard g;
	struct confine c;
	struct run_as user = { .uid = getuid(), .gid = getgid() };
	int status, pidfd;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(7);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_int_equal(call_guard_open(&g, NULL), 0);
	assert_int_equal(confine_attach(&c, pid), 0);
	assert_int_equal(call_guard_add(&g, &c, pidfd, &user), 0);
	confine_detach(&c);
	usleep(50000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert_int_equal(call_guard_answer(&g), 0); /* forgets it */
	close(pidfd);
	call_guard_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_refused),
		cmocka_unit_test(others_are_not),
		cmocka_unit_test(long_and_broken_names),
		cmocka_unit_test(the_kernel_itself),
		cmocka_unit_test(children_and_threads_too),
#ifdef __x86_64__
		cmocka_unit_test(calls_of_the_other_abi),
#endif
		cmocka_unit_test(the_listener_is_out_of_reach),
		cmocka_unit_test(nested_scripts_share_one),
		cmocka_unit_test(it_stands_still_afterwards),
	};
	const char *why = call_guard_unavailable(NULL);

	if (why) {
		print_message("skipped: %s\n", why);
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
