/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * open - reads a file by one of many ways, and optionally sends what it read: `open MODE FILE
 * [ADDRESS:PORT]`.
 *
 * Every mode is a way round a sensor that compares the string given to open(2): another syscall,
 * another name of the same file, another process's descriptor, another ABI. `open list` prints the
 * modes.
 */
#define _GNU_SOURCE
#include "truth.h"
#include "uring.h"

#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define ROOM 4096

static char data[ROOM];

/* Reads from a descriptor (or passes a negative errno on). */
static ssize_t drain(int fd)
{
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, data, ROOM);
	return n < 0 ? -errno : n;
}

static int checked(int fd)
{
	return fd < 0 ? -errno : fd;
}

static void split(const char *file, char *ret_dir, char *ret_base)
{
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", file);
	snprintf(ret_dir, 4096, "%s", dirname(copy));
	snprintf(copy, sizeof(copy), "%s", file);
	snprintf(ret_base, 256, "%s", basename(copy));
}

static ssize_t by_open(const char *f)
{
	return drain(checked(syscall(__NR_openat, AT_FDCWD, f, O_RDONLY)));
}

#ifdef __NR_open
static ssize_t by_open_syscall(const char *f)
{
	return drain(checked(syscall(__NR_open, f, O_RDONLY)));
}
#endif

static ssize_t by_openat2(const char *f)
{
	struct open_how how = { .flags = O_RDONLY };

	return drain(checked(syscall(__NR_openat2, AT_FDCWD, f, &how, sizeof(how))));
}

/* Read-write: rules about reading and rules about writing must both see it. */
static ssize_t by_rdwr(const char *f)
{
	return drain(checked(open(f, O_RDWR)));
}

static ssize_t by_dirfd(const char *f)
{
	char dir[4096], base[256];
	int at;

	split(f, dir, base);
	at = open(dir, O_PATH | O_DIRECTORY);
	return at < 0 ? -errno : drain(checked(openat(at, base, O_RDONLY)));
}

static ssize_t by_fchdir(const char *f)
{
	char dir[4096], base[256];
	int at;

	split(f, dir, base);
	at = open(dir, O_RDONLY | O_DIRECTORY);
	if (at < 0 || fchdir(at) < 0)
		return -errno;
	return drain(checked(open(base, O_RDONLY)));
}

static ssize_t by_relative(const char *f)
{
	char dir[4096], base[256];

	split(f, dir, base);
	if (chdir(dir) < 0)
		return -errno;
	return drain(checked(open(base, O_RDONLY)));
}

static ssize_t by_dots(const char *f)
{
	char dir[4096], base[256], path[8192], leaf[256], up[4096];

	split(f, dir, base);
	split(dir, up, leaf);
	snprintf(path, sizeof(path), "%s/./%s//../%s/./%s", up, leaf, leaf, base);
	return drain(checked(open(path, O_RDONLY)));
}

