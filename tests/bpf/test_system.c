// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_system.c - operations on the kernel itself: mounts, bpf, modules (an accusation), user
 * namespaces, io_uring (withheld, no accusation), listening (reported). And which of these hooks
 * are loaded at all.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "base/cleanup.h"

static const char *const rules[] = {
	RULE("kernel", "\"bpf\",\"module\",\"mount\"", "kill", ""),
	RULE("ring", "\"io_uring\"", "hide", ""),
	RULE("users", "\"namespace\"", "hide", ""),
	RULE("server", "\"listen\"", "alert", ""),
	NULL,
};

static int begin(void **state)
{
	(void)state;
	return attack_begin(rules);
}

static const struct {
	const char *mode, *more, *rule;
	unsigned op, watch; /* effect on watch */
} ways[] = {
	{ "bpf-load", "", "kernel", WS_OP_BPF, WS_EFFECT_KILLED_BEFORE },
	{ "bpf-list", "", "kernel", WS_OP_BPF, WS_EFFECT_KILLED_BEFORE },
	{ "module", "", "kernel", WS_OP_MODULE, WS_EFFECT_KILLED_AFTER },
	{ "module-file", "", "kernel", WS_OP_MODULE, WS_EFFECT_KILLED_AFTER },
	{ "mount-here", "$W/tmp", "kernel", WS_OP_MOUNT, WS_EFFECT_KILLED_AFTER },
	{ "bind-here", "$W/tmp", "kernel", WS_OP_MOUNT, WS_EFFECT_KILLED_AFTER },
	{ "move-mount", "$W/tmp", "kernel", WS_OP_MOUNT, WS_EFFECT_KILLED_AFTER },
	{ "umount-here", "$W/home", "kernel", WS_OP_MOUNT, WS_EFFECT_KILLED_AFTER },
	{ "userns", "", "users", WS_OP_NAMESPACE, WS_EFFECT_UNAVAILABLE },
	{ "clone-userns", "", "users", WS_OP_NAMESPACE, WS_EFFECT_UNAVAILABLE },
	{ "clone3-userns", "", "users", WS_OP_NAMESPACE, WS_EFFECT_UNAVAILABLE },
	{ "netns", "", "users", WS_OP_NAMESPACE, WS_EFFECT_UNAVAILABLE },
	{ "uring-setup", "", "ring", WS_OP_IO_URING, WS_EFFECT_UNAVAILABLE },
};

static int mounts_below(const char *dir)
{
	_fclose_ FILE *f = fopen("/proc/self/mounts", "re");
	char line[4096];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, dir) != NULL;
	return n;
}

/* Makes a mount for umount-here. All of it is in the test's own mount namespace. */
static void settle(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "(umount -l %s/tmp; umount -l %s/home) 2>/dev/null; mount --bind %s/home %s/home",
		 s.dir, s.dir, s.dir, s.dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(mounts_below(s.dir), 1);
}

/* Whether the job can do it: wormsign permits it, but this kernel may refuse it to everybody. */
static bool to_be_had(size_t i)
{
	char script[256];
	int status;

	snprintf(script, sizeof(script), "exec $B/tamper %s %s", ways[i].mode, ways[i].more);
	status = stage_job(&s, script);
	assert_int_equal(s.verdict_count, 0);
	return status == 0;
}

static void test_ways(void **state)
{
	int failed = 0, tried = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		bool deny = backend == WS_BACKEND_DENY, had,
		     kills = !strcmp(ways[i].rule, "kernel");
		const struct stage_verdict *v;
		enum outcome o, wanted;

		settle();
		had = to_be_had(i);
		settle();
		o = attack(&s, "exec $B/tamper %s %s", ways[i].mode, ways[i].more);
		v = stage_verdict(&s, ways[i].rule);
		if (!had && o == OUTCOME_UNSUPPORTED) {
			attack_tell(ways[i].mode, o, "nothing is proved");
			continue;
		}
		if (!had && o == OUTCOME_REFUSED && !v) {
			attack_tell(
				ways[i].mode, o,
				"this machine refuses it to everybody, before anything is asked");
			continue;
		}
		tried++;
		wanted = kills ? OUTCOME_KILLED : deny ? OUTCOME_REFUSED : OUTCOME_THROUGH;
		if (o != wanted || !v || v->op != ways[i].op ||
		    v->effect != (deny ? (unsigned)WS_EFFECT_REFUSED : ways[i].watch) ||
		    (deny && mounts_below(s.dir) != 1)) {
			attack_tell(ways[i].mode, o, "verdict %d, effect %u, %d mounts", v != NULL,
				    v ? v->effect : 0, mounts_below(s.dir));
			failed++;
		}
	}
	assert_int_equal(failed, 0);
	assert_true(tried > 8);
}

