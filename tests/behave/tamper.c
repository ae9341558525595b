/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tamper - goes for the sensor or the walls around it: `tamper MODE [PID|PATH]`.
 *
 * Signals to PID by every syscall that sends one, bpf(2), perf, kernel modules, namespaces, mounts,
 * other cgroups, a server of one's own. EFFECT means that the kernel did it. `tamper list` prints
 * the modes and what each needs.
 */
#define _GNU_SOURCE
#include "truth.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/kd.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
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
/* The sender may claim to be any process, but not the kernel: si_code must be negative. */
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

/* The kernel sends the signal, to the owner of the descriptor. */
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

/* What is changed of another process without a signal. */
/* SIGIO, which ends a process, and which no F_SETSIG arms. */
static int fire(int fd, int other)
{
	if (fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK) < 0 || write(other, "x", 1) != 1)
		return -errno;
	usleep(20000);
	return 0;
}
static int by_owner(void)
{
	int fds[2];

	if (pipe(fds) || fcntl(fds[0], F_SETOWN, victim()) < 0)
		return -errno;
	return fire(fds[0], fds[1]);
}
static int by_owner_group(void)
{
	struct f_owner_ex owner = { F_OWNER_PGRP, victim() };
	int fds[2];

	if (pipe(fds) || fcntl(fds[0], F_SETOWN_EX, &owner) < 0)
		return -errno;
	return fire(fds[0], fds[1]);
}
static int by_owner_socket(void)
{
	int fds[2], owner = victim();

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) || ioctl(fds[0], FIOSETOWN, &owner) < 0)
		return -errno;
	return fire(fds[0], fds[1]);
}
static int by_prlimit(void)
{
	struct rlimit64 limit = { 0, 0 };

	/* the limit for core dumps: a thief raises it, and reads the dump */
	return result(syscall(__NR_prlimit64, victim(), RLIMIT_CORE, &limit, NULL));
}
static int by_nice(void)
{
	return result(setpriority(PRIO_PROCESS, victim(), 5));
}
static int by_nice_group(void)
{
	return result(setpriority(PRIO_PGRP, victim(), 5));
}
static int by_ionice(void)
{
	return result(syscall(__NR_ioprio_set, 1, victim(), 3 << 13));
}
static int by_affinity(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	return result(sched_setaffinity(victim(), sizeof(cpus), &cpus));
}
static int by_scheduler(void)
{
	struct sched_param p = { 0 };

	return result(sched_setscheduler(victim(), 3 /* SCHED_BATCH */, &p));
}
static int by_control(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", victim());
	fd = open(path, O_WRONLY);
	return fd < 0 ? -errno : result(write(fd, "900", 3));
}
/* Access to its memory by other calls than ptrace. */
static int by_kcmp(void)
{
	return syscall(__NR_kcmp, getpid(), victim(), 1 /* KCMP_VM */, 0, 0) < 0 ? -errno : 0;
}
static int by_perf_stack(void)
{
	struct perf_event_attr a = { .type = PERF_TYPE_SOFTWARE,
				     .size = sizeof(a),
				     .config = PERF_COUNT_SW_CPU_CLOCK,
				     .sample_period = 1000000,
				     .exclude_kernel = 1,
				     .sample_type = PERF_SAMPLE_STACK_USER | PERF_SAMPLE_REGS_USER,
				     .sample_regs_user = 1,
				     .sample_stack_user = 8192 };

	return result(syscall(__NR_perf_event_open, &a, victim(), -1, -1, 0));
}
static int by_move_pages(void)
{
	void *page = (void *)0x1000;
	int status;

	return result(syscall(__NR_move_pages, victim(), 1, &page, NULL, &status, 0));
}
static int by_robust(void)
{
	size_t length;
	void *head;

	return result(syscall(__NR_get_robust_list, victim(), &head, &length));
}
/* A key of the user's, which the job has put there: keyctl add user wormsign-test X @u. */
static int by_key_read(void)
{
	long key = syscall(__NR_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user",
			   "wormsign-test", 0);
	char text[64];

	return key < 0 ? -errno : result(syscall(__NR_keyctl, KEYCTL_READ, key, text, 64));
}
/* Input for whoever reads a terminal; here it is the caller's own, and nobody reads it. */
static int on_terminal(unsigned long command, void *argument)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return -errno;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	return slave < 0 ? -errno : result(ioctl(slave, command, argument));
}
static int by_type(void)
{
	return on_terminal(TIOCSTI, "x");
}
static int by_paste(void)
{
	return on_terminal(TIOCLINUX, "\3");
}
static int by_key(void)
{
	static char string[520];

	return on_terminal(KDSKBSENT, string);
}
/* On itself all of it is harmless: the number that getpid() gives is of its own pid namespace. */
static int by_self(void)
{
	char from[8] = "secret", to[8];
	struct rlimit64 limit;
	struct perf_event_attr a = { .type = PERF_TYPE_SOFTWARE,
				     .size = sizeof(a),
				     .exclude_kernel = 1,
				     .config = PERF_COUNT_SW_TASK_CLOCK };
	struct {
		void *base;
		size_t length;
	} local = { to, 8 }, remote = { from, 8 };
	pid_t self = getpid();

	if (syscall(__NR_process_vm_readv, self, &local, 1, &remote, 1, 0) != 8 ||
	    strcmp(to, "secret") || syscall(__NR_kcmp, self, self, 1, 0, 0) < 0 ||
	    syscall(__NR_prlimit64, self, RLIMIT_CORE, NULL, &limit) < 0 ||
	    syscall(__NR_prlimit64, self, RLIMIT_CORE, &limit, NULL) < 0 ||
	    setpriority(PRIO_PROCESS, self, 1) < 0 || fcntl(1, F_SETOWN, self) < 0 ||
	    syscall(__NR_ioprio_set, 1, self, 3 << 13) < 0)
		return -errno;
	syscall(__NR_perf_event_open, &a, self, -1, -1, 0);
	syscall(__NR_perf_event_open, &a, 0, -1, -1, 0);
	/* no processes at all */
	ptrace(PTRACE_ATTACH, -1, 0, 0);
	ptrace(PTRACE_ATTACH, 0, 0, 0);
	ptrace(PTRACE_ATTACH, 4194303, 0, 0);
	syscall(__NR_prlimit64, -5, RLIMIT_CORE, &limit, NULL);
	return 0;
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

/*
 * ENOEXEC means that the caller was permitted to load modules. A shorter image is rejected before
 * permissions are checked.
 */
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

/* With the caller's own privileges. */
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

/* Harmless by itself: libuv does it, and falls back when it is refused. */
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
	{ "owner", "PID", by_owner },
	{ "owner-group", "PID", by_owner_group },
	{ "owner-socket", "PID", by_owner_socket },
	{ "prlimit", "PID", by_prlimit },
	{ "nice", "PID", by_nice },
	{ "nice-group", "PID", by_nice_group },
	{ "ionice", "PID", by_ionice },
	{ "affinity", "PID", by_affinity },
	{ "scheduler", "PID", by_scheduler },
	{ "control", "PID", by_control },
	{ "kcmp", "PID", by_kcmp },
	{ "perf-stack", "PID", by_perf_stack },
	{ "move-pages", "PID", by_move_pages },
	{ "robust-list", "PID", by_robust },
	{ "key-read", "", by_key_read },
	{ "type", "", by_type },
	{ "paste", "", by_paste },
	{ "key", "", by_key },
	{ "self", "", by_self },
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
