// SPDX-License-Identifier: GPL-2.0-only
/* agent.c - accept clients, read the rings, take sessions down. */
#include "agent/agent.h"

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/feed.h"
#include "agent/job.h"
#include "agent/link.h"
#include "agent/protocol.h"
#include "agent/recognise.h"
#include "agent/rules.h"
#include "agent/status.h"
#include "base/trusted.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/cost.h"
#include "kernel/coverage.h"
#include "events/ci_jobs.h"
#include "kernel/forget.h"
#include "kernel/job_starts.h"
#include "kernel/ring.h"
#include "kernel/start.h"
#include "kernel/tls_libraries.h"
#include "policy/compile.h"
#include "report/message.h"
#include "session/admitter.h"
#include "session/capabilities.h"
#include "session/call_guard.h"
#include "session/file_guard.h"
#include "session/held_process.h"
#include "session/pid_namespace.h"

/* When no session has run for so long, the hooks that slow the whole machine are detached. */
#define SETTLE_MS 1000
/* So long after the end of a session, what ended ones have left is removed from the tables, whether
 * or not others run: it takes a walk over all that these hold. */
#define FORGET_MS 1000

/* A process that was stopped stands still by then. */
#define JOB_STOP_MS 20

struct agent {
	const struct config *config;
	const char **keep; /* config->keep_env, NULL-ended */
	struct agent_rules rules;
	struct loader *loader;
	struct ring *ring;
	struct admitter admitter;
	const char *not_admitted; /* why scripts are not held; NULL: they are */
	const char *files_open;	  /* why none of their opens is refused; NULL: some are */
	const char *calls_open;	  /* ... and of their other calls, before they begin */
	int listener, link;	  /* listener -1: takes no more clients */
	int alive_ms;		  /* as of agent_open() */
	int64_t alive_at;	  /* CLOCK_MONOTONIC, ms: when to say so next */
	struct jobs jobs;
	struct agent_part part;	   /* what STATUS says of it */
	struct job_starts *starts; /* NULL: no jobs are recognised */
	char *claims;		   /* directory: see job_start_recognised() */
	int64_t settle_at;	   /* CLOCK_MONOTONIC, ms; 0: has settled, or sessions run */
	bool draining;		   /* the master wants it to end with its last session */
	bool unsaid;		   /* ... and has not heard that it takes no more clients */
	struct board *board;
	struct costs *costs; /* what the board has of them; NULL: there are no metrics */
	int64_t look_at;     /* CLOCK_MONOTONIC, ms: when to look at costs again */
	unsigned forgot;     /* a->jobs.ended when the tables were cleared last */
	int64_t forget_at;   /* CLOCK_MONOTONIC, ms: when to do it again; 0: no session ended */
	bool over;
};

/* ---- records ---- */

static void on_record(void *arg, const struct ws_head *rec)
{
	struct agent *a = arg;

	if (rec->kind == WS_REC_VERDICT) {
		const struct ws_rec_verdict *v = (const struct ws_rec_verdict *)rec;

		jobs_count(&a->jobs, v->rule, v->action, v->mode, 1);
	}
	jobs_record(&a->jobs, rec);
}

/* What was done for scripts goes to their sessions. */
static void on_admitted(struct agent *a)
{
	static struct admitted report;
	struct ws_scope scope;

	while (admitted_read(a->admitter.socket, &report) == 0)
		if (loader_scope_read(a->loader, report.scope, &scope) == 0)
			jobs_admitted(&a->jobs, scope.session, &report);
}

/* A worker asks for a mark: all that the rings hold comes before it. */
static void on_feed(struct agent *a, struct job *job)
{
	if (!job_take_feed(job))
		return; /* its end is seen by its pidfd */
	for (int rounds = 64; rounds > 0 && ring_consume(a->ring) > 0; rounds--)
		;
	if (!a->not_admitted)
		on_admitted(a);
	job_mark(job, ring_bad(a->ring));
}

/* ---- clients ---- */

static struct worker new_worker(const struct agent *a, struct peer *peer, int client)
{
	return (struct worker){
		.config = a->config,
		.loader = a->loader,
		.tables = a->rules.tables,
		.rules = a->rules.set,
		.rules_dirs = a->rules.dirs.text,
		.power = a->rules.power,
		.not_admitted = a->not_admitted,
		.files_open = a->files_open,
		.calls_open = a->calls_open,
		.rules_image = a->rules.image,
		.session_log = a->rules.session_log,
		.peer = peer,
		.client = client,
	};
}

