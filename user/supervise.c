// SPDX-License-Identifier: GPL-2.0-only
/* supervise.c - the loop of a running session. */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "living.h"

/* How often the condemned are looked for: soon after a verdict, and now and then in case its record
 * was lost. */
#define SWEEP_SOON_MS  20
#define SWEEP_LATER_MS 1000

static const int taken[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
/* Blocked and left pending: we stop when the command stops, and write to the terminal from the
 * background. */
static const int left_alone[] = { SIGTSTP, SIGTTIN, SIGTTOU };

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static long now_ms(void)
{
	return (long)(now_ns() / 1000000);
}

int supervise_prepare(struct supervise *s, struct error *e)
{
	sigset_t wanted, blocked;

	s->signals = -1;
	sigemptyset(&wanted);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		sigaddset(&wanted, taken[i]);
	blocked = wanted;
	for (size_t i = 0; i < ARRAY_SIZE(left_alone); i++)
		sigaddset(&blocked, left_alone[i]);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	s->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		return error_set(e, -errno, "signalfd: %s", strerror(errno));
	/* Orphans of the session become our children, so that it can be told when the last has
	 * ended. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_set(e, -errno, "PR_SET_CHILD_SUBREAPER: %s", strerror(errno));
	return 0;
}

int supervise_interrupted(void)
{
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		struct sigaction now;

		if (taken[i] != SIGCHLD && sigismember(&pending, taken[i]) == 1 &&
		    sigaction(taken[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			return taken[i];
	}
	return 0;
}

/* Has it stopped its target? */
static bool halts(const struct ws_rec_verdict *v)
{
	if (v->op == WS_OP_PTRACE)
		return v->effect == WS_EFFECT_KILLED_BEFORE;
	return v->op == WS_OP_SIGNAL && v->effect == WS_EFFECT_KILLED_AFTER &&
	       (v->amount == SIGSTOP || v->amount == SIGTSTP || v->amount == SIGTTIN ||
		v->amount == SIGTTOU);
}

/*
 * On `watch` a PTRACE_ATTACH has sent its SIGSTOP before the tracer dies of it: nothing was read, but the target, the CI
 * runner perhaps, would stand still for ever; so with a signal that stops. Call when the tracer is dead; SIGCONT to who
 * runs does nothing.
 */
static void continue_halted(struct supervise *s)
{
	for (unsigned i = 0; i < s->halted_count; i++)
		kill((pid_t)s->halted[i], SIGCONT);
}

void supervise_record(void *arg, const struct ws_head *rec)
{
	struct supervise *s = arg;
	const struct ws_rec_verdict *v = (const void *)rec;

	observer_record(s->observer, rec);
	if (rec->kind != WS_REC_VERDICT || v->mode != WS_MODE_ENFORCE)
		return;
	/* on `watch` a deny has killed: what else the scope has running dies with it */
	if (v->action >= WS_DENY && v->effect != WS_EFFECT_NONE)
		s->sweep = true;
	if (halts(v) && v->target_pid && s->halted_count < ARRAY_SIZE(s->halted))
		s->halted[s->halted_count++] = v->target_pid;
	if (v->action == WS_STOP)
		s->stop = true;
}

/* One call takes a share only, so that a flood of records starves nothing else. */
static void drain(struct supervise *s, int rounds)
{
	while (rounds-- > 0 && ring_consume(s->ring) > 0)
		;
}

/* ---- the command's children and stops ---- */

static bool on_terminal(void)
{
	_close_ int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd >= 0;
}

/* The command has stopped (Ctrl-Z): so do we, as the shell waits for us, and go on with it. */
static void stop_with_it(struct supervise *s, int sig)
{
	struct sigaction to_default = { .sa_handler = SIG_DFL }, before;
	sigset_t one;

	if (!on_terminal()) /* nobody is there to continue us */
		return;
	drain(s, 64);
	if (sig == SIGSTOP) {
		raise(SIGSTOP);
	} else {
		sigemptyset(&one);
		sigaddset(&one, sig);
		sigaction(sig, &to_default, &before);
		raise(sig);
		sigprocmask(SIG_UNBLOCK, &one, NULL); /* here */
		sigprocmask(SIG_BLOCK, &one, NULL);
		sigaction(sig, &before, NULL);
	}
	syscall(SYS_pidfd_send_signal, s->launch->pidfd, SIGCONT, NULL, 0);
}

static void reap(struct supervise *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | __WALL)) > 0) {
		if (pid == s->launch->pid) {
			if (WIFSTOPPED(status)) {
				stop_with_it(s, WSTOPSIG(status));
			} else {
				s->status = status;
				s->ended = true;
			}
		} else if (pid == s->keeper->pid && !WIFSTOPPED(status)) {
			s->keeper->pid = 0;
			s->broken = true;
		}
	}
}

/* ---- signals ---- */

static void take_signals(struct supervise *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		int sig = info.ssi_signo;

		if (sig == SIGCHLD)
			continue;
		/*
		 * What the kernel sends (Ctrl-C, a hang-up) goes to the whole process group: the
		 * command, which is in ours, has it already. What a process sends to us is meant
		 * for the command.
		 */
		if (info.ssi_code > 0) {
			if (sig == SIGINT || sig == SIGQUIT)
				s->terminal_signal = sig;
		} else if (!s->ended) {
			syscall(SYS_pidfd_send_signal, s->launch->pidfd, sig, NULL, 0);
		}
		s->hurry |= s->ended && sig != SIGUSR1 && sig != SIGUSR2;
	}
	reap(s);
}

/* ---- the end ---- */

struct leftovers {
	struct supervise *s;
	struct living_list *known;
};