static ssize_t by_proc(const char *prefix, const char *f)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s%s", prefix, f);
	return drain(checked(open(path, O_RDONLY)));
}
static ssize_t by_procroot(const char *f)
{
	return by_proc("/proc/self/root", f);
}
static ssize_t by_parentroot(const char *f)
{
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "/proc/%d/root", getppid());
	return by_proc(prefix, f);
}
static ssize_t by_proccwd(const char *f)
{
	char dir[4096], base[256], path[8192];

	split(f, dir, base);
	if (chdir(dir) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/cwd/%s", base);
	return drain(checked(open(path, O_RDONLY)));
}

static ssize_t by_symlink(const char *f)
{
	const char *name = scratch_name("symlink");
	ssize_t n;

	if (symlink(f, name) < 0)
		return -errno;
	n = drain(checked(open(name, O_RDONLY)));
	unlink(name);
	return n;
}

static ssize_t by_hardlink(const char *f)
{
	const char *name = scratch_name("hardlink");
	ssize_t n;

	if (link(f, name) < 0)
		return -errno;
	n = drain(checked(open(name, O_RDONLY)));
	unlink(name);
	return n;
}

/* The protected name is gone when the open happens; afterwards it is put back. */
static ssize_t by_rename(const char *f)
{
	const char *name = scratch_name("renamed");
	ssize_t n;

	if (rename(f, name) < 0)
		return -errno;
	n = drain(checked(open(name, O_RDONLY)));
	if (rename(name, f) < 0)
		return -errno;
	return n;
}

/* The parent directory is renamed for a moment. */
static ssize_t by_rename_dir(const char *f)
{
	char dir[4096], base[256], moved[4200], path[8192];
	ssize_t n;

	split(f, dir, base);
	snprintf(moved, sizeof(moved), "%s.truth%d", dir, getpid());
	if (rename(dir, moved) < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/%s", moved, base);
	n = drain(checked(open(path, O_RDONLY)));
	if (rename(moved, dir) < 0)
		return -errno;
	return n;
}

static ssize_t by_reopen(const char *f)
{
	char path[64];
	int fd = open(f, O_PATH);

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return drain(checked(open(path, O_RDONLY)));
}

static ssize_t by_handle(const char *f)
{
	struct {
		struct file_handle head;
		unsigned char room[MAX_HANDLE_SZ];
	} h = { .head.handle_bytes = MAX_HANDLE_SZ };
	char dir[4096], base[256];
	int mount_id, at;

	if (name_to_handle_at(AT_FDCWD, f, &h.head, &mount_id, 0) < 0)
		return errno == EOPNOTSUPP ? -ENOSYS : -errno;
	split(f, dir, base);
	at = open(dir, O_RDONLY | O_DIRECTORY);
	if (at < 0)
		return -errno;
	return drain(checked(open_by_handle_at(at, &h.head, O_RDONLY)));
}

/* In a user and mount namespace of its own, where it may bind mount the directory to another place.
 */
static int enter_user_namespace(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	return 0;
}

static ssize_t by_bind(const char *f)
{
	char dir[4096], base[256], path[8192];
	const char *name = scratch_name("bind");
	int n = enter_user_namespace();

	if (n < 0)
		return n;
	split(f, dir, base);
	if (mkdir(name, 0700) < 0)
		return -errno;
	if (mount(dir, name, NULL, MS_BIND, NULL) < 0) {
		n = -errno;
		rmdir(name);
		return n;
	}
	snprintf(path, sizeof(path), "%s/%s", name, base);
	n = drain(checked(open(path, O_RDONLY)));
	umount2(name, MNT_DETACH);
	rmdir(name);
	return n;
}

/* A detached copy of the directory's mount. */
static ssize_t by_open_tree(const char *f)
{
	char dir[4096], base[256];
	int n = enter_user_namespace(), tree;

	if (n < 0)
		return n;
	split(f, dir, base);
	tree = syscall(__NR_open_tree, AT_FDCWD, dir, 1 /* OPEN_TREE_CLONE */);
	if (tree < 0)
		return -errno;
	return drain(checked(openat(tree, base, O_RDONLY)));
}

static ssize_t by_bind_file(const char *f)
{
	const char *name = scratch_name("bindfile");
	int n = enter_user_namespace(), fd;

	if (n < 0)
		return n;
	fd = open(name, O_CREAT | O_WRONLY, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	n = mount(f, name, NULL, MS_BIND, NULL) < 0 ? -errno
						    : (int)drain(checked(open(name, O_RDONLY)));
	umount2(name, MNT_DETACH);
	unlink(name);
	return n;
}

static ssize_t by_chroot(const char *f)
{
	char dir[4096], base[256], path[512];
	int n = enter_user_namespace();

	if (n < 0)
		return n;
	split(f, dir, base);
	if (chroot(dir) < 0 || chdir("/") < 0)
		return -errno;
	snprintf(path, sizeof(path), "/%s", base);
	return drain(checked(open(path, O_RDONLY)));
}

static ssize_t by_mmap(const char *f)
{
	int fd = open(f, O_RDONLY);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	p = mmap(NULL, ROOM, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	memcpy(data, p, st.st_size < ROOM ? st.st_size : ROOM);
	return st.st_size < ROOM ? st.st_size : ROOM;
}

static ssize_t by_sendfile(const char *f)
{
	int fd = open(f, O_RDONLY), memory;

	if (fd < 0)
		return -errno;
	memory = memfd_create("", 0);
	if (memory < 0 || sendfile(memory, fd, NULL, ROOM) < 0 || lseek(memory, 0, SEEK_SET) < 0)
		return -errno;
	return drain(memory);
}

static ssize_t by_splice(const char *f)
{
	int fd = open(f, O_RDONLY), ends[2];

	if (fd < 0 || pipe(ends) < 0 || splice(fd, NULL, ends[1], NULL, ROOM, 0) < 0)
		return -errno;
	return drain(ends[0]);
}

static ssize_t by_copy_range(const char *f)
{
	const char *name = scratch_name("copy");
	int from = open(f, O_RDONLY), to;
	ssize_t n;

	if (from < 0)
		return -errno;
	to = open(name, O_RDWR | O_CREAT, 0600);
	n = to < 0 || copy_file_range(from, NULL, to, NULL, ROOM, 0) < 0 ||
			    lseek(to, 0, SEEK_SET) < 0
		    ? -errno
		    : drain(to);
	unlink(name);
	return n;
}

/* A child opens, the parent reads: the descriptor comes over a socket. */
static ssize_t by_scm(const char *f)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int pair[2], fd, status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return -errno;
	child = fork();
	if (child == 0) {
		fd = open(f, O_RDONLY);
		if (fd < 0)
			_exit(errno);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
		_exit(sendmsg(pair[0], &m, 0) < 0 ? errno : 0);
	}
	close(pair[0]);
	if (recvmsg(pair[1], &m, 0) < 1) {
		waitpid(child, &status, 0);
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -ESRCH;
	}
	c = CMSG_FIRSTHDR(&m);
	if (!c)
		return -EBADF;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return drain(fd);
}

/* A child opens and waits; the parent takes the descriptor out of it. */
static ssize_t by_pidfd(const char *f)
{
	int ends[2], pidfd, status;
	ssize_t n;
	pid_t child;
	int fd;

	if (pipe(ends) < 0)
		return -errno;
	child = fork();
	if (child == 0) {
		fd = open(f, O_RDONLY);
		if (fd < 0)
			_exit(errno);
		if (write(ends[1], &fd, sizeof(fd)) < 0)
			_exit(errno);
		pause();
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &fd, sizeof(fd)) != sizeof(fd)) {
		waitpid(child, &status, 0);
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -ESRCH;
	}
	pidfd = syscall(__NR_pidfd_open, child, 0);
	n = pidfd < 0 ? -errno : drain(checked(syscall(__NR_pidfd_getfd, pidfd, fd, 0)));
	kill(child, SIGKILL);
	return n;
}

static const char *thread_file;
static volatile int thread_fd = -1;

static void *open_in_thread(void *unused)
{
	(void)unused;
	thread_fd = checked(open(thread_file, O_RDONLY));
	return NULL;
}

static ssize_t by_thread(const char *f)
{
	pthread_t t;

	thread_file = f;
	if (pthread_create(&t, NULL, open_in_thread, NULL))
		return -EAGAIN;
	pthread_join(t, NULL);
	return drain(thread_fd);
}

static ssize_t by_uring_flags(const char *f, unsigned int flags)
{
	struct io_uring_sqe *s;
	struct ring r;
	int n = ring_open(&r, flags), fd;

	if (n < 0)
		return n;
	s = ring_next(&r, IORING_OP_OPENAT, AT_FDCWD, f, 0);
	s->open_flags = O_RDONLY;
	fd = ring_one(&r);
	if (fd < 0)
		return fd;
	ring_next(&r, IORING_OP_READ, fd, data, ROOM);
	return ring_one(&r);
}
static ssize_t by_uring(const char *f)
{
	return by_uring_flags(f, 0);
}
static ssize_t by_uring_sqpoll(const char *f)
{
	return by_uring_flags(f, IORING_SETUP_SQPOLL);
}

#ifdef __x86_64__
/* int $0x80 takes 32-bit pointers, so the path is mapped below 4 GB. */
static ssize_t by_int80(const char *f)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long n;

	if (low == MAP_FAILED)
		return -errno;
	strncpy(low, f, 4095);
	asm volatile("int $0x80"
		     : "=a"(n)
		     : "a"(5L), "b"((long)low), "c"(0L), "d"(0L)
		     : "memory", "r8", "r9", "r10", "r11");
	return drain((int)n);
}
static ssize_t by_x32(const char *f)
{
	return drain(checked(syscall(0x40000000 | __NR_openat, AT_FDCWD, f, O_RDONLY)));
}
#endif

/* Another program reads for us. */
static ssize_t by_program(const char *f)
{
	int ends[2], status = 0;
	pid_t child;
	ssize_t n;

	if (pipe(ends) < 0)
		return -errno;
	child = fork();
	if (child == 0) {
		dup2(ends[1], 1);
		execl("/bin/cat", "cat", f, NULL);
		_exit(127);
	}
	close(ends[1]);
	n = drain(ends[0]);
	waitpid(child, &status, 0);
	return n > 0 ? n : WIFSIGNALED(status) ? -ECANCELED : -EPERM;
}

static const struct {
	const char *name;
	ssize_t (*read)(const char *file);
} modes[] = {
	{ "openat", by_open },
#ifdef __NR_open
	{ "open", by_open_syscall },
#endif
	{ "openat2", by_openat2 },	 { "rdwr", by_rdwr },
	{ "dirfd", by_dirfd },		 { "fchdir", by_fchdir },
	{ "relative", by_relative },	 { "dots", by_dots },
	{ "procroot", by_procroot },	 { "parentroot", by_parentroot },
	{ "proccwd", by_proccwd },	 { "symlink", by_symlink },
	{ "hardlink", by_hardlink },	 { "rename", by_rename },
	{ "rename-dir", by_rename_dir }, { "reopen", by_reopen },
	{ "handle", by_handle },	 { "bind", by_bind },
	{ "open-tree", by_open_tree },	 { "bind-file", by_bind_file },
	{ "chroot", by_chroot },	 { "mmap", by_mmap },
	{ "sendfile", by_sendfile },	 { "splice", by_splice },
	{ "copy-range", by_copy_range }, { "scm", by_scm },
	{ "pidfd", by_pidfd },		 { "thread", by_thread },
	{ "uring", by_uring },		 { "uring-sqpoll", by_uring_sqpoll },
#ifdef __x86_64__
	{ "int80", by_int80 },		 { "x32", by_x32 },
#endif
	{ "program", by_program },
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc < 3)
		usage("open MODE FILE [ADDRESS:PORT]");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (!strcmp(argv[1], modes[i].name))
			conclude(argv[1], argv[3], data, modes[i].read(argv[2]));
	}
	usage("open MODE FILE [ADDRESS:PORT]; see: open list");
}