static int check_limits(const struct agent *a, uid_t uid, struct error *e)
{
	/* those of servers that a reload has replaced count, too */
	if (board_sessions(a->board, (uid_t)-1) >= a->config->sessions)
		return error_set(e, -EBUSY, "the agent has %u sessions, which is its limit",
				 a->config->sessions);
	if (board_sessions(a->board, uid) >= a->config->sessions_per_user)
		return error_set(e, -EBUSY, "you have %u sessions, which is the limit for a user",
				 a->config->sessions_per_user);
	return 0;
}

static int serve(struct agent *a, struct pending *one, struct error *e)
{
	struct worker w = new_worker(a, &one->peer, one->socket);
	int err;

	if (one->peer.uid == 0)
		return error_set(e, -EPERM, "root needs no agent: use --no-agent");
	err = check_limits(a, one->peer.uid, e);
	err = err ?: loader_wake(a->loader, e);
	err = err ?: job_start(&a->jobs, &w, e);
	a->settle_at = a->jobs.count ? 0 : clock_ms() + SETTLE_MS;
	return err;
}

/* ---- recognised jobs ---- */

static int begin_job(struct agent *a, struct recognised *job, uint64_t started, struct error *e)
{
	struct worker w = new_worker(a, &job->peer, -1);
	int err = check_limits(a, job->peer.uid, e);

	w.job = job;
	err = err ?: loader_wake(a->loader, e);
	err = err ?: job_start_recognised(&a->jobs, &w, a->claims, started, e);
	a->settle_at = a->jobs.count ? 0 : clock_ms() + SETTLE_MS;
	return err;
}

/* A process stands stopped at its exec: watch it and continue it, or only that. One that should be
 * watched and cannot be is killed. */
static void on_job_start(void *arg, uint32_t pid, const struct ws_job_exec *exec)
{
	CLEANUP(recognised_free) struct recognised job = { .pidfd = -1 };
	struct agent *a = arg;
	struct error e = { 0 };
	int err;

	err = recognise(&job, exec->starts, &a->config->runners, (pid_t)pid, (pid_t)exec->runner);
	if (err == 0)
		err = begin_job(a, &job, exec->started, &e);
	if (err == 0)
		return; /* its worker lets it go */
	if (job.pidfd >= 0)
		held_process_wait((pid_t)pid, JOB_STOP_MS);
	job_starts_let_go(a->loader, pid);
	if (job.pidfd < 0)
		return;				/* it has died */
	if (err == -ENOENT || err == -EEXIST) { /* no job, or another server's, which holds it */
		syscall(SYS_pidfd_send_signal, job.pidfd, SIGCONT, NULL, 0);
		return;
	}
	syscall(SYS_pidfd_send_signal, job.pidfd, SIGKILL, NULL, 0);
	message("a %s job of user %u was killed (pid %u): it could not be watched: %s",
		job.start ? job.start->provider : "CI", (unsigned)job.peer.uid, pid,
		e.text[0] ? e.text : strerror(-err));
}

/* A client that asks for something: the master passes it on to all servers, or does it. */
static int pass_on(struct agent *a, const struct pending *one, struct error *e)
{
	static union agent_message m;
	struct link_message ask = { .kind = LINK_ASK, .uid = one->peer.uid };
	size_t fds;
	ssize_t n = protocol_receive(one->socket, &m, NULL, 0, &fds, MSG_DONTWAIT);
	int err = n < 0 ? (int)n : protocol_check_from_client(&m, n, fds, e);

	if (err < 0)
		return err;
	ask.asked = m.head.kind;
	ask.session = m.ask.session;
	if (ask.asked == AGENT_RELOAD && one->peer.uid != 0)
		return error_set(e, -EPERM, "only root may reload its rules");
	err = link_send(a->link, &ask, one->socket);
	return err < 0 ? error_set(e, err, "too much is asked of the agent at once") : 0;
}

