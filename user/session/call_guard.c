// SPDX-License-Identifier: GPL-2.0-only
/*
 * call_guard.c - see call_guard.h. Names are looked up as the caller would, with the rights of its
 * user, from its root, working directory and descriptors. What is no name in a file system there
 * (descriptors below /proc), and what the user may not do anyway, is left to the kernel.
 */
#include "session/call_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/syscall_numbers.h"
#include "syscalls.h"

#define CLONE_NEWUSER	0x10000000
#define TIOCLINUX_	0x541C
#define LINKS_MAX	8      /* symbolic links that lead to a file that does not exist */
#define TURNS		64     /* calls that are answered before others of the process get a turn */
#define THREAD_OF_PIDFD O_EXCL /* PIDFD_THREAD: since 6.9 */

/* An ABI: how its calls are numbered that are not told apart by their kind. 0: it has no such call.
 */
struct abi {
	uint32_t arch;	/* AUDIT_ARCH_; 0: none */
	uint32_t other; /* numbers from here on are another ABI's, which is refused; 0: none are */
	const struct syscall_row *rows;
	const size_t *count;
	unsigned open, creat, openat, openat2, fchmodat, ioctl, clone, unshare, clone3;
};

static const struct abi abis[] = {
#if defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, 0x40000000, syscalls_native, &syscalls_native_count, SYS_open,
	  SYS_creat, SYS_openat, SYS_openat2, SYS_fchmodat, SYS_ioctl, SYS_clone, SYS_unshare,
	  SYS_clone3 },
	/* asm/unistd_32.h */
	{ AUDIT_ARCH_I386, 0, syscalls_compat, &syscalls_compat_count, 5, 8, 295, 437, 306, 54, 120,
	  310, 435 },
#elif defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, 0, syscalls_native, &syscalls_native_count, 0, 0, SYS_openat,
	  SYS_openat2, SYS_fchmodat, SYS_ioctl, SYS_clone, SYS_unshare, SYS_clone3 },
#else
	{ 0 },
#endif
};

/* ---- the filter ---- */

/* By kind: whether a call is stopped, or only if an argument has one of these bits. */
static bool is_stopped(uint32_t kind)
{
	switch (kind) {
	case WS_SYS_UNLINK ... WS_SYS_FCHMOD:
	case WS_SYS_MOUNT:
	case WS_SYS_MODULE:
	case WS_SYS_BPF:
	case WS_SYS_URING:
		return true;
	}
	return false;
}

struct rows {
	struct sock_filter *at;
	size_t count, room;
};

static void add(struct rows *r, struct sock_filter row)
{
	if (r->count < r->room)
		r->at[r->count] = row;
	r->count++;
}

