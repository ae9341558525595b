// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_file_guard.c - which opens are refused: real permission events of the kernel. Who acts for a
 * package is made up here.
 */
#include "session/file_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "events/decode.h"
#include "tree.h"

#ifdef __x86_64__
#define EMPTY 255 /* as reads() says it */
#else
#define EMPTY ENOENT
#endif
#define TOKEN "//h/:_authToken=abc\n"

#define HIDES 1u /* rules, by number */
#define KILLS 2u
#define CURL  4u

static uint64_t rules_met; /* those that the package meets */
static int package = 1;
static char refused[4096];
static unsigned refused_by;

int admission_package_of(const struct admission *a, int pidfd, struct admission_package *ret)
{
	static uint64_t script;

	(void)a;
	assert_true(pidfd >= 0);
	*ret = (struct admission_package){ .task.script = ++script, /* each is told anew */
					   .task.session = 7,
					   .rules.w = { rules_met } };
	return package;
}

static void on_refused(void *arg, const struct ws_rec_verdict *r)
{
	_buf_ struct buf path = BUF_INIT;

	(void)arg;
	assert_int_equal(r->effect, WS_EFFECT_REFUSED);
	assert_int_equal(r->action, WS_HIDE);
	assert_string_equal(r->head.comm, "test_file_guard");
	assert_int_equal(r->head.uid, getuid());
	assert_string_equal(strrchr(r->argv.bytes, '/'), "/test_file_guard");
	decode_path(&path, r->path.bytes, r->path.len, false);
	snprintf(refused, sizeof(refused), "%s", path.at);
	refused_by = r->rule;
}

static struct file_guard guard;

static int set_up(void **state)
{
	static struct rule list[] = {
		{ .action = WS_HIDE, .ops = 1u << WS_OP_READ, .actors = 1u << WS_ACTOR_PACKAGE },
		{ .action = WS_KILL, .ops = 1u << WS_OP_READ, .actors = 1u << WS_ACTOR_PACKAGE },
		{ .action = WS_HIDE, .ops = 1u << WS_OP_READ, .actors = 1u << WS_ACTOR_PACKAGE },
		{ .action = WS_HIDE, .ops = 1u << WS_OP_WRITE, .actors = 1u << WS_ACTOR_PACKAGE },
		{ .action = WS_HIDE, .ops = 1u << WS_OP_READ, .actors = 1u << WS_ACTOR_JOB },
		{ .action = WS_HIDE, .ops = 1u << WS_OP_READ, .actors = 1u << WS_ACTOR_PACKAGE },
	};
	const struct ruleset rules = { .rules = list, .count = ARRAY_SIZE(list) };

	strings_add(&list[0].path, "/wormsign/npmrc-token");
	strings_add(&list[1].path, "/wormsign/netrc");
	strings_add(&list[2].path, "/wormsign/netrc");
	strings_add(&list[3].path, "/wormsign/npmrc-token");
	strings_add(&list[4].path, "/wormsign/npmrc-token");
	strings_add(&list[5].path, "/wormsign/git-token");
	tree_setup(state);
	if (file_guard_unavailable())
		return 0;
	file_guard_open(&guard, file_guard_group(), NULL, &rules);
	assert_true(guard.group >= 0);
	guard.refused = on_refused;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		strings_done(&list[i].path);
	package = 1;
	rules_met = ~0ull;
	return 0;
}

static int tear_down(void **state)
{
	if (guard.group > 0)
		close(guard.group);
	guard = (struct file_guard){ .group = -1 };
	return tree_teardown(state);
}

static void guard_file(const char *name, enum config_kind kind)
{
	_close_ int fd = -1, dir = -1;
	struct config_file f = { .kind = kind, .name = name };

	dir = f.dir = open(tree_top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = f.fd = open(tree_path(tree_top, name), O_PATH | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(file_guard_add(&guard, &f), 0);
}

/* Only before the first one is guarded: later this process would wait for its own answer. */
static void add(const char *name, enum config_kind kind, const char *text)
{
	tree_add(tree_top, name, text);
	guard_file(name, kind);
}

/* The errno with which a child fails that runs fn; 0: it does not. It may wait for answers. */
static int in_child(int (*fn)(const char *path), const char *path)
{
	struct pollfd p = { .fd = guard.group, .events = POLLIN };
	int status = 0;
	pid_t pid;

	refused[0] = 0;
	pid = fork();
	if (pid == 0) {
		close(guard.group); /* a copy would keep the group open */
		alarm(10);
		_exit(fn(path));
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		if (poll(&p, 1, 5) == 1)
			assert_int_equal(file_guard_answer(&guard), 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int reads(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : read(fd, &byte, 1) == 1 ? 0 : EMPTY;
}

static int writes(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CLOEXEC) < 0 ? errno : 0;
}

static int adds_token(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	return fd < 0 ? errno : write(fd, TOKEN, strlen(TOKEN)) < 0;
}

static int reads_and_writes(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC) < 0 ? errno : 0;
}

/* By openat2(), whose flags lie in memory. */
static int writes_by_openat2(const char *path)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { .flags = O_WRONLY };

	return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)) < 0 ? errno : 0;
}

