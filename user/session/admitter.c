// SPDX-License-Identifier: GPL-2.0-only
/* admitter.c - see admitter.h. */
#include "session/admitter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/admission.h"
#include "kernel/sessions.h"
#include "session/admitters.h"
#include "session/call_guard.h"
#include "session/capabilities.h"
#include "session/confine.h"
#include "session/config_chain.h"
#include "session/config_look.h"
#include "session/environment_secrets.h"
#include "session/file_guard.h"
#include "session/held_process.h"
#include "session/named_files.h"
#include "session/pid_namespace.h"
#include "session/run_as.h"

/* An exec takes three quarters of 8 MB at most, argv included. */
#define ENVIRONMENT_MAX (8u << 20)
/* The list of held processes is walked this often, in case a wake-up was lost. */
#define WALK_MS 200
/* ... or this often, while one of them has not stopped so far. */
#define STOP_MS 1

struct admit {
	struct admission *admission;
	struct loader *loader;
	const struct admitter_options *o;
	struct config_chain chain;
	struct file_guard guard; /* watch */
	struct call_guard calls; /* watch */
	uint64_t session;	 /* of the script at hand */
	uint64_t only;		 /* scripts of this session; 0: of all */
	struct run_as user; /* of the script at hand; with its rights files are looked up ... */
	struct run_as_files files;
	bool as_user;	  /* ... if this is set */
	int failed;	  /* -errno: a file cannot be guarded */
	bool not_stopped; /* one of the held processes is still on its way */
	int reports;
};

/* ---- one script ---- */

static int open_memory(uint32_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_all(int memory, char *to, size_t len, uint64_t from)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = pread(memory, to + at, len - at, (off_t)(from + at));

		if (n <= 0)
			return n < 0 ? -errno : -EFAULT;
		at += (size_t)n;
	}
	return 0;
}

