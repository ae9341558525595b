/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * race - reads a file and sends it as fast as can be: `race MODE FILE ADDRESS:PORT [PROCESSES
 * [REPEATS]]`.
 *
 * For sensors that kill after the fact. PROCESSES (1) wait behind one barrier with their sockets
 * connected; then each opens, reads and sends REPEATS (1) times. EFFECT: how many sends carried the
 * file's bytes; the sink is the second witness.
 *
 * Modes:
 *   process       one thread does all three
 *   thread        one thread opens; another one reads the coming descriptor in a loop
 *   close         as thread, and the other one closes the descriptor before open() returns
 *   fork          as thread, but the other one is a process that shares the descriptor table
 *   udp           as process, over a datagram socket
 *   uring         one linked chain (open into a fixed slot, read, send): the task does not return
 *                 to user mode in between
 *   uring-late    an open in a worker of the ring, whose completion nobody fetches; the descriptor
 *                 exists all the same
 *   uring-failed  as uring-late, and a second open fails before it was begun
 *   uring-skip    as uring-late, and the ring is asked not to report success
 */
#define _GNU_SOURCE
#include "truth.h"
#include "uring.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct shared {
	volatile int ready, go;
	int sent, error;
};

static struct shared *shared;
static const char *file, *target;
static int repeats = 1;

static void score(ssize_t n)
{
	if (n > 0)
		__atomic_fetch_add(&shared->sent, 1, __ATOMIC_RELAXED);
	else if (n < 0)
		shared->error = -n;
}

static void barrier(void)
{
	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE))
		;
}

static void run_process(int sock)
{
	char data[512];
	ssize_t n;
	int fd;

	barrier();
	for (int i = 0; i < repeats; i++) {
		fd = open(file, O_RDONLY);
		if (fd < 0) {
			score(-errno);
			continue;
		}
		n = read(fd, data, sizeof(data));
		if (n > 0)
			n = send(sock, data, n, MSG_NOSIGNAL);
		score(n < 0 ? -errno : n);
		close(fd);
	}
}

static volatile int stop;
static int expected, close_it;

/* Reads, in a loop, the descriptor that open() in the other thread will get, until there are bytes.
 */
static void *spin(void *argument)
{
	int sock = *(int *)argument;
	char data[512];
	ssize_t n;

	while (!stop) {
		n = pread(expected, data, sizeof(data), 0);
		if (n > 0) {
			if (close_it)
				close(expected);
			n = send(sock, data, n, MSG_NOSIGNAL);
			score(n < 0 ? -errno : n);
		}
	}
	return NULL;
}

static int spin_process(void *argument)
{
	spin(argument);
	return 0;
}

static void run_spin(int sock, bool sharing)
{
	pthread_t t;
	int fd;

	char *stack = sharing ? malloc(65536) : NULL;

	expected = dup(sock);
	close(expected);
	if (sharing ? clone(spin_process, stack + 65536, CLONE_VM | CLONE_FILES | SIGCHLD, &sock) <
			      0
		    : pthread_create(&t, NULL, spin, &sock)) {
		score(-EAGAIN);
		return;
	}
	usleep(20000);
	barrier();
	prctl(PR_SET_NAME,
	      "race-slow"); /* so that slow.bpf.c can delay this one of the two threads */
	for (int i = 0; i < repeats; i++) {
		fd = open(file, O_RDONLY);
		if (fd < 0) {
			score(-errno);
			continue;
		}
		usleep(1000);
		close(fd);
	}
	stop = 1;
	if (!sharing)
		pthread_join(t, NULL);
	else
		while (wait(NULL) > 0)
			;
}

static void run_thread(int sock)
{
	run_spin(sock, false);
}

static void run_close(int sock)
{
	close_it = 1;
	run_spin(sock, false);
}

static void run_fork(int sock)
{
	run_spin(sock, true);
}

/*
 * Nobody fetches the completion of the open. `failing`: meanwhile another open fails at once, and
 * its end is reported.
 */
static void run_unasked(int sock, unsigned int flags, bool failing)
{
	struct io_uring_sqe *s;
	char data[512];
	struct ring r;
	ssize_t n;

	n = ring_open(&r, IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER);
	barrier();
	if (n < 0) {
		score(n);
		return;
	}
	expected = dup(sock);
	close(expected);
	s = ring_next(&r, IORING_OP_OPENAT, AT_FDCWD, file, 0);
	s->open_flags = O_RDONLY;
	s->flags = IOSQE_ASYNC | flags;
	if (failing) {
		s = ring_next(&r, IORING_OP_OPENAT, AT_FDCWD, file, 0);
		s->buf_index = 1; /* has no meaning for an open */
	}
	__atomic_fetch_add(RING_FIELD(r.sq, r.p.sq_off.tail), 1 + failing, __ATOMIC_RELEASE);
	if (syscall(__NR_io_uring_enter, r.fd, 1 + failing, 0, 0, NULL, 0) < 1) {
		score(-errno);
		return;
	}
	for (int i = 0; i < 2000; i++) {
		n = pread(expected, data, sizeof(data), 0);
		if (n > 0)
			break;
		usleep(100);
	}
	if (n > 0)
		n = send(sock, data, n, MSG_NOSIGNAL);
	score(n < 0 ? -errno : n);
}