static void *read_it(void *path)
{
	return (void *)(intptr_t)reads(path);
}

static int reads_in_a_thread(const char *path)
{
	pthread_t t;
	void *err;

	pthread_create(&t, NULL, read_it, (void *)path);
	pthread_join(t, &err);
	return (int)(intptr_t)err;
}

static int runs(const char *path)
{
	execl(path, path, NULL);
	return errno;
}

static void with_guard(void)
{
	const char *why = file_guard_unavailable();

	if (!why)
		return;
	print_message("SKIP: %s\n", why);
	skip();
}

static void refuses_reading(void **state)
{
	const char *npmrc, *other;

	(void)state;
	with_guard();
	add("npmrc", CONFIG_MANAGER, TOKEN);
	npmrc = tree_path(tree_top, "npmrc");
	other = tree_path(tree_top, "other");
	assert_int_equal(in_child(reads, npmrc), EMPTY);
	assert_string_equal(refused, npmrc);
	assert_int_equal(refused_by, 0);
	assert_int_equal(in_child(reads_in_a_thread, npmrc), EMPTY);
	assert_int_equal(in_child(reads_and_writes, npmrc), ENOENT);
	assert_int_equal(in_child(writes_by_openat2, npmrc), ENOENT);
	assert_int_equal(chmod(npmrc, 0755), 0);
	assert_int_equal(in_child(runs, npmrc), ENOENT);
	/* whatever it is called */
	assert_int_equal(link(npmrc, other), 0);
	assert_int_equal(in_child(reads, other), EMPTY);
	assert_int_equal(rename(npmrc, tree_path(tree_top, "moved")), 0);
	assert_int_equal(in_child(reads, tree_path(tree_top, "moved")), EMPTY);
	/* the kernel side judges writing */
	assert_int_equal(in_child(writes, other), 0);
	assert_string_equal(refused, "");
}

static void others_get_it(void **state)
{
	const char *npmrc;

	(void)state;
	with_guard();
	add("npmrc", CONFIG_MANAGER, TOKEN);
	npmrc = tree_path(tree_top, "npmrc");
	package = 0;
	assert_int_equal(in_child(reads, npmrc), 0);
	package = -EIO; /* not known */
	assert_int_equal(in_child(reads, npmrc), EMPTY);
	package = 1;
	rules_met = ~(uint64_t)HIDES; /* a package that is excepted */
	assert_int_equal(in_child(reads, npmrc), 0);
}

static int in_handler;

static void on_signal(int signal)
{
	(void)signal;
	in_handler++;
}

/* It is sent a signal while it waits for the answer. */
static int reads_and_is_signalled(const char *path)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	int err;

	signal(SIGVTALRM, on_signal);
	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &soon, NULL);
	usleep(15000);
	err = reads(path);
	while (!in_handler)
		usleep(1000);
	return err;
}

/* Who is traced already gets the error of fanotify. */
static int reads_traced(const char *path)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(reads(path));
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_CONT, child, 0, 0);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 254;
}

static int reads_by_openat2(const char *path)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { .flags = O_RDONLY };
	char byte;
	int fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 ? errno : read(fd, &byte, 1) == 1 ? 0 : EMPTY;
}

static void absent_for_whom_it_can_be(void **state)
{
	const char *npmrc;

	(void)state;
	with_guard();
	add("npmrc", CONFIG_MANAGER, TOKEN);
	npmrc = tree_path(tree_top, "npmrc");
	assert_int_equal(in_child(reads_traced, npmrc), EPERM);
	/* a signal that comes when it has been answered, but not shown the empty file yet */
	for (unsigned i = 0; i < 20; i++) {
		int err = in_child(reads_and_is_signalled, npmrc);

		assert_true(err == EMPTY || err == ENOENT);
	}
}

/* With the name under which git writes it first. */
static void configuration_of_git(void **state)
{
	const char *config, *lock;

	(void)state;
	with_guard();
	tree_add(tree_top, "config.lock", "[http]\n\textraheader = AUTHORIZATION: basic abc\n");
	add("config", CONFIG_GIT, "[http]\n\textraheader = AUTHORIZATION: basic abc\n");
	config = tree_path(tree_top, "config");
	lock = tree_path(tree_top, "config.lock");
	assert_int_equal(in_child(reads, config), EMPTY);
	assert_int_equal(in_child(reads_by_openat2, config), ENOENT);
	assert_int_equal(in_child(reads, lock), EMPTY);
	assert_string_equal(refused, lock);
	assert_int_equal(chmod(config, 0755), 0);
	assert_int_equal(in_child(runs, config), ENOENT);
	package = 0;
	assert_int_equal(in_child(reads, config), 0);
}