static void tell_leftover(struct supervise *s, const struct observer_leftover *l)
{
	size_t at = strlen(s->left_names), room = sizeof(s->left_names) - at;

	observer_leftover(s->observer, l);
	s->leftovers++;
	if (room <= sizeof(l->comm) + sizeof(", "))
		return;
	snprintf(s->left_names + at, room, "%s%.*s", at ? ", " : "", (int)sizeof(l->comm), l->comm);
	for (char *c = s->left_names + at; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?'; /* a process chooses its name */
}

static int tell_unknown(void *arg, pid_t pid)
{
	struct leftovers *l = arg;
	struct observer_leftover left = { .pid = pid };
	_close_ int fd = -1;
	char path[64];
	ssize_t n;

	for (size_t i = 0; i < l->known->count; i++)
		if ((pid_t)l->known->at[i].task.pid == pid)
			return 0;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, left.comm, sizeof(left.comm) - 1);
	left.comm[n > 0 ? n - 1 : 0] = 0; /* without the newline */
	tell_leftover(l->s, &left);
	return 0;
}

/* What outlived the command: by the kernel's list, and by the cgroup (should a task be missing in
 * the former). */
static void tell_leftovers(struct supervise *s)
{
	CLEANUP(living_free) struct living_list list = { 0 };
	struct leftovers all = { s, &list };

	if (living_list(s->loader, s->session, false, &list) < 0)
		list = (struct living_list){ 0 };
	for (size_t i = 0; i < list.count; i++) {
		const struct loader_task *t = &list.at[i].task;
		struct observer_leftover left = { .pid = t->pid,
						  .scope = t->scope,
						  .actor = t->actor };

		memcpy(left.comm, t->comm, sizeof(left.comm));
		tell_leftover(s, &left);
	}
	cgroup_processes(s->cgroup, tell_unknown, &all);
}

static bool session_empty(struct supervise *s)
{
	CLEANUP(living_free) struct living_list list = { 0 };

	if (cgroup_populated(s->cgroup) > 0)
		return false;
	/* moved to another cgroup (root can), it is still in the kernel's list */
	return living_list(s->loader, s->session, false, &list) < 0 || list.count == 0;
}

/* Kill until nothing lives. SIGKILL may wait for a system call that cannot be interrupted; then so
 * do we. */
static void end_session(struct supervise *s)
{
	long told = now_ms();

	for (;;) {
		cgroup_kill(s->cgroup);
		living_kill(s->loader, s->session, true);
		cgroup_wait_empty(s->cgroup, 20);
		reap(s);
		if (ring_consume(s->ring) <= 0)
			observer_tick(s->observer, now_ns());
		if (s->ended && session_empty(s))
			return;
		if (now_ms() - told > 5000) {
			fputs("wormsign: waiting for a process that was killed and is not dead "
			      "yet\n",
			      stderr);
			told = now_ms();
		}
	}
}

/* ---- the loop ---- */

enum { P_SIGNALS, P_RING, P_KEEPER, P_CGROUP, P_COUNT };

static void stop_session(struct supervise *s)
{
	loader_session_condemn(s->loader, s->session);
	cgroup_kill(s->cgroup);
	s->stop = false;
}

int supervise(struct supervise *s, struct error *e)
{
	struct pollfd p[P_COUNT] = {
		[P_SIGNALS] = { .fd = s->signals, .events = POLLIN },
		[P_RING] = { .fd = ring_poll_fd(s->ring), .events = POLLIN },
		[P_KEEPER] = { .fd = s->keeper->pidfd, .events = POLLIN },
		[P_CGROUP] = { .fd = -1, .events = POLLPRI },
	};
	long next_sweep = now_ms() + SWEEP_LATER_MS, grace_ends = 0;
	int r = 0, tell = -1; /* ms until something is to be told */

	while (!s->broken) {
		long now = now_ms(), until = next_sweep;

		if (s->ended) {
			if (!grace_ends) {
				grace_ends = now + s->grace_ms;
				p[P_CGROUP].fd = s->cgroup->events;
			}
			if (s->hurry || now >= grace_ends || session_empty(s))
				break;
			if (grace_ends < until)
				until = grace_ends;
		}
		if (tell >= 0 && now + tell < until)
			until = now + tell;
		if (poll(p, P_COUNT, until > now ? until - now : 0) < 0 && errno != EINTR) {
			r = error_set(e, -errno, "poll: %s", strerror(errno));
			break;
		}
		if (p[P_RING].revents && ring_consume(s->ring) > 0)
			tell = SWEEP_SOON_MS; /* there may be more */
		else
			tell = observer_tick(s->observer, now_ns());
		if (s->stop)
			stop_session(s);
		if (p[P_SIGNALS].revents)
			take_signals(s);
		if (p[P_KEEPER].revents)
			s->broken = true;
		now = now_ms();
		if (s->sweep && next_sweep > now + SWEEP_SOON_MS)
			next_sweep = now + SWEEP_SOON_MS;
		if (now >= next_sweep) {
			bool verdict = s->sweep;

			/* a process that forked while it was listed is caught the next time */
			s->sweep = living_kill(s->loader, s->session, false) > 0;
			if (verdict)
				loader_destroy_sockets(s->loader);
			if (!s->sweep)
				continue_halted(s);
			next_sweep = now + (s->sweep ? SWEEP_SOON_MS : SWEEP_LATER_MS);
		}
	}
	if (s->broken)
		loader_session_condemn(s->loader, s->session);
	drain(s, 64); /* who was who, before it is told who is left */
	if (s->ended && !s->broken && !session_empty(s))
		tell_leftovers(s);
	end_session(s);
	continue_halted(s);
	drain(s, INT_MAX); /* nobody is left to add to it */
	return r;
}

void supervise_free(struct supervise *s)
{
	if (s->signals >= 0)
		close(TAKE_FD(s->signals));
}