static void on_said(struct agent *a, struct pending *one)
{
	struct error e = { 0 };
	int kind = pending_kind(one), err = 0;

	if (!kind)
		return;
	pending_take(&a->jobs.pending, one);
	switch (kind) {
	case -EPIPE:
		break;
	case AGENT_START:
		err = serve(a, one, &e);
		if (err < 0)
			board_add(&a->board->refused, 1);
		break;
	case AGENT_STATUS:
	case AGENT_STOP:
	case AGENT_RELOAD:
		err = pass_on(a, one, &e);
		break;
	default:
		err = error_set(&e, -EBADMSG, "the first message is none that begins anything");
	}
	if (err < 0)
		protocol_refuse(one->socket, &e, err);
	pending_free(one);
}

static void on_client(struct agent *a)
{
	_close_ int client = accept4(a->listener, NULL, NULL, SOCK_CLOEXEC);
	CLEANUP(peer_done) struct peer peer = { .pidfd = -1 };
	struct error e = { 0 };
	int err;

	if (client < 0)
		return;
	err = peer_find(&peer, client, &e);
	err = err
		      ?: pending_add(&a->jobs.pending, client, &peer, clock_ms(),
				     a->config->sessions_per_user, a->config->sessions, &e);
	if (err < 0) {
		protocol_refuse(client, &e, err);
		return;
	}
	client = peer.pidfd = -1; /* taken */
}

/* ---- metrics ---- */

#define COSTS_MS 5000 /* between looks, while sessions run */

struct costs {
	uint64_t lost[WS_LOST_MAX], missed;
	size_t at;
	struct {
		uint64_t runs, ns;
	} hooks[BOARD_HOOKS];
};

static void add_hook(void *arg, const char *program, uint64_t runs, uint64_t ns)
{
	struct agent *a = arg;
	struct costs *c = a->costs;
	struct board_row *row = board_row(a->board->hooks, BOARD_HOOKS, program);

	if (!row || c->at >= BOARD_HOOKS)
		return;
	board_add(&row->n[BOARD_RUNS], runs - c->hooks[c->at].runs);
	board_add(&row->n[BOARD_NS], ns - c->hooks[c->at].ns);
	c->hooks[c->at].runs = runs;
	c->hooks[c->at++].ns = ns;
}