static void other_sessions_have_guards_of_their_own(void **state)
{
	const char *npmrc;

	(void)state;
	with_guard();
	add("npmrc", CONFIG_MANAGER, TOKEN);
	npmrc = tree_path(tree_top, "npmrc");
	guard.session = 8;
	assert_int_equal(in_child(reads, npmrc), 0);
	guard.session = 7;
	assert_int_equal(in_child(reads, npmrc), EMPTY);
}

static void only_credentials(void **state)
{
	const char *npmrc;

	(void)state;
	with_guard();
	add("npmrc", CONFIG_MANAGER, "//h/:_authToken=${TOKEN}\n");
	npmrc = tree_path(tree_top, "npmrc");
	assert_int_equal(in_child(reads, npmrc), 0);
	/* in place, afterwards: it is looked at when it is opened */
	assert_int_equal(in_child(adds_token, npmrc), 0);
	assert_int_equal(in_child(reads, npmrc), EMPTY);
}

static void stronger_rules_judge(void **state)
{
	const char *netrc;

	(void)state;
	with_guard();
	add("netrc", CONFIG_NETRC, "machine h login u password p\n");
	netrc = tree_path(tree_top, "netrc");
	assert_int_equal(in_child(reads, netrc), 0); /* the kernel side will kill for it */
	rules_met = CURL;
	assert_int_equal(in_child(reads, netrc), EMPTY);
	assert_int_equal(refused_by, 2);
	rules_met = KILLS;
	assert_int_equal(in_child(reads, netrc), 0);
	rules_met = HIDES; /* about other files */
	assert_int_equal(in_child(reads, netrc), 0);
}

static void many_files(void **state)
{
	struct config_file f = { .kind = CONFIG_MANAGER, .name = "one", .dir = -1 };
	_close_ int fd = -1, top = open(tree_top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[32];

	(void)state;
	with_guard();
	tree_add(tree_top, "one", TOKEN);
	for (unsigned i = 0; i <= FILE_GUARD_FILES; i++) {
		snprintf(name, sizeof(name), "%u", i);
		tree_add(tree_top, name, TOKEN);
	}
	for (unsigned i = 0; i < FILE_GUARD_FILES - 1; i++) {
		snprintf(name, sizeof(name), "%u", i);
		guard_file(name, CONFIG_MANAGER);
		guard_file(name, CONFIG_MANAGER); /* takes no more room */
	}
	assert_int_equal(guard.name_count, FILE_GUARD_NAMES);
	f.fd = fd = open(tree_path(tree_top, "one"), O_PATH | O_CLOEXEC);
	assert_int_equal(file_guard_add(&guard, &f), 0);
	/* the same file, found in a directory whose files may be replaced */
	f.dir = top;
	assert_int_equal(file_guard_add(&guard, &f), -ENOSPC);
	assert_int_equal(in_child(reads, tree_path(tree_top, "0")), EMPTY);
	assert_int_equal(in_child(reads, tree_path(tree_top, name)), EMPTY);
	snprintf(name, sizeof(name), "%u", FILE_GUARD_FILES);
	assert_int_equal(in_child(reads, tree_path(tree_top, name)), 0);
}

static int replaces(const char *path)
{
	char other[4200];
	int fd;

	snprintf(other, sizeof(other), "%s.new", path);
	fd = open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 || write(fd, TOKEN, strlen(TOKEN)) < 0 || rename(other, path) < 0;
}

static void a_file_in_its_place(void **state)
{
	const char *npmrc, *other;

	(void)state;
	with_guard();
	add(".npmrc", CONFIG_MANAGER, "x=y\n");
	npmrc = tree_path(tree_top, ".npmrc");
	other = tree_path(tree_top, "package.json");
	assert_int_equal(in_child(reads, npmrc), 0);
	package = 0;
	assert_int_equal(in_child(replaces, npmrc), 0);
	assert_int_equal(in_child(reads, npmrc), 0);
	package = 1;
	assert_int_equal(in_child(reads, npmrc), EMPTY);
	/* other files in that directory are nobody's business */
	package = 0;
	assert_int_equal(in_child(replaces, other), 0);
	package = 1;
	assert_int_equal(in_child(reads, other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(refuses_reading, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_get_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(absent_for_whom_it_can_be, set_up, tear_down),
		cmocka_unit_test_setup_teardown(configuration_of_git, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_sessions_have_guards_of_their_own, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(only_credentials, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stronger_rules_judge, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_in_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_files, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