static int write_nuls(int memory, uint64_t to, size_t len)
{
	static const char nuls[4096];

	while (len) {
		ssize_t n =
			pwrite(memory, nuls, len < sizeof(nuls) ? len : sizeof(nuls), (off_t)to);

		if (n <= 0)
			return n < 0 ? -errno : -EFAULT;
		to += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static void note(struct admitted *r, const char *name, size_t len)
{
	if (len + 1 > sizeof(r->names) - r->len)
		return;
	memcpy(r->names + r->len, name, len);
	r->names[r->len + len] = '\0';
	r->len += (uint32_t)len + 1;
}

/*
 * Empty what is secret among the strings of `environment`, a copy of what lies at address `base` of
 * the process: the value's bytes become NULs, so that NAME= is left. A variable that is gone would
 * end programs that refer to it; other text would be sent as a credential.
 */
static int empty_secrets(int memory, char *environment, size_t len, uint64_t base,
			 const char *const *keep, struct admitted *r)
{
	for (size_t at = 0; at < len;) {
		const char *variable = environment + at;
		size_t size = strlen(variable), value;
		int err;

		if (environment_secret(variable, keep, &value)) {
			err = write_nuls(memory, base + at + value, size - value);
			if (err < 0)
				return err;
			note(r, variable, value - 1);
		}
		at += size + 1;
	}
	return 0;
}

/*
 * Whether a file of an agent's session is guarded. Each open of it waits then, so nobody may have
 * files of others guarded that many programs open: a name of the table's is read by package
 * managers alone, and what not everybody can read is no program's.
 */
static bool may_guard(const struct admit *a, const struct config_file *f)
{
	struct stat st;

	return fstat(f->fd, &st) == 0 &&
	       (st.st_uid == a->user.uid || f->usual || !(st.st_mode & S_IROTH));
}

static int guard(struct admit *a, const struct config_file *f)
{
	int err;

	if (a->as_user && !may_guard(a, f))
		return 0;
	run_as_files_end(&a->files);
	err = file_guard_add(&a->guard, f);
	if (err == -ENOSPC || err == -ENOMEM)
		a->failed = err;
	if (a->as_user && run_as_files_begin(&a->files, &a->user) < 0)
		_exit(1);
	return 0;
}

/*
 * A configuration of git. It is guarded only if it holds a credential, since every command of git
 * opens files beside it; what replaces it is guarded then, too.
 */
static int guard_git(void *arg, int fd, enum config_kind kind)
{
	struct admit *a = arg;
	struct config_file f = { .fd = fd, .kind = CONFIG_GIT, .usual = true, .dir = -1 };
	char link[32], path[PATH_MAX], *slash;
	struct stat file, named, st;
	_close_ int dir = -1;
	uint64_t size;
	ssize_t n;

	if (kind != CONFIG_GIT || file_guard_knows(&a->guard, fd) ||
	    !(config_look(kind, fd, &size) & CONFIG_CREDENTIAL))
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	slash = strrchr(path, '/');
	if (!slash)
		return 0;
	*slash = 0;
	f.name = slash + 1;
	dir = open(slash == path ? "/" : path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && fstat(dir, &st) == 0 && st.st_uid == a->user.uid &&
	    fstatat(dir, f.name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &file) == 0 &&
	    named.st_ino == file.st_ino && named.st_dev == file.st_dev)
		f.dir = dir;
	return guard(a, &f);
}

static void around(void *arg, const char *dir)
{
	const struct knower k = { .config = guard_git, .arg = arg };

	named_files_repository(&k, dir);
}

static void home(void *arg, const char *dir)
{
	const struct knower k = { .config = guard_git, .arg = arg };

	named_files_home(&k, dir);
}

static void on_config(void *arg, const struct config_file *f)
{
	struct admit *a = arg;
	struct knower_here here = { .loader = a->loader,
				    .session = a->session,
				    .rules = a->o->rules };
	struct knower knower = knower_here(&here);

	if (a->guard.group >= 0 && f->kind == CONFIG_GIT) {
		if (!a->as_user || may_guard(a, f))
			guard_git(a, f->fd, f->kind);
	} else if (a->guard.group >= 0)
		guard(a, f);
	else
		named_files_config(&knower, f->fd, f->kind);
}

/* Whose rights a process has: as /proc/PID/status says it. */
static int find_user(struct run_as *ret, uint32_t pid)
{
	struct run_as as = { .drop = true, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	_fclose_ FILE *f = NULL;
	_free_ char *line = NULL;
	char path[32], *at;
	size_t room = 0;
	int used;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	f = fopen(path, "re");
	while (f && getline(&line, &room, f) > 0) {
		sscanf(line, "Uid: %*u %*u %*u %u", &as.uid);
		sscanf(line, "Gid: %*u %*u %*u %u", &as.gid);
		if (strncmp(line, "Groups:", 7) != 0 || as.groups)
			continue;
		as.groups = calloc(strlen(line), sizeof(*as.groups));
		if (!as.groups)
			return -ENOMEM;
		for (at = line + 7; sscanf(at, "%u%n", &as.groups[as.group_count], &used) == 1;
		     at += used)
			as.group_count++;
	}
	*ret = as;
	return as.uid == (uid_t)-1 || as.gid == (gid_t)-1 || !as.groups ? -ESRCH : 0;
}

/* Look for the files in which the script's managers have credentials. */
static int look(struct admit *a, uint32_t pid, const char *environment, size_t len)
{
	int err = find_user(&a->user, pid);

	if (err == 0 && a->as_user)
		err = run_as_files_begin(&a->files, &a->user);
	a->failed = 0;
	if (err == 0)
		config_chain_each(&a->chain, pid, environment, len, on_config, a);
	run_as_files_end(&a->files);
	run_as_free(&a->user);
	return err ?: a->failed;
}

struct look {
	struct admit *a;
	uint32_t pid;
	const char *environment;
	size_t len;
	int err, done; /* an eventfd */
};

static void *look_in_thread(void *arg)
{
	struct look *l = arg;
	const uint64_t one = 1;

	l->err = look(l->a, l->pid, l->environment, l->len);
	while (write(l->done, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

/* Answer opens meanwhile: looking opens files, too, and may take long where the user says. */
static int look_and_answer(struct admit *a, uint32_t pid, const char *environment, size_t len)
{
	_close_ int done = eventfd(0, EFD_CLOEXEC);
	struct look l = {
		.a = a, .pid = pid, .environment = environment, .len = len, .done = done
	};
	struct pollfd p[] = { { .fd = done, .events = POLLIN },
			      { .fd = a->guard.group, .events = POLLIN },
			      { .fd = a->calls.ready, .events = POLLIN } };
	pthread_t thread;
	int err;

	if (done < 0)
		return -errno;
	if (a->guard.group < 0)
		return look(a, pid, environment, len);
	err = pthread_create(&thread, NULL, look_in_thread, &l);
	if (err)
		return -err;
	while (!p[0].revents) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			_exit(1);
		if ((p[1].revents && file_guard_answer(&a->guard) < 0) ||
		    (p[2].revents && call_guard_answer(&a->calls) < 0))
			_exit(1);
	}
	pthread_join(thread, NULL);
	return l.err;
}

/* What the script's variables say: empty those that are secret, and see to the files. */
static int prepare(struct admit *a, uint32_t pid, const struct ws_held *h, struct admitted *r)
{
	uint64_t len = h->env_end - h->env_start;
	_close_ int memory = -1;
	char *environment;
	int err;

	if (h->env_end < h->env_start || len > ENVIRONMENT_MAX)
		return -E2BIG;
	memory = open_memory(pid);
	if (memory < 0)
		return memory;
	environment = malloc(len + 1);
	if (!environment)
		return -ENOMEM;
	err = read_all(memory, environment, len, h->env_start);
	environment[len] = '\0';
	err = err ?: empty_secrets(memory, environment, len, h->env_start, a->o->keep, r);
	a->session = h->session;
	if (!err && a->o->rules)
		err = look_and_answer(a, pid, environment, len);
	explicit_bzero(environment, len);
	free(environment);
	return err;
}

/* Guard the calls of the script, which this process is attached to and which is held no more. */
static int confine(struct admit *a, struct confine *c, uint32_t pid, int pidfd)
{
	struct run_as user;
	int err = find_user(&user, pid);

	return err ?: call_guard_add(&a->calls, c, pidfd, &user);
}

/*
 * Release the script and continue it. A system call of it condemns it no more then; so where its
 * calls are to be guarded it is attached to before, and makes its first ones for this process. It
 * is continued while it is attached to: afterwards it may take a while until it stands still again,
 * and who does not stand still is not continued. *ret_not: why its calls are not guarded, an errno.
 */
static int let_go(struct admit *a, uint32_t pid, int pidfd, uint32_t *ret_not)
{
	struct confine c = { 0 };
	int err, not = 0;

	if (a->calls.ready >= 0)
		not = confine_attach(&c, (pid_t)pid);
	err = admission_let_go(a->admission, pid);
	if (!err && c.pid) {
		not = confine(a, &c, pid, pidfd);
		if (not == -ECANCELED)
			err = not ;
	}
	*ret_not = (uint32_t) - not ;
	if (err == -ECANCELED)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	else if (!err)
		held_process_continue((pid_t)pid, pidfd);
	confine_detach(&c);
	return err;
}

static void admit_one(void *arg, uint32_t pid, const struct ws_held *h)
{
	struct admit *a = arg;
	struct admitted r = { .scope = h->scope };
	/* The pid cannot be reused unnoticed: pidfd refers to the process that is held now, and the
	 * process's memory is opened after it. */
	_close_ int pidfd = -1;
	int err;

	if (a->only && h->session != a->only)
		return;
	pidfd = syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (pidfd < 0)
		return; /* it has died */
	if (!held_process_stands((pid_t)pid)) {
		a->not_stopped = true;
		return;
	}
	err = prepare(a, pid, h, &r);
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0)
		return;
	err = err ?: let_go(a, pid, pidfd, &r.unguarded);
	if (err < 0) {
		/* who kills a script (a manager that gives up) makes its memory unreadable */
		if (held_process_still_stands((pid_t)pid))
			r.failed = (uint32_t)-err;
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	}
	if (r.len || r.failed || r.unguarded)
		admitted_send(a->reports, &r);
}

static void on_refused(void *arg, const struct ws_rec_verdict *refusal)
{
	const struct admit *a = arg;
	struct admitted r = { .scope = refusal->head.scope,
			      .len = sizeof(*refusal),
			      .is_refusal = 1,
			      .refusal = *refusal };

	admitted_send(a->reports, &r);
}

/* ---- the process ---- */

/* group: of fanotify, -1: none. Where files cannot be guarded the kernel side counts their opens.
 */
static void begin(struct admit *a, int group)
{
	a->calls.ready = -1;
	if (!a->o->rules)
		return;
	a->chain =
		(struct config_chain){ .table = &a->o->rules->environment, .homes = a->o->homes };
	if (loader_backend(a->loader) == WS_BACKEND_WATCH && !call_guard_unavailable(a->loader) &&
	    call_guard_open(&a->calls, a->admission) < 0)
		_exit(1);
	if (group < 0)
		return;
	a->chain.home = home;
	a->chain.around = around;
	file_guard_open(&a->guard, group, a->admission, a->o->rules);
	a->guard.session = a->only;
	a->guard.refused = on_refused;
	a->guard.arg = a;
}

enum { P_MAIN, P_DOORBELL, P_GUARD, P_CALLS, P_COUNT };

static void __attribute__((noreturn)) admit(struct admit *a, int bell)
{
	struct pollfd p[P_COUNT] = { [P_MAIN] = { .fd = a->reports, .events = POLLIN },
				     [P_DOORBELL] = { .fd = bell, .events = POLLIN },
				     [P_GUARD] = { .fd = a->guard.group, .events = POLLIN },
				     [P_CALLS] = { .fd = a->calls.ready, .events = POLLIN } };
	int wait = WALK_MS;
	int64_t walked = 0;
	uint64_t rings;

	for (;;) {
		int ready = poll(p, P_COUNT, wait);

		if (ready < 0 && errno != EINTR)
			_exit(1);
		if (p[P_MAIN].revents) { /* the main process never sends anything: it is dead, or
					  * its session has ended */
			if (a->only)
				loader_session_condemn(a->loader, a->only);
			_exit(0);
		}
		if ((p[P_GUARD].revents && file_guard_answer(&a->guard) < 0) ||
		    (p[P_CALLS].revents && call_guard_answer(&a->calls) < 0))
			_exit(1);
		/* an eventfd; what a lone run waits for is emptied by the walk */
		if (p[P_DOORBELL].revents && a->as_user && read(bell, &rings, sizeof(rings)) < 0 &&
		    errno != EAGAIN)
			_exit(1);
		/* an open that waits costs a sixth of the time if nothing else is done for it */
		if (ready > 0 && !p[P_DOORBELL].revents && clock_ms() - walked < wait)
			continue;
		walked = clock_ms();
		a->not_stopped = false;
		if (admission_list(a->admission, admit_one, a) < 0)
			_exit(1);
		wait = a->not_stopped ? STOP_MS : WALK_MS;
	}
}

/* Of one session of an agent, in a process of its own (admitters.h). */
static void serve_session(void *arg, uint64_t session, int bell, int group)
{
	struct admit *a = arg;

	admission_leave_poll(a->admission);
	a->only = session;
	a->as_user = true;
	begin(a, group);
	if (capabilities_of_admitters(false) < 0)
		_exit(1);
	admit(a, bell);
}

static void __attribute__((noreturn))
run(int reports, struct loader *l, const struct admitter_options *o)
{
	const struct sched_param first = { .sched_priority = 1 };
	struct admit a = { .loader = l,
			   .o = o,
			   .guard = { .group = -1 },
			   .only = o->session,
			   .reports = reports };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), group = -1;
	struct rlimit files;
	sigset_t all;

	setsid(); /* so that signals from the terminal and from kill(-group) do not reach it */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "wormsign-admit");
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	/* one for each script that lives (call_guard.h) */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (chdir("/") < 0 || admission_open(&a.admission, l) < 0)
		_exit(1);
	if (!o->each_session && o->rules && loader_backend(l) == WS_BACKEND_WATCH &&
	    !file_guard_unavailable() && (group = file_guard_group()) < 0)
		_exit(1);
	/* a script waits for it: 0.2 ms with this priority, 5 ms and more on a busy machine
	 * without; not so for those of sessions, which users can keep busy */
	sched_setscheduler(0, SCHED_FIFO | (o->each_session ? SCHED_RESET_ON_FORK : 0), &first);
	if ((o->each_session ? capabilities_of_admitters(true) : capabilities_reduce_admitter()) <
	    0)
		_exit(1);
	if (o->each_session) {
		struct admitters all_of_them = { .loader = l,
						 .admission = a.admission,
						 .reports = reports,
						 .serve = serve_session,
						 .arg = &a };

		admitters_run(&all_of_them);
	}
	begin(&a, group);
	admit(&a, admission_poll_fd(a.admission));
}

const char *admitter_unavailable(void)
{
	_fclose_ FILE *f = NULL;
	int scope = 0;

	if (!pid_namespace_is_first())
		return "wormsign runs in a pid namespace of its own (a container without "
		       "--pid=host)";
	if (!capabilities_admitter())
		return "CAP_SYS_PTRACE or CAP_DAC_OVERRIDE is missing";
	f = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	if (f && fscanf(f, "%d", &scope) == 1 && scope == 3)
		return "kernel.yama.ptrace_scope is 3";
	return NULL;
}

int admitter_start(struct admitter *ret, struct loader *l, const struct admitter_options *o,
		   struct error *e)
{
	_close_ int ours = -1, theirs = -1;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(e, -errno, "socketpair: %s", strerror(errno));
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid < 0)
		return error_set(e, -errno, "fork: %s", strerror(errno));
	if (pid == 0) {
		close(ours);
		run(theirs, l, o);
	}
	*ret = (struct admitter){
		.pid = pid,
		.pidfd = syscall(SYS_pidfd_open, pid, 0),
		.socket = TAKE_FD(ours),
	};
	if (ret->pidfd < 0) {
		int err = errno;

		admitter_end(ret);
		return error_set(e, -err, "pidfd_open: %s", strerror(err));
	}
	return 0;
}

void admitter_end(struct admitter *a)
{
	if (a->socket >= 0)
		close(a->socket);
	if (a->pidfd >= 0)
		close(a->pidfd);
	while (a->pid && waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*a = (struct admitter){ .pidfd = -1, .socket = -1 };
}