static uint64_t resident(void)
{
	_fclose_ FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	return f && fscanf(f, "%*u %lu", &pages) == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static uint64_t descriptors(void)
{
	_closedir_ DIR *d = opendir("/proc/self/fd");
	uint64_t n = 0;

	while (d && readdir(d))
		n++;
	return n > 3 ? n - 3 : 0; /* ".", "..", and the directory's own */
}

/* What is lost is counted by the kernel side from its start on: add what is new. */
static void look_at_costs(struct agent *a)
{
	struct board_server *slot = a->jobs.slot;
	uint64_t lost[WS_LOST_MAX], missed;
	int64_t now = clock_ms();

	if (!a->costs || now < a->look_at)
		return;
	a->look_at = now + COSTS_MS;
	if (loader_lost(a->loader, lost, &missed) == 0) {
		for (unsigned i = 0; i < WS_LOST_MAX; i++)
			board_add(&a->board->lost[i], lost[i] - a->costs->lost[i]);
		board_add(&a->board->missed, missed - a->costs->missed);
		memcpy(a->costs->lost, lost, sizeof(lost));
		a->costs->missed = missed;
	}
	a->costs->at = 0;
	cost_of_programs(a->loader, add_hook, a);
	slot->resident = resident();
	slot->descriptors = descriptors();
	slot->maps = cost_of_maps(a->loader);
}

/* ---- the loop ---- */

static void say_draining(struct agent *a)
{
	struct link_message m = { .kind = LINK_DRAINING };

	a->unsaid = link_send(a->link, &m, -1) == -EAGAIN;
}

/* Takes the client. */
static void on_ask(struct agent *a, const struct link_message *m, int client)
{
	struct error e = { 0 };
	int err;

	if (m->asked == AGENT_STOP) {
		err = jobs_stop(&a->jobs, a->loader, m->session, m->uid, client);
		if (err == 0)
			return; /* answered when the session has ended */
		if (err == -EALREADY) {
			error_set(&e, err, "it is being ended already");
			protocol_refuse(client, &e, err);
		}
	} else if (m->asked == AGENT_STATUS) {
		a->part.parts = m->parts;
		a->part.draining = a->draining;
		status_send(client, m->uid, &a->jobs, a->loader, &a->part);
	}
	close(client);
}

static void on_link(struct agent *a)
{
	struct link_message m;
	int fd, err = link_receive(a->link, &m, &fd);

	if (err == -EPIPE)
		a->over = true; /* the master has died, or ends */
	if (err < 0)
		return;
	if (m.kind == LINK_ASK) {
		on_ask(a, &m, fd);
	} else if (m.kind == LINK_DRAIN) {
		a->draining = true;
		a->listener = -1;
		if (a->starts) /* those that are stopped already are still taken */
			job_starts_detach(a->starts);
		say_draining(a);
	}
}

static void say_alive(struct agent *a)
{
	struct link_message m = { .kind = LINK_ALIVE };
	int64_t now = clock_ms();

	if (a->alive_ms < 0 || now < a->alive_at)
		return;
	link_send(a->link, &m, -1);
	a->alive_at = now + a->alive_ms;
}

static void settle(struct agent *a)
{
	if (!a->settle_at || clock_ms() < a->settle_at)
		return;
	a->settle_at = 0;
	a->look_at = 0; /* once more: then nothing changes until there is a session */
	loader_rest(a->loader);
}

static void forget(struct agent *a)
{
	if (a->forgot == a->jobs.ended)
		return;
	if (!a->forget_at)
		a->forget_at = clock_ms() + FORGET_MS;
	if (clock_ms() < a->forget_at)
		return;
	a->forget_at = 0;
	a->forgot = a->jobs.ended;
	loader_forget_ended(a->loader);
	jobs_forgotten(&a->jobs);
}

/* The sooner of two times to wait, of which a negative one is for ever. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int next_timeout(struct agent *a)
{
	int64_t now = clock_ms();
	int wait = sooner(a->alive_ms, pending_expire(&a->jobs.pending, now));

	if (a->costs && a->jobs.count)
		wait = sooner(wait, a->look_at > now ? (int)(a->look_at - now) : 0);

	if (a->forget_at)
		wait = sooner(wait, a->forget_at > now ? (int)(a->forget_at - now) : 0);
	if (a->settle_at)
		wait = sooner(wait, a->settle_at > now ? (int)(a->settle_at - now) : 0);
	return wait;
}

enum { P_LISTEN, P_LINK, P_RING, P_ADMITTER, P_ADMITTED, P_STARTS, P_JOBS };

/* After those of the agent itself two descriptors for each job, then one for each client that has
 * said nothing. */
static nfds_t fill(const struct agent *a, struct pollfd *p)
{
	nfds_t n = P_JOBS;

	p[P_LISTEN] = (struct pollfd){ .fd = a->listener, .events = POLLIN };
	p[P_LINK] =
		(struct pollfd){ .fd = a->link, .events = a->unsaid ? POLLIN | POLLOUT : POLLIN };
	p[P_RING] = (struct pollfd){ .fd = ring_poll_fd(a->ring), .events = POLLIN };
	p[P_ADMITTER] = (struct pollfd){ .fd = a->admitter.pidfd, .events = POLLIN };
	p[P_ADMITTED] = (struct pollfd){ .fd = a->admitter.socket, .events = POLLIN };
	p[P_STARTS] = (struct pollfd){ .fd = a->starts ? job_starts_fd(a->starts) : -1,
				       .events = POLLIN };
	for (const struct job *job = a->jobs.first; job; job = job->next) {
		p[n++] = (struct pollfd){ .fd = job->pidfd, .events = POLLIN };
		p[n++] = (struct pollfd){ .fd = job->feed,
					  .events = job->mark_waits || job->stop_waits
							    ? POLLIN | POLLOUT
							    : POLLIN };
	}
	for (const struct pending *one = a->jobs.pending.first; one; one = one->next)
		p[n++] = (struct pollfd){ .fd = one->socket, .events = POLLIN };
	return n;
}

static void take(struct agent *a, const struct pollfd *p)
{
	struct pending *one = a->jobs.pending.first, *after;
	const struct pollfd *at = p + P_JOBS;
	struct job *next;

	if (p[P_RING].revents)
		ring_consume(a->ring);
	if (p[P_ADMITTED].revents)
		on_admitted(a);
	for (struct job *job = a->jobs.first; job; job = next, at += 2) {
		next = job->next;
		if (at[1].revents & POLLOUT)
			job_send_again(job, ring_bad(a->ring));
		if (at[1].revents & POLLIN)
			on_feed(a, job);
		if (at[0].revents)
			job_take_end(&a->jobs, a->loader, job);
	}
	if (!a->jobs.count && !a->settle_at && at != p + P_JOBS)
		a->settle_at = clock_ms() + SETTLE_MS;
	if (p[P_LINK].revents & POLLOUT)
		say_draining(a);
	if (p[P_LINK].revents & (POLLIN | POLLHUP | POLLERR))
		on_link(a);
	for (; one; one = after, at++) {
		after = one->next;
		if (at->revents)
			on_said(a, one);
	}
	if (p[P_LISTEN].revents && a->listener >= 0)
		on_client(a);
	if (p[P_STARTS].revents)
		job_starts_take(a->starts, on_job_start, a);
}

int agent_run(struct agent *a, struct error *e)
{
	size_t room = P_JOBS + 3 * (size_t)a->config->sessions + PENDING_ROOT;
	_free_ struct pollfd *p = calloc(room, sizeof(*p));

	if (!p)
		return error_set(e, -ENOMEM, "out of memory");
	while (!a->over && !(a->draining && !a->jobs.count && !a->jobs.pending.count)) {
		int wait = next_timeout(a);
		nfds_t n = fill(a, p);

		if (poll(p, n, wait) < 0 && errno != EINTR)
			return error_set(e, -errno, "poll: %s", strerror(errno));
		if (p[P_ADMITTER].revents) /* scripts stay stopped: their sessions end */
			return error_set(e, -EPIPE, "its process that admits scripts has died");
		take(a, p);
		settle(a);
		forget(a);
		look_at_costs(a);
		say_alive(a);
	}
	return 0;
}

/* ---- life ---- */

static void fill_part(struct agent *a)
{
	struct agent_part *p = &a->part;

	*p = (struct agent_part){
		.head.kind = AGENT_PART,
		.since = clock_ns(CLOCK_REALTIME),
		.backend = loader_backend(a->loader),
		.rules = (uint32_t)a->rules.set->count,
		.version = WORMSIGN_VERSION,
	};
	snprintf(p->rules_dirs, sizeof(p->rules_dirs), "%s", a->rules.dirs.text);
	snprintf(p->not_admitted, sizeof(p->not_admitted), "%s", a->not_admitted ?: "");
}

static bool is_watched(const struct config *c, const char *provider)
{
	for (size_t i = 0; i < c->jobs.count; i++)
		if (strcmp(c->jobs.at[i], provider) == 0)
			return true;
	return false;
}

/* The directory of jobs' logs: only root writes there, and it is listed by nobody else. */
static int open_logs(const struct config *c, struct error *e)
{
	char *end = strrchr(c->job_logs, '/');

	if (end != c->job_logs) {
		*end = 0;
		mkdir(c->job_logs, 0711);
		*end = '/';
	}
	if (mkdir(c->job_logs, 0711) < 0 && errno != EEXIST)
		return error_set(e, -errno, "%s: %s", c->job_logs, strerror(errno));
	return trusted_path(c->job_logs, e);
}

/* The entry of that name, which is made if there is none. A table that is too long for the kernel
 * side is refused by the build. */
static struct ws_job_program *name_program(struct job_program *programs, size_t *count,
					   const char *name)
{
	size_t i = 0;

	while (i < *count && strcmp(programs[i].name.bytes, name) != 0)
		i++;
	if (i == *count)
		snprintf(programs[(*count)++].name.bytes, WS_JOB_NAME_MAX, "%s", name);
	return &programs[i].program;
}

/* Begin to recognise jobs, if the configuration names any. */
static int watch_jobs(struct agent *a, struct error *e)
{
	struct job_program programs[WS_JOB_PROGRAMS_MAX] = { 0 };
	const char *slash = strrchr(a->config->socket, '/');
	size_t count = 0;
	int err;

	if (!a->config->jobs.count)
		return 0;
	if (!pid_namespace_is_first())
		return error_set(e, -EOPNOTSUPP,
				 "\"jobs\": jobs cannot be recognised in a pid namespace (a "
				 "container without --pid=host)");
	for (size_t i = 0; i < ci_start_count; i++) {
		const struct ci_start *s = &ci_starts[i];

		if (!is_watched(a->config, s->provider))
			continue;
		name_program(programs, &count, s->runner)->runner_of |= 1u << i;
		for (const char *const *name = s->through; *name; name++)
			name_program(programs, &count, *name)->through_of |= 1u << i;
	}
	a->claims = strndup(a->config->socket, slash - a->config->socket);
	if (!a->claims)
		return error_set(e, -ENOMEM, "out of memory");
	err = open_logs(a->config, e);
	return err ?: job_starts_open(&a->starts, a->loader, programs, count, e);
}

static int open_all(struct agent *a, struct error *e)
{
	struct loader_options lo = { .backend = a->config->backend, .jobs = a->config->jobs.count };
	struct admitter_options admission = { 0 };
	const struct hook_state *hooks;
	size_t count;
	int err;

	a->keep = calloc(a->config->keep_env.count + 1, sizeof(*a->keep));
	if (!a->keep)
		return error_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < a->config->keep_env.count; i++)
		a->keep[i] = a->config->keep_env.at[i];
	err = capabilities_check(true, e);
	err = err ?: agent_rules_read(&a->rules, a->config, e);
	err = err ?: loader_open(&a->loader, a->rules.tables, &lo, e);
	if (err < 0)
		return err;
	tables_rest(a->rules.tables);
#ifdef __GLIBC__
	malloc_trim(0); /* compiling has taken up to 70 MB that is not needed again */
#endif
	tls_libraries_watch(a->loader, getenv("PATH"));
	count = loader_hooks(a->loader, &hooks);
	a->rules.power = coverage_of(hooks, count, a->rules.set);
	loader_rest(a->loader);
	a->not_admitted = admitter_unavailable();
	if (loader_backend(a->loader) == WS_BACKEND_WATCH) {
		a->files_open = file_guard_unavailable();
		a->calls_open = a->files_open ?: call_guard_unavailable(a->loader);
	}
	/* on deny the clients say where such files are, and the kernel side hides them */
	admission.each_session = loader_backend(a->loader) == WS_BACKEND_WATCH && !a->files_open;
	admission.keep = a->keep;
	admission.rules = admission.each_session ? a->rules.set : NULL;
	if (!a->not_admitted)
		err = admitter_start(&a->admitter, a->loader, &admission, e);
	err = err
		      ?: ring_open(&a->ring, loader_alerts_fd(a->loader),
				   loader_telemetry_fd(a->loader), on_record, a, e);
	err = err ?: watch_jobs(a, e);
	if (err < 0)
		return err;
	fill_part(a);
	a->jobs.rules = a->rules.set;
	a->costs = a->config->metrics ? calloc(1, sizeof(*a->costs)) : NULL;
	err = capabilities_of_agent(a->config->jobs.count);
	if (err < 0)
		error_set(e, err, "privileges cannot be given up: %s", strerror(-err));
	return err;
}