/* A mount by an ordinary user needs a user namespace: on deny it fails there. */
static void test_unprivileged(void **state)
{
	enum outcome o = attack(&s, "exec $B/tamper mount");

	(void)state;
	assert_non_null(stage_verdict(&s, "users"));
	if (backend == WS_BACKEND_DENY) {
		assert_int_equal(o, OUTCOME_REFUSED);
		assert_null(stage_verdict(&s, "kernel"));
	} else {
		assert_int_equal(o, OUTCOME_KILLED);
		assert_non_null(stage_verdict(&s, "kernel"));
	}
}

static void test_listen(void **state)
{
	const struct stage_verdict *v;

	(void)state;
	assert_int_equal(attack(&s, "exec $B/tamper listen"), OUTCOME_THROUGH);
	v = stage_verdict(&s, "server");
	assert_non_null(v);
	assert_int_equal(v->op, WS_OP_LISTEN);
	assert_int_equal(v->effect, WS_EFFECT_NONE);
	assert_int_equal(v->to.family, AF_INET);
	assert_int_equal(v->to.address[0], 127);
	assert_true(v->to.port != 0);
	assert_int_equal(attack(&s, "exec $B/tamper listen6"), OUTCOME_THROUGH);
	v = stage_verdict(&s, "server");
	assert_non_null(v);
	assert_int_equal(v->to.family, AF_INET6);
	assert_int_equal(v->to.address[15], 1);
	/* a UNIX socket is not reported: nobody from outside can connect */
	assert_int_equal(attack(&s, "exec perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && "
				    "bind(S, pack_sockaddr_un(\"s\"))"
				    " && listen(S, 1) or exit 1'"),
			 OUTCOME_THROUGH);
	assert_int_equal(s.verdict_count, 0);
}

/* node with io_uring switched on gets no ring, prints nothing, and works. */
static void test_node(void **state)
{
	(void)state;
	if (system("command -v node >/dev/null")) {
		print_message("skip: node is not installed\n");
		return;
	}
	assert_int_equal(attack(&s, "UV_USE_IO_URING=1 node -e '"
				    "require(\"fs\").readFile(\"index.js\", \"utf8\", (e, t) => "
				    "process.exit(e || !/exports/.test(t) ? 1 : 0))'"),
			 OUTCOME_THROUGH);
	for (unsigned i = 0; i < s.verdict_count; i++)
		assert_int_equal(s.verdicts[i].op, WS_OP_IO_URING);
	print_message("node asked for %u rings\n", s.verdict_count);
}

static uint64_t errors_at(enum ws_error_place place, unsigned error)
{
	struct ws_error errors[WS_AT_MAX];
	int n = loader_errors(s.loader, errors, ARRAY_SIZE(errors));

	assert_in_range(n, 0, ARRAY_SIZE(errors));
	for (int i = 0; i < n; i++)
		if (errors[i].place == place && errors[i].error == error)
			return errors[i].count;
	return 0;
}

/* The watch backend reads clone3's argument: an address that cannot be read is counted. */
static void test_helper_errors(void **state)
{
	uint64_t before = errors_at(WS_AT_CLONE3, EFAULT);
	unsigned calls = backend == WS_BACKEND_WATCH ? 3 : 0;

	(void)state;
	assert_int_equal(attack(&s, "for i in 1 2 3; do perl -e 'syscall(435, 1, 88)'; done"),
			 OUTCOME_THROUGH);
	assert_int_equal(errors_at(WS_AT_CLONE3, EFAULT), before + calls);
}

/*
 * A hook is not loaded, with that reason, if no rule in force needs it. A hook that this kernel
 * lacks is no failure.
 */
static void test_loaded(void **state)
{
	static const char *const one[] = { RULE("kernel", "\"mount\"", "kill", ""), NULL };
	const struct hook_state *states;
	unsigned asleep = 0, mounts = 0;
	struct stage other;
	size_t count;

	(void)state;
	attack_end(NULL);
	stage_open(&other, backend, one, WS_MODE_ENFORCE);
	count = loader_hooks(other.loader, &states);
	for (size_t i = 0; i < count; i++) {
		asleep += !strcmp(states[i].why, "no rule is about it");
		if (strstr(states[i].name, "mount"))
			mounts += states[i].backend == WS_BACKEND_DENY;
	}
	assert_int_equal(asleep, backend == WS_BACKEND_DENY ? 14 : 1);
	assert_int_equal(mounts, backend == WS_BACKEND_DENY ? 3 : 0);
	stage_close(&other);
	begin(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),	      cmocka_unit_test(test_unprivileged),
		cmocka_unit_test(test_listen),	      cmocka_unit_test(test_node),
		cmocka_unit_test(test_helper_errors), cmocka_unit_test(test_loaded),
	};

	if (!attack_ready(argc, argv))
		return 77;
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		print_message("a mount namespace: %s\n", strerror(errno));
		return 2;
	}
	return cmocka_run_group_tests(tests, begin, attack_end);
}
