// SPDX-License-Identifier: GPL-2.0-only
/* test_recognise.c - what is the start of a job by programs' names and arguments, and what /proc
 * says of real processes. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/recognise.h"
#include "base/cleanup.h"
#include "cmocka_all.h"

#define WORDS(words) words, sizeof(words) - 1

static const char *const none[] = { NULL };
static const char *const worker[] = { "Runner.Worker", NULL };
static const char *const su[] = { "su", NULL };
static const struct ci_start github = { "github", "Runner.Listener", NULL, worker, none, true };
static const struct ci_start gitlab = { "gitlab", "gitlab-runner", NULL, none, su, false };
static const struct ci_start jenkins = { "jenkins", "java", "agent.jar", none, none, false };

static bool is(const struct ci_start *start, const char *name, const char *argv, size_t len)
{
	struct program runner = { start->runner, WORDS("java\0-jar\0/opt/agent.jar\0x\0") };
	struct program program = { name, argv, len };

	return recognise_program(start, &runner, &program);
}

static void programs(void **state)
{
	struct program other = { "java", WORDS("java\0-jar\0/opt/agent.jar.x\0") };
	struct program shell = { "sh", WORDS("sh\0-xe\0") };
	(void)state;

	assert_true(is(&github, "Runner.Worker", WORDS("/r/bin/Runner.Worker\0spawnclient\0")));
	/* as the runner asks for it, whatever is there: another program, a script */
	assert_true(is(&github, "evil", WORDS("/r/bin/Runner.Worker\0spawnclient\0")));
	assert_true(is(&github, "bash", WORDS("/bin/bash\0-p\0/r/bin/Runner.Worker\0x\0")));
	assert_true(is(&github, "Runner.Worker", WORDS("")));
	assert_false(is(&github, "bash", WORDS("bash\0a\0b\0Runner.Worker\0")));
	assert_false(is(&github, "bash", WORDS("bash\0_update.sh\0")));
	assert_false(is(&github, "bash", WORDS("bash\0Runner.Worker2\0xRunner.Worker\0")));
	assert_false(is(&github, "", WORDS("")));
	assert_true(is(&gitlab, "bash", WORDS("bash\0--login\0")));
	assert_false(is(&gitlab, "su", WORDS("bash\0")));
	assert_true(is(&jenkins, "sh", WORDS("sh\0-xe\0")));
	assert_false(recognise_program(&jenkins, &other, &shell));
	/* argv that does not end with a NUL */
	assert_false(is(&github, "x", "Runner.Work", 11));
}

static void words(void **state)
{
	char block[] = "A=1\0B=\0C=3";
	_free_ char **list = recognised_words(block, sizeof(block) - 1);
	_free_ char **empty = recognised_words(block, 0);
	(void)state;

	assert_string_equal(list[0], "A=1");
	assert_string_equal(list[1], "B=");
	assert_string_equal(list[2], "C=3");
	assert_null(list[3]);
	assert_null(empty[0]);
}

/* A child that stops; then it forks, or does not. */
static pid_t stopped(bool forks)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (forks && fork() == 0) {
			pause();
			_exit(0);
		}
		raise(SIGSTOP);
		pause();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	return pid;
}

static void end(pid_t pid)
{
	char list[64], children[64] = "";
	FILE *f;

	snprintf(list, sizeof(list), "/proc/%d/task/%d/children", pid, pid);
	f = fopen(list, "re");
	assert_non_null(f);
	if (fgets(children, sizeof(children), f) && atoi(children) > 0)
		kill(atoi(children), SIGKILL);
	fclose(f);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void waits(void **state)
{
	struct error e = { 0 };
	struct recognised r = { .pid = stopped(false), .pidfd = -1 };
	(void)state;

	assert_int_equal(recognised_waits(&r, &e), 0);
	kill(r.pid, SIGCONT);
	assert_int_equal(waitpid(r.pid, NULL, WCONTINUED), r.pid);
	assert_int_equal(recognised_waits(&r, &e), -EPERM);
	assert_non_null(strstr(e.text, "somebody continued it"));
	kill(r.pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)r.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	assert_int_equal(recognised_waits(&r, &e), -ESRCH);
	waitpid(r.pid, NULL, 0);
	assert_int_equal(recognised_waits(&r, &e), -ESRCH);
	r.pid = stopped(true);
	assert_int_equal(recognised_waits(&r, &e), -EPERM);
	end(r.pid);
}

static void real_processes(void **state)
{
	CLEANUP(strings_done) struct strings runners = { 0 };
	CLEANUP(run_as_free) struct run_as as = { 0 };
	struct recognised r;
	struct error e = { 0 };
	pid_t pid = stopped(false);
	(void)state;

	/* this test is no runner of any */
	assert_int_equal(recognise(&r, ~0u, &runners, pid, getpid()), -ENOENT);
	assert_true(r.pidfd >= 0);
	assert_int_equal(r.peer.uid, getuid());
	assert_int_equal(recognised_run_as(&as, &r, &e), 0);
	assert_int_equal(as.group_count, getgroups(0, NULL));
	assert_int_equal(as.drop, getuid() != 0);
	assert_non_null(as.name);
	recognised_free(&r);
	assert_int_equal(strings_add(&runners, "/bin/true"), 0);
	assert_int_equal(recognise(&r, ~0u, &runners, pid, getpid()), -ENOENT);
	recognised_free(&r);
	end(pid);
	assert_int_equal(recognise(&r, ~0u, &runners, pid, getpid()), -ESRCH);
	assert_int_equal(r.pidfd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs),
		cmocka_unit_test(words),
		cmocka_unit_test(waits),
		cmocka_unit_test(real_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