int agent_open(struct agent **ret, const struct config *config, int listener, int link,
	       int alive_ms, struct board *board, unsigned slot, struct error *e)
{
	struct agent *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return error_set(e, -ENOMEM, "out of memory");
	a->config = config;
	a->admitter = (struct admitter){ .pidfd = -1, .socket = -1 };
	a->rules.image = -1;
	a->listener = listener;
	a->link = link;
	a->alive_ms = alive_ms;
	a->board = a->jobs.board = board;
	a->jobs.shares = shares_make();
	a->jobs.slot = &board->servers[slot];
	a->jobs.slot->pid = (uint32_t)getpid();
	a->jobs.listener = listener;
	a->jobs.link = link;
	err = a->jobs.shares ? open_all(a, e) : error_set(e, -ENOMEM, "out of memory");
	if (err < 0)
		agent_free(a);
	else
		*ret = a;
	return err;
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	pending_free_all(&a->jobs.pending);
	jobs_abandon(&a->jobs, a->loader); /* workers see it, and end their sessions */
	jobs_forgotten(&a->jobs);
	admitter_end(&a->admitter);
	job_starts_free(a->starts);
	free(a->claims);
	free(a->costs);
	free(a->keep);
	ring_free(a->ring);
	loader_free(a->loader);
	agent_rules_free(&a->rules);
	free(a);
}