static void run_uring_late(int sock)
{
	run_unasked(sock, 0, false);
}

static void run_uring_failed(int sock)
{
	run_unasked(sock, 0, true);
}

static void run_uring_skip(int sock)
{
	run_unasked(sock, IOSQE_CQE_SKIP_SUCCESS, false);
}

static void run_uring(int sock)
{
	static char data[512];
	int slots[1] = { -1 }, results[3], n;
	struct io_uring_sqe *s;
	struct stat st;
	struct ring r;

	n = stat(file, &st) < 0 ? -errno : ring_open(&r, 0);
	if (n == 0 && (st.st_size < 1 || st.st_size > (off_t)sizeof(data)))
		n = -EFBIG;
	if (n == 0)
		n = syscall(__NR_io_uring_register, r.fd, IORING_REGISTER_FILES, slots, 1) < 0
			    ? -errno
			    : 0;
	barrier();
	for (int i = 0; n == 0 && i < repeats; i++) {
		s = ring_next(&r, IORING_OP_OPENAT, AT_FDCWD, file, 0);
		s->open_flags = O_RDONLY;
		s->file_index = 1;
		s->flags = IOSQE_IO_LINK;
		s = ring_next(&r, IORING_OP_READ, 0, data,
			      st.st_size); /* a short read breaks the chain */
		s->flags = IOSQE_FIXED_FILE | IOSQE_IO_LINK;
		ring_next(&r, IORING_OP_SEND, sock, data, st.st_size);
		n = ring_submit(&r, results);
		if (n == 0)
			score(results[0] < 0		 ? results[0]
			      : results[2] == -ECANCELED ? results[1]
							 : results[2]);
	}
	if (n < 0)
		score(n);
}

static const struct {
	const char *name;
	int type;
	void (*run)(int sock);
} modes[] = {
	{ "process", SOCK_STREAM, run_process },
	{ "thread", SOCK_STREAM, run_thread },
	{ "close", SOCK_STREAM, run_close },
	{ "fork", SOCK_STREAM, run_fork },
	{ "udp", SOCK_DGRAM, run_process },
	{ "uring", SOCK_STREAM, run_uring },
	{ "uring-late", SOCK_STREAM, run_uring_late },
	{ "uring-failed", SOCK_STREAM, run_uring_failed },
	{ "uring-skip", SOCK_STREAM, run_uring_skip },
};

static int connected(int type)
{
	union address a;
	socklen_t size = parse_address(target, &a);
	int fd = socket(a.any.sa_family, type, 0);

	if (fd < 0 || connect(fd, &a.any, size) < 0)
		return -errno;
	return fd;
}

int main(int argc, char **argv)
{
	int processes = 1, died = 0, status;

	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc < 4)
		usage("race MODE FILE ADDRESS:PORT [PROCESSES [REPEATS]]");
	file = argv[2];
	target = argv[3];
	if (argc > 4)
		processes = atoi(argv[4]);
	if (argc > 5)
		repeats = atoi(argv[5]);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || processes < 1 || processes > 1024 || repeats < 1)
		usage("race MODE FILE ADDRESS:PORT [PROCESSES [REPEATS]]");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(argv[1], modes[i].name))
			continue;
		for (int p = 0; p < processes; p++) {
			if (fork() == 0) {
				int sock = connected(modes[i].type);

				if (sock < 0) {
					score(sock);
					__atomic_fetch_add(&shared->ready, 1, __ATOMIC_RELEASE);
					_exit(1);
				}
				modes[i].run(sock);
				_exit(0);
			}
		}
		while (__atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE) < processes)
			usleep(500);
		__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
		while (wait(&status) > 0)
			died += WIFSIGNALED(status);
		if (!shared->sent)
			refused(argv[1], shared->error ? shared->error
					 : died	       ? ECANCELED
						       : ENODATA);
		effect("%s: %d sends by %d processes, %d killed", argv[1], shared->sent, processes,
		       died);
	}
	usage("race MODE FILE ADDRESS:PORT [PROCESSES [REPEATS]]; see: race list");
}