static void load(struct rows *r, size_t offset)
{
	add(r, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* The next n rows are for that value alone. */
static void only_if(struct rows *r, uint32_t value, uint8_t n)
{
	add(r, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n));
}

static void end(struct rows *r, uint32_t action)
{
	add(r, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* The lower half of an argument. */
static size_t argument(int i)
{
	const size_t low = __BYTE_ORDER == __BIG_ENDIAN ? 4 : 0;

	return offsetof(struct seccomp_data, args) + 8 * (size_t)i + low;
}

/* Stop call nr if argument i has one of these bits. */
static void stop_with_bits(struct rows *r, unsigned nr, int i, uint32_t bits)
{
	if (!nr)
		return;
	only_if(r, nr, 4);
	load(r, argument(i));
	add(r, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
	end(r, SECCOMP_RET_USER_NOTIF);
	end(r, SECCOMP_RET_ALLOW);
}

static void stop_with_value(struct rows *r, unsigned nr, int i, uint32_t value)
{
	only_if(r, nr, 4);
	load(r, argument(i));
	only_if(r, value, 1);
	end(r, SECCOMP_RET_USER_NOTIF);
	load(r, offsetof(struct seccomp_data, nr));
}

static void answer(struct rows *r, unsigned nr, uint32_t action)
{
	if (!nr)
		return;
	only_if(r, nr, 1);
	end(r, action);
}

/* The rows of one ABI; the call's number is loaded. */
static void write_calls(struct rows *r, const struct abi *abi)
{
	if (abi->other) {
		add(r, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, abi->other, 0, 1));
		end(r, SECCOMP_RET_ERRNO | ENOSYS);
	}
	stop_with_bits(r, abi->open, 1, O_CREAT | O_TRUNC);
	answer(r, abi->creat, SECCOMP_RET_USER_NOTIF);
	stop_with_bits(r, abi->openat, 2, O_CREAT | O_TRUNC);
	answer(r, abi->openat2, SECCOMP_RET_USER_NOTIF);
	stop_with_bits(r, abi->clone, 0, CLONE_NEWUSER);
	stop_with_bits(r, abi->unshare, 0, CLONE_NEWUSER);
	/* its flags are in memory; the C library takes clone() then */
	answer(r, abi->clone3, SECCOMP_RET_ERRNO | ENOSYS);
	stop_with_value(r, abi->ioctl, 1, TIOCSTI);
	stop_with_value(r, abi->ioctl, 1, TIOCLINUX_);
	for (size_t i = 0; i < *abi->count; i++)
		if (is_stopped(abi->rows[i].kind))
			answer(r, (uint32_t)abi->rows[i].number, SECCOMP_RET_USER_NOTIF);
	end(r, SECCOMP_RET_ALLOW);
}

static void write_rows(struct rows *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(abis) && abis[i].arch; i++) {
		struct rows calls = { .room = 0 };

		load(r, offsetof(struct seccomp_data, arch));
		write_calls(&calls, &abis[i]); /* how many there are; more than a byte can say */
		add(r, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, abis[i].arch, 1, 0));
		add(r, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)calls.count + 1));
		load(r, offsetof(struct seccomp_data, nr));
		write_calls(r, &abis[i]);
	}
	end(r, SECCOMP_RET_ALLOW);
}

static int make_filter(struct sock_fprog *ret)
{
	struct rows r = { .room = 0 };

	write_rows(&r);
	r = (struct rows){ .at = calloc(r.count, sizeof(*r.at)), .room = r.count };
	if (!r.at)
		return -ENOMEM;
	write_rows(&r);
	*ret = (struct sock_fprog){ .len = (unsigned short)r.count, .filter = r.at };
	return 0;
}

static const struct abi *abi_of(const struct seccomp_data *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++)
		if (abis[i].arch == d->arch)
			return &abis[i];
	return NULL;
}

static uint32_t kind_of(const struct abi *abi, int nr)
{
	for (size_t i = 0; i < *abi->count; i++)
		if (abi->rows[i].number == nr)
			return abi->rows[i].kind;
	return WS_SYS_NONE;
}

/* ---- one call ---- */

struct script {
	int listener;
	struct run_as user;
};

struct call {
	struct call_guard *g;
	const struct script *script;
	const struct seccomp_notif *n;
	struct ws_ahead ask; /* task and caller are filled in once */
	int pidfd;
};

static int open_of(const struct call *c, const char *what, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", c->n->pid, what);
	return open(path, flags | O_CLOEXEC);
}

/* Read the string at `address` of the caller. Returns false if it is none, or too long. */
static bool read_string(const struct call *c, uint64_t address, char *ret, size_t room)
{
	size_t at = 0;

	while (at < room) {
		size_t page = 4096 - (size_t)((address + at) & 4095);
		size_t n = page < room - at ? page : room - at;
		struct iovec here = { .iov_base = ret + at, .iov_len = n };
		struct iovec there = { .iov_base = (void *)(uintptr_t)(address + at),
				       .iov_len = n };
		ssize_t got = process_vm_readv((pid_t)c->n->pid, &here, 1, &there, 1, 0);

		if (got <= 0)
			return false;
		if (memchr(ret + at, 0, (size_t)got))
			return ret[0] != 0;
		at += (size_t)got;
	}
	return false;
}

/* A name, as the caller gave it, and what it leads to. */
struct name {
	char path[PATH_MAX];
	const char *leaf; /* in path: its last component */
	int base;	  /* what the path begins at */
	bool from_root;
	int parent, file; /* O_PATH; -1: there is none */
	struct stat of_file;
};

static void name_close(struct name *n)
{
	if (n->base >= 0)
		close(n->base);
	if (n->parent >= 0)
		close(n->parent);
	if (n->file >= 0)
		close(n->file);
}

