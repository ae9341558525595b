// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_leftovers.c - each process that outlived the command is reported once, whichever list it
 * stands in. The lists are made up here.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "kernel/sock_listening.h"
#include "session/leftovers.h"
#include "session/tasks.h"

static struct loader_task kernels[16];
static size_t kernels_count;
static pid_t cgroups[16];
static size_t cgroups_count;
static struct session_leftover reported[32];
static size_t reported_count;
static int kernels_error;

int tasks_list(struct loader *l, uint64_t session, bool condemned, struct task_list *ret)
{
	assert_null(l);
	assert_int_equal(session, 7);
	assert_false(condemned);
	if (kernels_error)
		return kernels_error;
	ret->at = calloc(16, sizeof(*ret->at));
	for (size_t i = 0; i < kernels_count; i++)
		ret->at[ret->count++] = (struct task){ .task = kernels[i], .pidfd = -1 };
	return 0;
}

void tasks_free(struct task_list *l)
{
	free(l->at);
}

static const struct cgroup here = { .id = 9 };
static unsigned listening;

int sock_listening(struct ws_address *ret, size_t room, uint64_t cgroup)
{
	assert_int_equal(cgroup, here.id);
	for (unsigned i = 0; i < listening && i < room; i++)
		ret[i] = (struct ws_address){ .family = AF_INET,
					      .port = (uint16_t)(8000 + i),
					      .protocol = IPPROTO_TCP,
					      .address = { 127, 0, 0, 1 } };
	return listening ? (int)listening : -EPERM;
}

int cgroup_processes(const struct cgroup *c, int (*each)(void *arg, pid_t pid), void *arg)
{
	assert_ptr_equal(c, &here);
	for (size_t i = 0; i < cgroups_count; i++)
		assert_int_equal(each(arg, cgroups[i]), 0); /* go on */
	return 0;
}

static void each(void *arg, const struct session_leftover *l)
{
	assert_null(arg);
	reported[reported_count++] = *l;
}

static int make(void **state)
{
	(void)state;
	kernels_count = cgroups_count = reported_count = 0;
	kernels_error = 0;
	listening = 0;
	return 0;
}

static void list(uint32_t pid, const char *name)
{
	struct loader_task t = { .pid = pid, .scope = 3, .actor = WS_ACTOR_PACKAGE };

	memcpy(t.comm, name, strlen(name)); /* the longest has no room for its end */
	kernels[kernels_count++] = t;
	cgroups[cgroups_count++] = (pid_t)pid;
}

static struct leftovers report(void)
{
	struct leftovers l = { 0 };

	leftovers_report(&l, NULL, 7, &here, each, NULL);
	assert_int_equal(l.count, reported_count);
	return l;
}

static void none(void **state)
{
	struct leftovers l = report();

	(void)state;
	assert_int_equal(l.count, 0);
	assert_string_equal(l.names, "");
}

static void in_both_lists(void **state)
{
	struct leftovers l;

	(void)state;
	list((uint32_t)getpid(), "node");
	list((uint32_t)getppid(), "sh");
	l = report();
	assert_int_equal(l.count, 2);
	assert_string_equal(l.names, "node, sh");
	assert_int_equal(reported[0].pid, getpid());
	assert_int_equal(reported[0].scope, 3);
	assert_int_equal(reported[0].actor, WS_ACTOR_PACKAGE);
	assert_string_equal(reported[1].comm, "sh");
}

/* In another pid namespace the kernel's list is empty; the cgroup has it. */
static void in_the_cgroup_alone(void **state)
{
	struct leftovers l;
	char was[16];

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, was), 0);
	assert_int_equal(prctl(PR_SET_NAME, "a\033\nb"), 0);
	cgroups[cgroups_count++] = getpid();
	cgroups[cgroups_count++] = 0x3fffffff; /* has ended meanwhile */
	l = report();
	assert_int_equal(prctl(PR_SET_NAME, was), 0);
	assert_int_equal(l.count, 1);
	assert_int_equal(reported[0].pid, getpid());
	assert_int_equal(reported[0].actor, WS_ACTOR_NONE);
	assert_string_equal(reported[0].comm, "a\033\nb");
	assert_string_equal(l.names, "a\033\nb"); /* message() escapes it */

	/* half a token, as the kernel truncates names */
	assert_int_equal(prctl(PR_SET_NAME, "ghp_0123456789a"), 0);
	reported_count = 0;
	l = report();
	assert_int_equal(prctl(PR_SET_NAME, was), 0);
	assert_string_equal(l.names, "[redacted]");

	reported_count = 0;
	kernels_error = -EIO;
	kernels_count = 1;
	assert_int_equal(report().count, 1);
}

static void sockets(void **state)
{
	CLEANUP(residue_free) struct residue found = { 0 };
	struct leftovers l;

	(void)state;
	list((uint32_t)getpid(), "node");
	listening = LEFTOVERS_SOCKETS + 3;
	l = report();
	assert_int_equal(l.sockets, LEFTOVERS_SOCKETS + 3);
	leftovers_add_sockets(&found, &l);
	assert_int_equal(found.count, LEFTOVERS_SOCKETS);
	assert_int_equal(found.more, 3);
	assert_int_equal(found.at[1].place, RESIDUE_SOCKET);
	assert_string_equal(found.at[1].path, "127.0.0.1:8001 (tcp)");
}

/* All are counted and reported; of names there is room for the first. */
static void many(void **state)
{
	struct leftovers l;

	(void)state;
	for (uint32_t i = 0; i < 16; i++)
		list(100 + i, "sixteen-letters-");
	l = report();
	assert_int_equal(l.count, 16);
	assert_int_equal(strlen(l.names) % 18, 16); /* whole names only */
	assert_true(strlen(l.names) > 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(none, make),
		cmocka_unit_test_setup(in_both_lists, make),
		cmocka_unit_test_setup(in_the_cgroup_alone, make),
		cmocka_unit_test_setup(sockets, make),
		cmocka_unit_test_setup(many, make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
