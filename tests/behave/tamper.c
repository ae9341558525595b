/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tamper - goes for the sensor or the walls around it: `tamper MODE [PID|PATH]`.
 *
 * Signals to PID by every syscall that sends one, bpf(2), perf, kernel modules, namespaces, mounts,
 * other cgroups, a server of one's own. EFFECT means that the kernel did it. `tamper list` prints the modes and what each
 * needs.
 */
#define _GNU_SOURCE
#include "truth.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* not <sys/mount.h>: it and <linux/mount.h> define the same names */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);
#define MNT_DETACH 2

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
static int by_tgsigqueue(void)
{
	siginfo_t info = { .si_signo = SIGKILL, .si_code = SI_QUEUE };

	return result(syscall(__NR_rt_tgsigqueueinfo, victim(), victim(), SIGKILL, &info));
}
/* The sender may choose who it says it is, as long as it is not the kernel. */
static int by_disguised(void)
{
	siginfo_t info = { .si_signo = SIGKILL, .si_code = SI_TIMER };

	return result(syscall(__NR_rt_sigqueueinfo, victim(), SIGKILL, &info));
}
static int by_pidfd(void)
{
	int fd = syscall(__NR_pidfd_open, victim(), 0);

	return fd < 0 ? -errno : result(syscall(__NR_pidfd_send_signal, fd, SIGKILL, NULL, 0));
}

/* The signal comes from the kernel, on behalf of whoever owns the descriptor. */
static int by_fowner(void)
{
	struct pollfd end = { .fd = syscall(__NR_pidfd_open, victim(), 0), .events = POLLIN };
	int ends[2];

	if (end.fd < 0 || pipe(ends) < 0 || fcntl(ends[0], F_SETSIG, SIGKILL) < 0 ||
	    fcntl(ends[0], F_SETOWN, victim()) < 0 || fcntl(ends[0], F_SETFL, O_ASYNC) < 0 ||
	    write(ends[1], "x", 1) < 0)
		return -errno;
	return poll(&end, 1, 100) == 1 ? 0 : -EPERM;
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

/* ENOEXEC is the answer to somebody who was allowed to ask; one too short is not even asked about. */
static int by_module(void)
{
	static char nothing[4096];
	int n = result(syscall(__NR_init_module, nothing, sizeof(nothing), ""));

	return n == -ENOEXEC ? 0 : n;
}

static int by_module_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), n;

	if (fd < 0)
		return -errno;
	n = result(syscall(__NR_finit_module, fd, "", 0));
	return n == -ENOEXEC ? 0 : n;
}

static int by_ptrace(void)
{
	return result(ptrace(PTRACE_SEIZE, victim(), 0, 0));
}

static int by_userns(void)
{
	return result(unshare(CLONE_NEWUSER));
}
static int enter_clone(pid_t pid)
{
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -errno;
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return 0;
}
static int by_clone_userns(void)
{
	return enter_clone(syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}
static int by_clone3_userns(void)
{
	struct clone_args a = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };

	return enter_clone(syscall(__NR_clone3, &a, sizeof(a)));
}

/* With the rights one has. */
static int by_mount_here(void)
{
	return result(mount("none", target, "tmpfs", 0, NULL));
}
static int by_bind_here(void)
{
	return result(mount("/tmp", target, NULL, 4096 /* MS_BIND */, NULL));
}
static int by_umount_here(void)
{
	return result(umount2(target, MNT_DETACH));
}
static int by_move_mount(void)
{
	int context = syscall(__NR_fsopen, "tmpfs", 0), fd;

	if (context < 0 || syscall(__NR_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = syscall(__NR_fsmount, context, 0, 0);
	if (fd < 0)
		return -errno;
	return result(syscall(__NR_move_mount, fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH));
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

static int listen_on(int family)
{
	union address a = { 0 };
	socklen_t length = family == AF_INET ? sizeof(a.v4) : sizeof(a.v6);
	int fd = socket(family, SOCK_STREAM, 0);

	a.any.sa_family = family;
	if (family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.v6.sin6_addr = in6addr_loopback;
	if (fd < 0 || bind(fd, &a.any, length) < 0)
		return -errno;
	return result(listen(fd, 1));
}
static int by_listen(void)
{
	return listen_on(AF_INET);
}
static int by_listen6(void)
{
	return listen_on(AF_INET6);
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
	{ "tgsigqueue", "PID", by_tgsigqueue },
	{ "disguised", "PID", by_disguised },
	{ "pidfd", "PID", by_pidfd },
	{ "fowner", "PID", by_fowner },
	{ "bpf-load", "", by_bpf_load },
	{ "bpf-list", "", by_bpf_list },
	{ "perf", "", by_perf },
	{ "module", "", by_module },
	{ "module-file", "", by_module_file },
	{ "ptrace", "PID", by_ptrace },
	{ "userns", "", by_userns },
	{ "clone-userns", "", by_clone_userns },
	{ "clone3-userns", "", by_clone3_userns },
	{ "mount-here", "PATH", by_mount_here },
	{ "bind-here", "PATH", by_bind_here },
	{ "umount-here", "PATH", by_umount_here },
	{ "move-mount", "PATH", by_move_mount },
	{ "mount", "", by_mount },
	{ "umount", "PATH", by_umount },
	{ "netns", "", by_netns },
	{ "uring-setup", "", by_uring_setup },
	{ "listen", "", by_listen },
	{ "listen6", "", by_listen6 },
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