static int open_path(const struct name *n, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
				.resolve = RESOLVE_NO_MAGICLINKS |
					   (n->from_root ? RESOLVE_IN_ROOT : 0) };

	return (int)syscall(SYS_openat2, n->base, path, &how, sizeof(how));
}

static bool is_same_root(const struct call *c)
{
	_close_ int theirs = open_of(c, "root", O_PATH);
	struct stat a, b;

	return theirs >= 0 && fstat(theirs, &a) == 0 && stat("/", &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Read the name and open where it begins; with this process's own rights. */
static bool begin_name(const struct call *c, struct name *ret, int dirfd, uint64_t address)
{
	char link[32];

	ret->base = ret->parent = ret->file = -1;
	if (!read_string(c, address, ret->path, sizeof(ret->path)))
		return false;
	ret->from_root = ret->path[0] == '/';
	if (ret->from_root) {
		ret->base = open_of(c, "root", O_PATH);
	} else {
		if (!is_same_root(c)) /* its symbolic links may begin at another root */
			return false;
		snprintf(link, sizeof(link), "fd/%d", dirfd);
		ret->base = open_of(c, dirfd == AT_FDCWD ? "cwd" : link, O_PATH | O_DIRECTORY);
	}
	return ret->base >= 0;
}

/* Open the directory of the name, and what it leads to; with the user's rights. */
static bool look_up(struct name *n, int flags)
{
	size_t len = strlen(n->path);
	struct statfs fs;
	char *slash;

	while (len > 1 && n->path[len - 1] == '/')
		n->path[--len] = 0;
	n->file = open_path(n, n->path, flags);
	if (n->file >= 0 && fstat(n->file, &n->of_file) < 0)
		return false;
	slash = strrchr(n->path, '/');
	n->leaf = slash ? slash + 1 : n->path;
	if (!n->leaf[0] || !strcmp(n->leaf, ".") || !strcmp(n->leaf, "..") ||
	    strlen(n->leaf) >= WS_AHEAD_LEAF)
		return n->file >= 0;
	if (slash == n->path)
		n->parent = open_path(n, "/", O_DIRECTORY);
	else if (slash) {
		*slash = 0;
		n->parent = open_path(n, n->path, O_DIRECTORY);
	} else
		n->parent = open_path(n, ".", O_DIRECTORY);
	return n->parent >= 0 && fstatfs(n->parent, &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC;
}

static bool may(int fd, int mode)
{
	return syscall(SYS_faccessat2, fd, "", mode, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

/*
 * Look up a name that the call is going to make, move or remove. Returns whether there is something
 * to ask about: the user may change the directory.
 */
static bool find_name(struct call *c, struct name *ret, int dirfd, uint64_t address)
{
	CLEANUP(run_as_files_end) struct run_as_files rights = { 0 };

	if (!begin_name(c, ret, dirfd, address) ||
	    (c->script->user.uid && run_as_files_begin(&rights, &c->script->user) < 0))
		return false;
	return look_up(ret, O_NOFOLLOW) && ret->parent >= 0 && may(ret->parent, W_OK | X_OK);
}

/* Look up a file that exists. */
static bool find_file(struct call *c, struct name *ret, int dirfd, uint64_t address, int flags)
{
	CLEANUP(run_as_files_end) struct run_as_files rights = { 0 };

	if (!begin_name(c, ret, dirfd, address) ||
	    (c->script->user.uid && run_as_files_begin(&rights, &c->script->user) < 0))
		return false;
	return look_up(ret, flags) && ret->file >= 0;
}

/* Who calls, for the report. */
static void set_caller(struct call *c)
{
	_close_ int status = open_of(c, "status", O_RDONLY), comm = open_of(c, "comm", O_RDONLY);
	struct ws_caller *w = &c->ask.caller;
	char text[4096];
	ssize_t n = status < 0 ? 0 : read(status, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	w->pid = w->tid = c->n->pid;
	for (char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		sscanf(line, "Tgid: %" SCNu32, &w->pid);
		sscanf(line, "Uid: %" SCNu32, &w->uid);
		sscanf(line, "Gid: %" SCNu32, &w->gid);
	}
	n = comm < 0 ? 0
		     : read(comm, text, sizeof(w->comm)); /* 15 bytes and a line's end at most */
	if (n > 0)
		memcpy(w->comm, text, (size_t)n - 1);
}

/* What the rules say of op on an open file, or on the new name `leaf` in an open directory. Returns
 * 0 or -errno: the call fails with it. */
static int ask(struct call *c, uint32_t op, enum ws_ahead_what what, int fd, const char *leaf,
	       uint32_t mode)
{
	c->ask.op = op;
	c->ask.what = what;
	c->ask.fd = (uint32_t)fd;
	c->ask.mode = mode;
	c->ask.leaf_length = leaf ? (uint32_t)strlen(leaf) : 0;
	memset(c->ask.leaf, 0, sizeof(c->ask.leaf));
	if (leaf)
		memcpy(c->ask.leaf, leaf, c->ask.leaf_length);
	memset(&c->ask.caller, 0, sizeof(c->ask.caller));
	admission_judge_ahead(c->g->admission, &c->ask);
	if (c->ask.condemned) /* for what another process of it did */
		return -EPERM;
	if (!c->ask.answer)
		return 0;
	set_caller(c); /* now it is refused, and reported */
	admission_judge_ahead(c->g->admission, &c->ask);
	return c->ask.answer;
}

/* ... on what the name leads to, or if that is nothing, on the name. */
static int ask_name(struct call *c, uint32_t op, enum ws_ahead_what what, const struct name *n)
{
	return n->file >= 0 ? ask(c, op, what, n->file, NULL, 0)
			    : ask(c, op, what, n->parent, n->leaf, 0);
}

static int judge_unlink(struct call *c, int dirfd, uint64_t path)
{
	CLEANUP(name_close) struct name n;

	if (!find_name(c, &n, dirfd, path) || n.file < 0)
		return 0;
	return ask(c, WS_OP_UNLINK, WS_AHEAD_FILE, n.file, NULL, 0);
}

static int judge_new(struct call *c, enum ws_ahead_what what, int dirfd, uint64_t path)
{
	CLEANUP(name_close) struct name n;

	if (!find_name(c, &n, dirfd, path) || n.file >= 0)
		return 0;
	return ask(c, WS_OP_CREATE, what, n.parent, n.leaf,
		   what == WS_AHEAD_DIRECTORY ? S_IFDIR : 0);
}

static int judge_rename(struct call *c, int from_dir, uint64_t from, int to_dir, uint64_t to)
{
	CLEANUP(name_close) struct name a, b = { .base = -1, .parent = -1, .file = -1 };
	int ret;

	if (!find_name(c, &a, from_dir, from) || a.file < 0 || !find_name(c, &b, to_dir, to))
		return 0;
	ret = ask(c, WS_OP_RENAME, WS_AHEAD_LEAVES, a.file, NULL, 0);
	return ret ?: ask_name(c, WS_OP_RENAME, WS_AHEAD_FILE, &b);
}

static int judge_link(struct call *c, int from_dir, uint64_t from, int to_dir, uint64_t to,
		      int flags)
{
	CLEANUP(name_close) struct name a, b = { .base = -1, .parent = -1, .file = -1 };
	int ret;

	if (!find_file(c, &a, from_dir, from, flags & AT_SYMLINK_FOLLOW ? 0 : O_NOFOLLOW) ||
	    !find_name(c, &b, to_dir, to) || b.file >= 0)
		return 0;
	ret = ask(c, WS_OP_READ, WS_AHEAD_SOURCE, a.file, NULL, 0);
	return ret ?: ask(c, WS_OP_LINK, WS_AHEAD_FILE, b.parent, b.leaf, 0);
}

/* Whether the user may change the file's mode. */
static bool owns(const struct call *c, const struct stat *st)
{
	return !c->script->user.uid || st->st_uid == c->script->user.uid;
}

static int judge_mode(struct call *c, int fd, const struct stat *st, uint32_t mode)
{
	uint32_t after = (st->st_mode & S_IFMT) | (mode & 07777);

	if (after == st->st_mode || !owns(c, st))
		return 0;
	return ask(c, WS_OP_CHMOD, WS_AHEAD_FILE, fd, NULL, after);
}

static int judge_chmod(struct call *c, int dirfd, uint64_t path, uint32_t mode, int flags)
{
	CLEANUP(name_close) struct name n;

	if (!find_file(c, &n, dirfd, path, flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0))
		return 0;
	return judge_mode(c, n.file, &n.of_file, mode);
}

static int judge_fchmod(struct call *c, int fd, uint32_t mode)
{
	_close_ int file = (int)syscall(SYS_pidfd_getfd, c->pidfd, fd, 0);
	struct stat st;

	return file < 0 || fstat(file, &st) < 0 ? 0 : judge_mode(c, file, &st, mode);
}

static int judge_truncate(struct call *c, int dirfd, uint64_t path, int flags)
{
	CLEANUP(run_as_files_end) struct run_as_files rights = { 0 };
	CLEANUP(name_close) struct name n;
	bool permitted;

	if (!find_file(c, &n, dirfd, path, flags) || !S_ISREG(n.of_file.st_mode))
		return 0;
	if (c->script->user.uid && run_as_files_begin(&rights, &c->script->user) < 0)
		return 0;
	permitted = may(n.file, W_OK);
	run_as_files_end(&rights);
	return permitted ? ask(c, WS_OP_WRITE, WS_AHEAD_FILE, n.file, NULL, 0) : 0;
}

/* An open that may create the file at the end of a chain of symbolic links. */
static int judge_created(struct call *c, struct name *n)
{
	CLEANUP(run_as_files_end) struct run_as_files rights = { 0 };
	bool permitted = false;

	if (c->script->user.uid && run_as_files_begin(&rights, &c->script->user) < 0)
		return 0;
	for (int i = 0; i < LINKS_MAX; i++) {
		char target[PATH_MAX];
		struct name next = { .base = -1, .parent = -1, .file = -1 };
		ssize_t len = readlinkat(n->parent, n->leaf, target, sizeof(target) - 1);

		if (len <= 0) {
			permitted = may(n->parent, W_OK | X_OK);
			break;
		}
		target[len] = 0;
		memcpy(next.path, target, (size_t)len + 1);
		next.from_root = target[0] == '/';
		next.base = fcntl(next.from_root ? n->base : n->parent, F_DUPFD_CLOEXEC, 0);
		/* an absolute one in a path that did not begin at the root: from ours, which is the
		 * same (begin_name()) */
		if (next.from_root && !n->from_root && next.base >= 0) {
			close(next.base);
			next.base = open("/", O_PATH | O_CLOEXEC);
		}
		if (next.base < 0 || !look_up(&next, 0) || next.parent < 0 || next.file >= 0) {
			name_close(&next);
			return 0;
		}
		name_close(n);
		*n = next;
		n->leaf = n->path + (next.leaf - next.path);
	}
	run_as_files_end(&rights);
	return permitted ? ask(c, WS_OP_CREATE, WS_AHEAD_FILE, n->parent, n->leaf, 0) : 0;
}

static int judge_open(struct call *c, int dirfd, uint64_t path, uint64_t flags)
{
	CLEANUP(name_close) struct name n = { .base = -1, .parent = -1, .file = -1 };
	int follow = flags & (O_NOFOLLOW | O_EXCL) ? O_NOFOLLOW : 0;

	if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || flags & O_PATH)
		return 0;
	if (flags & O_CREAT) {
		CLEANUP(run_as_files_end) struct run_as_files rights = { 0 };
		bool found;

		if (!begin_name(c, &n, dirfd, path) ||
		    (c->script->user.uid && run_as_files_begin(&rights, &c->script->user) < 0))
			return 0;
		found = look_up(&n, follow);
		run_as_files_end(&rights);
		if (!found)
			return 0;
		if (n.file < 0)
			return n.parent < 0 ? 0 : judge_created(c, &n);
	}
	return flags & O_TRUNC && !(flags & O_EXCL && flags & O_CREAT)
		       ? judge_truncate(c, dirfd, path, follow)
		       : 0;
}

static int judge_openat2(struct call *c, const uint64_t a[6])
{
	struct open_how how;
	struct iovec here = { .iov_base = &how, .iov_len = sizeof(how) };
	struct iovec there = { .iov_base = (void *)(uintptr_t)a[2], .iov_len = sizeof(how) };

	if (a[3] < sizeof(how) ||
	    process_vm_readv((pid_t)c->n->pid, &here, 1, &there, 1, 0) != sizeof(how))
		return 0;
	return judge_open(c, (int)a[0], a[1], how.flags);
}

/* Input is typed into a terminal. Of other devices the same number means something else. */
static int judge_terminal(struct call *c, int fd)
{
	_close_ int file = (int)syscall(SYS_pidfd_getfd, c->pidfd, fd, 0);

	return file < 0 || !isatty(file) ? 0 : ask(c, WS_OP_SIGNAL, WS_AHEAD_FILE, -1, NULL, 0);
}

/* How the call's arguments lie. Returns 0 or -errno: it fails. */
static int judge(struct call *c)
{
	const uint64_t *a = (const uint64_t *)c->n->data.args;
	const struct abi *abi = abi_of(&c->n->data);
	unsigned nr = (unsigned)c->n->data.nr;
	int here = AT_FDCWD;

	if (!abi)
		return 0;
	if (nr == abi->openat)
		return judge_open(c, (int)a[0], a[1], a[2]);
	if (nr == abi->openat2)
		return judge_openat2(c, a);
	if (nr == abi->ioctl)
		return judge_terminal(c, (int)a[0]);
	if (abi->open && nr == abi->open)
		return judge_open(c, here, a[0], a[1]);
	if (abi->creat && nr == abi->creat)
		return judge_open(c, here, a[0], O_CREAT | O_WRONLY | O_TRUNC);
	switch (kind_of(abi, (int)nr)) {
	case WS_SYS_UNLINK:
		return judge_unlink(c, here, a[0]);
	case WS_SYS_UNLINKAT:
		return judge_unlink(c, (int)a[0], a[1]);
	case WS_SYS_RENAME:
		return judge_rename(c, here, a[0], here, a[1]);
	case WS_SYS_RENAMEAT:
		return judge_rename(c, (int)a[0], a[1], (int)a[2], a[3]);
	case WS_SYS_LINK:
		return judge_link(c, here, a[0], here, a[1], 0);
	case WS_SYS_LINKAT:
		return judge_link(c, (int)a[0], a[1], (int)a[2], a[3], (int)a[4]);
	case WS_SYS_SYMLINK:
		return judge_new(c, WS_AHEAD_LINK, here, a[1]);
	case WS_SYS_SYMLINKAT:
		return judge_new(c, WS_AHEAD_LINK, (int)a[1], a[2]);
	case WS_SYS_TRUNCATE:
		return judge_truncate(c, here, a[0], 0);
	case WS_SYS_MKDIR:
		return judge_new(c, WS_AHEAD_DIRECTORY, here, a[0]);
	case WS_SYS_MKDIRAT:
		return judge_new(c, WS_AHEAD_DIRECTORY, (int)a[0], a[1]);
	case WS_SYS_MKNOD:
		return judge_new(c, WS_AHEAD_FILE, here, a[0]);
	case WS_SYS_MKNODAT:
		return judge_new(c, WS_AHEAD_FILE, (int)a[0], a[1]);
	case WS_SYS_CHMOD:
		return judge_chmod(c, here, a[0], (uint32_t)a[1], 0);
	case WS_SYS_CHMODAT: /* the older of the two has no flags */
		return judge_chmod(c, (int)a[0], a[1], (uint32_t)a[2],
				   nr == abi->fchmodat ? 0 : (int)a[3]);
	case WS_SYS_FCHMOD:
		return judge_fchmod(c, (int)a[0], (uint32_t)a[1]);
	case WS_SYS_MOUNT:
		return ask(c, WS_OP_MOUNT, WS_AHEAD_FILE, -1, NULL, 0);
	case WS_SYS_MODULE:
		return ask(c, WS_OP_MODULE, WS_AHEAD_FILE, -1, NULL, 0);
	case WS_SYS_BPF:
		return ask(c, WS_OP_BPF, WS_AHEAD_FILE, -1, NULL, 0);
	case WS_SYS_URING:
		return ask(c, WS_OP_IO_URING, WS_AHEAD_FILE, -1, NULL, 0);
	case WS_SYS_CLONE:
		return ask(c, WS_OP_NAMESPACE, WS_AHEAD_FILE, -1, NULL, 0);
	}
	return 0;
}

/* ---- the guard ---- */

/* The call's process is a package's, and the call is still waiting: fill in whose it is. */
static bool begin_call(struct call *c, struct call_guard *g, const struct script *script,
		       const struct seccomp_notif *n)
{
	*c = (struct call){ .g = g, .script = script, .n = n };
	c->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)n->pid, THREAD_OF_PIDFD);
	if (c->pidfd < 0) /* before 6.9: the process's first thread */
		c->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)n->pid, 0);
	return c->pidfd >= 0 && admission_task_of(g->admission, c->pidfd, &c->ask.task) > 0 &&
	       ioctl(script->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &n->id) == 0;
}

static int answer_one(struct call_guard *g, const struct script *script)
{
	struct seccomp_notif *n = g->request;
	struct seccomp_notif_resp *r = g->answer;
	struct call c;
	int err = 0;

	memset(n, 0, g->sizes.seccomp_notif);
	memset(r, 0, g->sizes.seccomp_notif_resp);
	if (ioctl(script->listener, SECCOMP_IOCTL_NOTIF_RECV, n) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno; /* the caller has died */
	if (begin_call(&c, g, script, n))
		err = judge(&c);
	if (c.pidfd >= 0)
		close(c.pidfd);
	r->id = n->id;
	r->error = err;
	r->flags = err ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(script->listener, SECCOMP_IOCTL_NOTIF_SEND, r) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

static void script_free(struct script *s)
{
	if (s->listener >= 0)
		close(s->listener);
	run_as_free(&s->user);
	free(s);
}

int call_guard_answer(struct call_guard *g)
{
	struct epoll_event waiting[TURNS];
	int n = epoll_wait(g->ready, waiting, TURNS, 0), err = 0;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n && !err; i++) {
		struct script *s = waiting[i].data.ptr;

		if (waiting[i].events & EPOLLIN)
			err = answer_one(g, s);
		else /* all its processes have ended */
			script_free(s);
	}
	return err;
}

const char *call_guard_unavailable(const struct loader *l)
{
	const char *why = confine_unavailable();

	if (why)
		return why;
	if (!abis[0].arch)
		return "this build does not know this machine's system calls";
	return admission_judges_ahead(l) ? NULL : "the kernel side cannot judge a call ahead";
}

int call_guard_open(struct call_guard *ret, const struct admission *a)
{
	struct call_guard g = { .ready = -1, .admission = a };
	int err;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &g.sizes) < 0)
		return -errno;
	err = make_filter(&g.filter);
	if (err < 0)
		return err;
	g.request = calloc(1, g.sizes.seccomp_notif);
	g.answer = calloc(1, g.sizes.seccomp_notif_resp);
	g.ready = g.request && g.answer ? epoll_create1(EPOLL_CLOEXEC) : -1;
	if (g.ready < 0) {
		call_guard_close(&g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

void call_guard_close(struct call_guard *g)
{
	if (g->ready >= 0)
		close(g->ready);
	free(g->filter.filter);
	free(g->request);
	free(g->answer);
	*g = (struct call_guard){ .ready = -1 };
}

/* In linux/seccomp.h since 6.6; the headers that we are built with may be older. */
#define SET_NOTIFY_FLAGS SECCOMP_IOW(4, __u64)
#define SYNC_WAKE_UP	 1UL

/* While a caller waits for us it does nothing else, so we may take its CPU, and it ours with the
 * answer: no other CPU has to be woken. Kernels before 6.6 know no flags. */
static void share_cpu(int listener)
{
	ioctl(listener, SET_NOTIFY_FLAGS, SYNC_WAKE_UP);
}

int call_guard_add(struct call_guard *g, struct confine *c, int pidfd, struct run_as *user)
{
	struct script *s = calloc(1, sizeof(*s));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };
	int err;

	if (!s) {
		run_as_free(user);
		return -ENOMEM;
	}
	s->listener = -1;
	s->user = *user;
	*user = (struct run_as){ 0 };
	err = confine_install(c, pidfd, &g->filter, &s->listener);
	if (!err && s->listener >= 0) {
		share_cpu(s->listener);
		if (epoll_ctl(g->ready, EPOLL_CTL_ADD, s->listener, &event) == 0)
			return 0;
		err = -ECANCELED;
	}
	script_free(s);
	return err;
}
