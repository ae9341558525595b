// SPDX-License-Identifier: GPL-2.0-only
/* job.c - begin a session and its worker; end what is left. */
#include "agent/job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/feed.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "events/verdict_rule.h"
#include "kernel/sessions.h"
#include "session/kernel_session.h"
#include "session/watchdog.h"

/* Bytes of records that may wait, between the agent and a worker and between that and its client.
 * A session that makes more loses its own. */
#define QUEUE_BYTES (4 << 20)

static void set_queue(int socket)
{
	int bytes = QUEUE_BYTES;

	if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

/* ---- on the board ---- */

static void publish(struct jobs *jobs)
{
	uint32_t n = 0;

	for (const struct job *job = jobs->first; job && n < BOARD_SESSIONS; job = job->next)
		jobs->slot->uids[n++] = job->seen.uid;
	__atomic_store_n(&jobs->slot->sessions, n, __ATOMIC_RELEASE);
}

void jobs_count(struct jobs *jobs, uint32_t rule, unsigned action, enum ws_mode mode, uint64_t n)
{
	struct verdict_rule of;
	struct board_row *row;

	verdict_rule(&of, jobs->rules, rule);
	row = board_row(jobs->board->rules, BOARD_RULES, of.id);
	if (action > WS_ALERT && mode == WS_MODE_AUDIT)
		action = WS_ALERT;
	if (row && action < WS_ACTION_MAX)
		board_add(&row->n[action], n);
}

/* What was only counted in the kernel, and what the session lost on its way. */
static void count_rest(struct jobs *jobs, struct loader *l, const struct job *job)
{
	_free_ struct ws_reported *reports = NULL;
	size_t count = 0;

	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		board_add(&jobs->board->lost[i], job->lost[i]);
	if (loader_session_reports(l, job->session, &reports, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct ws_report *r = &reports[i].report;
		struct verdict_rule of;

		verdict_rule(&of, jobs->rules, reports[i].key.rule);
		if (r->count > r->reported)
			jobs_count(jobs, reports[i].key.rule, of.action, job->seen.mode,
				   r->count - r->reported);
	}
}

/* ---- the kernel's record ---- */

void job_look(struct job *job, struct loader *l)
{
	static struct ws_session now;

	if (loader_session_read(l, job->session, &now) < 0)
		return;
	job->seen.mode = now.mode;
	memcpy(job->seen.verdicts, now.verdicts, sizeof(job->seen.verdicts));
	job->seen.lost = 0;
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		job->seen.lost += job->lost[i];
}

static void close_other(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Take down what is left of the session in the kernel. No process of it lives. */
static void take_down(struct loader *l, struct job *job)
{
	loader_session_end(l, job->session);
	if (job->cgroup)
		cgroup_remove(job->cgroup);
	cgroup_free(job->cgroup);
	close_other(job->feed);
	close_other(job->pidfd);
	close_other(job->stopper);
	close_other(job->first);
	if (job->claim)
		unlink(job->claim);
	free(job->claim);
	share_end(&job->share);
	free(job);
}

/* What it has taken is its user's until the tables are cleared. Without memory it is given back at
 * once. */
static void keep_rest(struct jobs *jobs, struct job *job)
{
	struct job_rest *rest = malloc(sizeof(*rest));

	if (!rest)
		return;
	*rest = (struct job_rest){ .next = jobs->rests, .share = job->share };
	jobs->rests = rest;
	job->share = (struct share){ 0 };
}

void jobs_forgotten(struct jobs *jobs)
{
	while (jobs->rests) {
		struct job_rest *rest = jobs->rests;

		jobs->rests = rest->next;
		share_end(&rest->share);
		free(rest);
	}
}

static int begin_session(struct job *job, struct worker *w, struct error *e)
{
	int err = cgroup_create(&job->cgroup, w->peer->pid, w->peer->uid, e);

	err = err
		      ?: kernel_session_new(&w->session, w->rules, loader_backend(w->loader),
					    job->cgroup, e);
	if (err < 0)
		return err;
	job->session = job->seen.id = w->session.id;
	w->cgroup = job->cgroup;
	return loader_session_begin(w->loader, &w->session, job->cgroup->dir, e);
}

/* In a child: keep none of the sessions' descriptors, nor of other clients. Their ends are how
 * others learn of an end. */
static void close_others(const struct jobs *jobs)
{
	for (const struct job *job = jobs->first; job; job = job->next) {
		close_other(job->feed);
		close_other(job->pidfd);
		close_other(job->stopper);
		close_other(job->first);
	}
	pending_close(&jobs->pending);
	close(jobs->listener);
	close(jobs->link);
}

static void __attribute__((noreturn)) be_worker(struct jobs *jobs, struct worker *w, int ours)
{
	close(ours);
	close_others(jobs);
	worker_serve(w);
}

static int fork_worker(struct jobs *jobs, struct job *job, struct worker *w, struct error *e)
{
	_close_ int ours = -1, theirs = -1;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(e, -errno, "socketpair: %s", strerror(errno));
	ours = ends[0];
	theirs = ends[1];
	set_queue(ours);
	if (w->client >= 0)
		set_queue(w->client);
	w->feed = theirs;
	job->pid = fork();
	if (job->pid < 0)
		return error_set(e, -errno, "fork: %s", strerror(errno));
	if (job->pid == 0)
		be_worker(jobs, w, ours);
	job->pidfd = syscall(SYS_pidfd_open, job->pid, 0);
	if (job->pidfd < 0) {
		int err = -errno;

		close(TAKE_FD(ours)); /* the worker ends when it sees that */
		while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
			;
		return error_set(e, err, "pidfd_open: %s", strerror(-err));
	}
	job->feed = TAKE_FD(ours);
	return 0;
}

static int start(struct jobs *jobs, struct worker *w, char *claim, struct error *e)
{
	struct job *job = calloc(1, sizeof(*job));
	int err;

	if (!job)
		return error_set(e, -ENOMEM, "out of memory");
	job->feed = job->pidfd = job->stopper = -1;
	job->first = w->job ? fcntl(w->job->pidfd, F_DUPFD_CLOEXEC, 0) : -1;
	job->claim = claim;
	job->seen = (struct agent_session){ .began = clock_ns(CLOCK_REALTIME),
					    .uid = w->peer->uid,
					    .client = w->peer->pid };
	w->share = &job->share;
	err = share_begin(&job->share, jobs->shares, w->peer->uid);
	if (err < 0)
		error_set(e, err, "out of memory");
	err = err ?: begin_session(job, w, e);
	err = err ?: fork_worker(jobs, job, w, e);
	if (err < 0) {
		take_down(w->loader, job);
		return err;
	}
	job->next = jobs->first;
	jobs->first = job;
	jobs->count++;
	board_add(&jobs->board->started, 1);
	publish(jobs);
	return 0;
}

int job_start(struct jobs *jobs, struct worker *w, struct error *e)
{
	return start(jobs, w, NULL, e);
}

int job_start_recognised(struct jobs *jobs, struct worker *w, const char *dir, uint64_t started,
			 struct error *e)
{
	_close_ int fd = -1;
	char *claim;

	if (asprintf(&claim, "%s/job-%d-%" PRIu64, dir, (int)w->job->pid, started) < 0)
		return error_set(e, -ENOMEM, "out of memory");
	fd = open(claim, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		int err = -errno;

		error_set(e, err, "%s: %s", claim, strerror(-err));
		free(claim);
		return err;
	}
	return start(jobs, w, claim, e);
}

void jobs_record(struct jobs *jobs, const struct ws_head *rec)
{
	for (struct job *job = jobs->first; job; job = job->next) {
		if (job->session != rec->session)
			continue;
		if (job->feed >= 0 &&
		    send(job->feed, rec, rec->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			job->lost[feed_lost_of(rec->kind)]++;
		return;
	}
}

void jobs_admitted(struct jobs *jobs, uint64_t session, const struct admitted *a)
{
	static struct feed_admitted m;

	m = (struct feed_admitted){ .kind = FEED_ADMITTED, .admitted = *a };
	for (struct job *job = jobs->first; job; job = job->next)
		if (job->session == session && job->feed >= 0)
			send(job->feed, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool job_take_feed(struct job *job)
{
	union {
		char ask[sizeof(FEED_ASK) - 1];
		struct feed_left left;
	} m;
	ssize_t n = recv(job->feed, &m, sizeof(m), MSG_DONTWAIT);

	if (n == sizeof(m.left)) {
		job->seen.leftovers = m.left.leftovers;
		job->seen.residue = m.left.residue;
		job->seen.residue_known = m.left.residue_known;
	}
	return n == sizeof(m.ask);
}

void job_mark(struct job *job, uint64_t bad_records)
{
	struct feed_mark mark = { .bad = bad_records };

	memcpy(mark.lost, job->lost, sizeof(mark.lost));
	job->mark_waits = job->feed >= 0 &&
			  send(job->feed, &mark, sizeof(mark), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
			  errno == EAGAIN;
}

static void send_stop(struct job *job)
{
	struct feed_stop m = { .kind = FEED_STOP, .by = job->seen.stopped };

	job->stop_waits = job->feed >= 0 &&
			  send(job->feed, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
			  errno == EAGAIN;
}

void job_send_again(struct job *job, uint64_t bad_records)
{
	if (job->stop_waits)
		send_stop(job);
	if (job->mark_waits)
		job_mark(job, bad_records);
}

int jobs_stop(struct jobs *jobs, struct loader *l, uint64_t session, uid_t uid, int client)
{
	struct job *job = jobs->first;

	while (job && job->session != session)
		job = job->next;
	if (!job || (uid != 0 && uid != job->seen.uid))
		return -ENOENT;
	if (job->stopper >= 0)
		return -EALREADY;
	job->stopper = client;
	job->seen.stopped = uid ? AGENT_STOPPED_BY_USER : AGENT_STOPPED_BY_ROOT;
	loader_session_condemn(l, session);
	cgroup_kill(job->cgroup);
	send_stop(job);
	return 0;
}

/* The worker was killed, or gave up with processes in the session: a process of its own ends them,
 * since that may have to wait. */
static int fork_end(struct jobs *jobs, struct loader *l, struct job *job)
{
	pid_t pid;

	loader_session_condemn(l, job->session); /* at once */
	cgroup_kill(job->cgroup);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		signal(SIGTERM, SIG_IGN);
		close_others(jobs);
		watchdog_end_session(l, job->session, job->cgroup);
		_exit(0);
	}
	job->pid = pid;
	job->pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (job->pidfd >= 0)
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -EMFILE; /* it is done all the same */
}

static void remember(struct jobs *jobs, const struct job *job)
{
	struct agent_session *last = &jobs->recent[jobs->ended++ % JOBS_RECENT];

	*last = job->seen;
	last->ended = clock_ns(CLOCK_REALTIME);
}

/* No process of it lives. */
static void forget(struct jobs *jobs, struct loader *l, struct job *job)
{
	struct agent_head done = { .kind = AGENT_DONE };

	remember(jobs, job);
	count_rest(jobs, l, job);
	if (job->stopper >= 0)
		protocol_send(job->stopper, &done, sizeof(done), NULL, 0, NULL, 0, MSG_DONTWAIT);
	for (struct job **at = &jobs->first; *at; at = &(*at)->next) {
		if (*at != job)
			continue;
		*at = job->next;
		jobs->count--;
		break;
	}
	publish(jobs);
	keep_rest(jobs, job);
	take_down(l, job);
}

void job_take_end(struct jobs *jobs, struct loader *l, struct job *job)
{
	bool worker = job->feed >= 0;
	int status = 0;

	if (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		return;
	job_look(job, l); /* before it is forgotten */
	close(TAKE_FD(job->pidfd));
	if (job->feed >= 0)
		job_take_feed(job); /* its last word */
	if (job->feed >= 0)
		close(TAKE_FD(job->feed));
	/* a worker that was killed may have left it stopped, and outside of the session */
	if (job->first >= 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		syscall(SYS_pidfd_send_signal, job->first, SIGKILL, NULL, 0);
	if (worker && (WIFSIGNALED(status) || cgroup_populated(job->cgroup) > 0)) {
		if (fork_end(jobs, l, job) == 0)
			return;
		watchdog_end_session(l, job->session, job->cgroup);
	}
	forget(jobs, l, job);
}

void jobs_abandon(struct jobs *jobs, struct loader *l)
{
	for (struct job *job = jobs->first; job; job = job->next)
		if (job->feed >= 0)
			close(TAKE_FD(job->feed));
	while (jobs->first) {
		struct job *job = jobs->first;

		while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
			;
		forget(jobs, l, job);
	}
}
