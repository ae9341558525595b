/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tamper - goes for the sensor or the walls around it: `tamper MODE [PID|PATH]`.
 *
 * Signals to PID by every syscall that sends one, bpf(2), perf, kernel modules, namespaces, mounts,
 * other cgroups. EFFECT means that the kernel did it. `tamper list` prints the modes and what each
 * needs.
 */
#define _GNU_SOURCE
#include "truth.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>

static const char *target;

static int result(long n)
{
	return n < 0 ? -errno : 0;
}
static pid_t victim(void)
{
	return target ? atoi(target) : getppid();
}

static int by_kill(void)
{
	return result(kill(victim(), SIGKILL));
}
static int by_stop(void)
{
	return result(kill(victim(), SIGSTOP));
}
static int by_usr1(void)
{
	return result(kill(victim(), SIGUSR1));
}
static int by_tgkill(void)
{
	return result(syscall(__NR_tgkill, victim(), victim(), SIGKILL));
}
static int by_tkill(void)
{
	return result(syscall(__NR_tkill, victim(), SIGKILL));
}
static int by_sigqueue(void)
{
	return result(sigqueue(victim(), SIGKILL, (union sigval){ 0 }));
}
static int by_pidfd(void)
{
	int fd = syscall(__NR_pidfd_open, victim(), 0);

	return fd < 0 ? -errno : result(syscall(__NR_pidfd_send_signal, fd, SIGKILL, NULL, 0));
}

/* The signal comes from the kernel, on behalf of whoever owns the descriptor. */
static int by_fowner(void)
{
	int ends[2];

	if (pipe(ends) < 0 || fcntl(ends[0], F_SETSIG, SIGKILL) < 0 ||
	    fcntl(ends[0], F_SETOWN, victim()) < 0 || fcntl(ends[0], F_SETFL, O_ASYNC) < 0 ||
	    write(ends[1], "x", 1) < 0)
		return -errno;
	usleep(100000);
	return kill(victim(), 0) < 0 && errno == ESRCH ? 0 : -EPERM;
}

static int by_bpf_load(void)
{
	struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
				   { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr a = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2 };

	a.insns = (uintptr_t)code;
	a.license = (uintptr_t) "GPL";
	return result(syscall(__NR_bpf, BPF_PROG_LOAD, &a, sizeof(a)));
}

static int by_bpf_list(void)
{
	union bpf_attr a = { 0 };

	return result(syscall(__NR_bpf, BPF_LINK_GET_NEXT_ID, &a, sizeof(a)));
}

static int by_perf(void)
{
	struct perf_event_attr a = { .type = PERF_TYPE_SOFTWARE,
				     .size = sizeof(a),
				     .config = PERF_COUNT_SW_CPU_CLOCK };

	return result(syscall(__NR_perf_event_open, &a, 0, -1, -1, 0));
}

/* ENOEXEC is the answer to somebody who was allowed to ask. */
static int by_module(void)
{
	int n = result(syscall(__NR_init_module, "", 0, ""));

	return n == -ENOEXEC ? 0 : n;
}

static int by_userns(void)
{
	return result(unshare(CLONE_NEWUSER));
}
static int by_mount(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	return result(mount("none", "/tmp", "tmpfs", 0, NULL));
}
static int by_umount(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	return result(umount2(target ? target : "/proc", MNT_DETACH));
}
static int by_netns(void)
{
	return result(unshare(CLONE_NEWUSER | CLONE_NEWNET));
}

/* Nothing bad in itself: libuv does it. Honest programs fall back when they are refused. */
static int by_uring_setup(void)
{
	struct io_uring_params p = { 0 };

	return result(syscall(__NR_io_uring_setup, 8, &p));
}

/* PATH is a cgroup.procs. */
static int by_cgroup(void)
{
	int fd = target ? open(target, O_WRONLY) : (errno = EINVAL, -1);

	return fd < 0 ? -errno : result(write(fd, "0", 1));
}

static const struct {
	const char *name, *needs;
	int (*try)(void);
} modes[] = {
	{ "kill", "PID", by_kill },
	{ "stop", "PID", by_stop },
	{ "usr1", "PID", by_usr1 },
	{ "tgkill", "PID", by_tgkill },
	{ "tkill", "PID", by_tkill },
	{ "sigqueue", "PID", by_sigqueue },
	{ "pidfd", "PID", by_pidfd },
	{ "fowner", "PID", by_fowner },
	{ "bpf-load", "", by_bpf_load },
	{ "bpf-list", "", by_bpf_list },
	{ "perf", "", by_perf },
	{ "module", "", by_module },
	{ "userns", "", by_userns },
	{ "mount", "", by_mount },
	{ "umount", "PATH", by_umount },
	{ "netns", "", by_netns },
	{ "uring-setup", "", by_uring_setup },
	{ "cgroup", "PATH", by_cgroup },
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			printf("%s %s\n", modes[i].name, modes[i].needs);
		return 0;
	}
	if (argc < 2)
		usage("tamper MODE [PID|PATH]");
	target = argv[2];
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int n;

		if (strcmp(argv[1], modes[i].name))
			continue;
		n = modes[i].try();
		if (n < 0)
			refused(argv[1], n);
		effect("%s", argv[1]);
	}
	usage("tamper MODE [PID|PATH]; see: tamper list");
}
