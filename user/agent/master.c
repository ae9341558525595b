// SPDX-License-Identifier: GPL-2.0-only
/* master.c - start servers, replace one by another, pass questions on. */
#include "agent/master.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/board.h"
#include "agent/config.h"
#include "agent/link.h"
#include "base/listen.h"
#include "base/notify.h"
#include "agent/metrics_serve.h"
#include "agent/protocol.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/exit_status.h"
#include "report/message.h"
#include "session/cgroup_stale.h"

#define SERVERS_MAX BOARD_SERVERS /* each has an instance of the kernel side */
#define START_MS    300000	  /* a server that is not ready by then is given up */
#define DRAIN_MS    10000 /* one that still takes clients by then is killed, and so its sessions */
#define MESSAGES    64	  /* of one server, before another is looked at */

enum state { STARTING, CURRENT, DRAINING };

struct server {
	struct server *next;
	pid_t pid;
	unsigned slot; /* on the board */
	int pidfd, link;
	enum state state;
	int64_t deadline; /* CLOCK_MONOTONIC, ms: for what it is to do; 0: nothing */
	struct error why; /* it could not start */
};

struct master {
	const struct master_start *start;
	char program[PATH_MAX]; /* what servers execute */
	int listener, signals;
	int alive_ms; /* how often a server is to say that it lives: the watchdog asks this process
		       */
	struct board *board;
	int board_fd;
	int metrics;	   /* listening socket; -1: none */
	pid_t shower;	   /* of metrics; 0: none */
	int64_t shower_at; /* CLOCK_MONOTONIC, ms: when to start it; 0: it runs */
	struct server *first;
	unsigned count;
	int asker;  /* who waits for the reload; -1: nobody */
	bool again; /* SIGHUP came during a start or a reload */
	bool ready; /* there was a server */
	bool over;
	struct error failed; /* why it ends */
};

static struct server *find(const struct master *m, enum state state)
{
	struct server *s = m->first;

	while (s && s->state != state)
		s = s->next;
	return s;
}

/* The old server that has not said yet that it takes no more clients; NULL: none. */
static struct server *leaving(const struct master *m)
{
	struct server *s = m->first;

	while (s && !(s->state == DRAINING && s->deadline))
		s = s->next;
	return s;
}

/* ---- a server's process ---- */

/* Its descriptors: none of the standard ones, and where nothing else is so early. */
enum { SERVER_LISTENER = 3, SERVER_LINK, SERVER_BOARD };

/* The configuration as it is now, but for what cannot change: the socket is listened at. */
static int read_config(struct config *ret, const struct master_start *start, struct error *e)
{
	_buf_ struct buf errors = BUF_INIT;
	int err = config_load(ret, start->file, true, &errors, e);

	for (char *end = errors.at; (end = strchr(end, '\n'));)
		*end = end[1] ? ';' : '\0';
	if (err < 0)
		return error_set(e, err, "%s", errors.len ? errors.at : strerror(-err));
	if ((!start->overrides && strcmp(ret->socket, start->socket) != 0) ||
	    strcmp(ret->group ?: "", start->group ?: "") != 0 ||
	    strcmp(ret->metrics ?: "", start->metrics ?: "") != 0)
		return error_set(
			e, -EINVAL,
			"\"socket\", \"group\" and \"metrics\" change only when the agent is "
			"restarted");
	return 0;
}

static void say_failed(int link, const struct error *e, int err)
{
	struct link_message m = { .kind = LINK_FAILED };

	snprintf(m.text, sizeof(m.text), "%s", e->text[0] ? e->text : strerror(-err));
	link_send(link, &m, -1);
}

int master_serve(const struct master_start *start, const char *how)
{
	struct link_message ready = { .kind = LINK_READY };
	CLEANUP(config_free) struct config config = { 0 };
	struct agent *a = NULL;
	struct error e = { 0 };
	struct board *board = NULL;
	int version = 0, alive_ms = 0, overrides, err;
	unsigned slot = 0;

	prctl(PR_SET_NAME, "wormsign-server");
	if (sscanf(how, "%d,%d,%d,%u", &version, &alive_ms, &overrides, &slot) != 4 ||
	    version != LINK_VERSION || slot >= BOARD_SERVERS) {
		message("this version of wormsign takes a restart of the agent");
		return STATUS_TROUBLE;
	}
	fcntl(SERVER_LISTENER, F_SETFD, FD_CLOEXEC);
	fcntl(SERVER_LINK, F_SETFD, FD_CLOEXEC);
	fcntl(SERVER_BOARD, F_SETFD, FD_CLOEXEC);
	err = board_attach(&board, SERVER_BOARD, true);
	if (err < 0)
		error_set(&e, err,
			  "this version counts otherwise: it takes a restart of the agent");
	close(SERVER_BOARD);
	err = err ?: read_config(&config, start, &e);
	if (err == 0) { /* the command line may have named another */
		free(config.socket);
		config.socket = strdup(start->socket);
		err = config.socket ? 0 : -ENOMEM;
	}
	err = err
		      ?: agent_open(&a, &config, SERVER_LISTENER, SERVER_LINK, alive_ms, board,
				    slot, &e);
	if (err < 0) {
		say_failed(SERVER_LINK, &e, err);
	} else if (link_send(SERVER_LINK, &ready, -1) == 0) {
		err = agent_run(a, &e);
		if (err < 0)
			message("the agent's server ends: %s", e.text);
	}
	agent_free(a);
	board_detach(board);
	return err < 0 ? STATUS_TROUBLE : 0;
}

/* Leave three descriptors to the program, wherever they are now; all others close by themselves. */
static int place_descriptors(int listener, int link, int board)
{
	int a = fcntl(listener, F_DUPFD_CLOEXEC, SERVER_BOARD + 1);
	int b = fcntl(link, F_DUPFD_CLOEXEC, SERVER_BOARD + 1);
	int c = fcntl(board, F_DUPFD_CLOEXEC, SERVER_BOARD + 1);

	if (a < 0 || b < 0 || c < 0 || dup2(a, SERVER_LISTENER) < 0 || dup2(b, SERVER_LINK) < 0 ||
	    dup2(c, SERVER_BOARD) < 0)
		return -errno;
	return 0;
}

static void __attribute__((noreturn)) be_server(const struct master *m, int link, unsigned slot)
{
	const struct master_start *s = m->start;
	char how[60];
	const char *argv[12] = { "wormsign", "agent", "--serve", how, "--socket", s->socket };
	size_t n = 6;
	struct error e = { 0 };
	int err;

	snprintf(how, sizeof(how), "%d,%d,%d,%u", LINK_VERSION, m->alive_ms, s->overrides, slot);
	if (s->group) {
		argv[n++] = "--group";
		argv[n++] = s->group;
	}
	if (s->metrics) {
		argv[n++] = "--metrics";
		argv[n++] = s->metrics;
	}
	if (s->file) {
		argv[n++] = "--config";
		argv[n++] = s->file;
	}
	err = place_descriptors(m->listener, link, m->board_fd);
	if (err == 0) {
		execv(m->program, (char **)argv);
		err = error_set(&e, -errno, "%s: %s", m->program, strerror(errno));
		link = SERVER_LINK;
	}
	say_failed(link, &e, err);
	_exit(STATUS_TROUBLE);
}

static unsigned free_slot(const struct master *m)
{
	unsigned slot = 0;

	for (const struct server *s = m->first; s;) {
		if (s->slot == slot) { /* look through all of them again */
			slot++;
			s = m->first;
		} else {
			s = s->next;
		}
	}
	return slot;
}

static int fork_server(struct master *m, struct error *e)
{
	struct server *s = calloc(1, sizeof(*s));
	int ends[2];

	if (!s || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		free(s);
		return error_set(e, -ENOMEM, "no memory for another server");
	}
	s->slot = free_slot(m);
	s->pid = fork();
	if (s->pid == 0)
		be_server(m, ends[1], s->slot);
	close(ends[1]);
	s->link = ends[0];
	s->pidfd = s->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (s->pidfd < 0) {
		int err = -errno;

		close(s->link); /* it ends by that */
		while (s->pid > 0 && waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
		free(s);
		return error_set(e, err, "another server cannot be started: %s", strerror(-err));
	}
	s->state = STARTING;
	s->deadline = clock_ms() + START_MS;
	s->next = m->first;
	m->first = s;
	m->count++;
	return 0;
}

/* ---- reload ---- */

static void begin_reload(struct master *m, int asker);

/* The one that was asked for meanwhile. */
static void begin_waiting(struct master *m)
{
	if (!m->again)
		return;
	m->again = false;
	begin_reload(m, -1);
}

static void answer(struct master *m, const struct error *failed)
{
	struct agent_head done = { .kind = AGENT_DONE };

	notify(failed ? "READY=1\nSTATUS=Watching; the last reload failed, the old rules stay"
		      : "READY=1\nSTATUS=Watching what clients begin");
	board_add(failed ? &m->board->failed_reloads : &m->board->reloads, 1);
	if (failed)
		message("not reloaded, the old rules and configuration stay: %s", failed->text);
	else
		message("reloaded: new sessions have the rules and the configuration as they are "
			"now");
	if (m->asker >= 0) {
		if (failed)
			protocol_refuse(m->asker, failed, 0);
		else
			protocol_send(m->asker, &done, sizeof(done), NULL, 0, NULL, 0,
				      MSG_DONTWAIT);
		close(TAKE_FD(m->asker));
	}
	begin_waiting(m);
}

/* Takes the asker, who is answered at the end; -1: nobody asked by a connection. */
static void begin_reload(struct master *m, int asker)
{
	char state[128];
	struct error e = { 0 };

	if (find(m, STARTING) || leaving(m)) {
		error_set(&e, -EBUSY, "another reload is under way");
		if (asker >= 0) {
			protocol_refuse(asker, &e, -EBUSY);
			close(asker);
		} else {
			m->again = true;
		}
		return;
	}
	m->asker = asker;
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reloading",
		 clock_ns(CLOCK_MONOTONIC) / 1000);
	notify(state);
	if (m->count >= SERVERS_MAX) {
		error_set(&e, -EBUSY,
			  "sessions that began before the last %u reloads still run (wormsign "
			  "status)",
			  m->count - 1);
		answer(m, &e);
	} else if (fork_server(m, &e) < 0) {
		answer(m, &e);
	}
}

/* Clients are its own from now on; the old one is told to take none any more. */
static void make_current(struct master *m, struct server *s)
{
	struct server *old = find(m, CURRENT);
	struct link_message drain = { .kind = LINK_DRAIN };

	s->state = CURRENT;
	s->deadline = 0;
	if (!old) {
		message("the agent listens at %s", m->start->socket);
		notify("READY=1\nSTATUS=Watching what clients begin");
		m->ready = true;
		begin_waiting(m);
		return;
	}
	old->state = DRAINING;
	old->deadline = clock_ms() + DRAIN_MS;
	if (link_send(old->link, &drain, -1) < 0)
		old->deadline = 1; /* it is past: it hangs */
}

/* ---- what servers say ---- */

static bool is_root(int client)
{
	struct ucred c;
	socklen_t len = sizeof(c);

	return getsockopt(client, SOL_SOCKET, SO_PEERCRED, &c, &len) == 0 && c.uid == 0;
}

static void take_ask(struct master *m, struct link_message *ask, int client)
{
	if (ask->asked == AGENT_RELOAD) {
		if (is_root(client)) /* by the kernel's word, not by the server's */
			begin_reload(m, client);
		else
			close(client);
		return;
	}
	ask->parts = m->count - (find(m, STARTING) != NULL);
	for (struct server *s = m->first; s; s = s->next)
		if (s->state != STARTING)
			link_send(s->link, ask, client);
	close(client);
}

static void take_message(struct master *m, struct server *s, struct link_message *msg, int fd)
{
	switch (msg->kind) {
	case LINK_READY:
		if (s->state == STARTING)
			make_current(m, s);
		break;
	case LINK_FAILED:
		error_set(&s->why, -1, "%s", msg->text);
		break;
	case LINK_ALIVE:
		if (s->state == CURRENT)
			notify("WATCHDOG=1");
		break;
	case LINK_ASK:
		take_ask(m, msg, fd);
		break;
	case LINK_DRAINING:
		if (s == leaving(m)) {
			s->deadline = 0;
			answer(m, NULL);
		}
		break;
	}
}

static void take_link(struct master *m, struct server *s)
{
	struct link_message msg;
	int fd;

	for (int i = 0; i < MESSAGES && link_receive(s->link, &msg, &fd) == 0; i++)
		take_message(m, s, &msg, fd);
}

static void forget(struct master *m, struct server *s)
{
	for (struct server **at = &m->first; *at; at = &(*at)->next) {
		if (*at != s)
			continue;
		*at = s->next;
		m->count--;
		break;
	}
	memset(&m->board->servers[s->slot], 0, sizeof(m->board->servers[s->slot]));
	close(s->pidfd);
	close(s->link);
	free(s);
}

static void take_end(struct master *m, struct server *s)
{
	enum state state;
	bool was_leaving;
	struct error why;
	int status = 0;

	take_link(m, s); /* what it said last */
	was_leaving = s == leaving(m);
	state = s->state;
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		error_set(&s->why, -1, "the server was killed by signal %d%s", WTERMSIG(status),
			  state == STARTING ? " while it started" : "");
	else
		error_set(&s->why, -1, "the server has ended");
	why = s->why;
	forget(m, s);
	if (state == CURRENT || (state == STARTING && !find(m, CURRENT))) {
		m->failed = why;
		m->over = true;
	} else if (state == STARTING) {
		answer(m, &why);
	} else if (was_leaving) {
		answer(m, NULL);
	}
}

/* ---- metrics ---- */

#define AGAIN_MS 1000 /* one that has died is started again after so long */

static void start_shower(struct master *m)
{
	if (m->metrics < 0 || !m->shower_at || clock_ms() < m->shower_at)
		return;
	m->shower_at = 0;
	m->shower = fork();
	if (m->shower == 0)
		metrics_serve(m->metrics, m->board_fd);
	if (m->shower < 0)
		m->shower_at = clock_ms() + AGAIN_MS;
}

/* By SIGCHLD: servers are waited for by their pidfds. */
static void look_at_shower(struct master *m)
{
	if (m->shower <= 0 || waitpid(m->shower, NULL, WNOHANG) != m->shower)
		return;
	message("the process that serves metrics has died: it is started again");
	m->shower = 0;
	m->shower_at = clock_ms() + AGAIN_MS;
}

static void end_shower(struct master *m)
{
	if (m->shower <= 0)
		return;
	kill(m->shower, SIGKILL);
	while (waitpid(m->shower, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---- the loop ---- */

static void take_signals(struct master *m)
{
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGHUP)
			begin_reload(m, -1);
		else if (info.ssi_signo == SIGCHLD)
			look_at_shower(m);
		else
			m->over = true;
}

/* Kill what is not in time; its end is seen by its pidfd. Returns how long to wait for the next. */
static int look_at_deadlines(struct master *m)
{
	int64_t now = clock_ms(), wait = -1;

	for (struct server *s = m->first; s; s = s->next) {
		if (!s->deadline)
			continue;
		if (s->deadline <= now) {
			error_set(&s->why, -1, "the server was not ready after %d s",
				  START_MS / 1000);
			syscall(SYS_pidfd_send_signal, s->pidfd, SIGKILL, NULL, 0);
			continue;
		}
		if (wait < 0 || s->deadline - now < wait)
			wait = s->deadline - now;
	}
	return (int)wait;
}

static int loop(struct master *m, struct error *e)
{
	struct pollfd p[1 + 2 * SERVERS_MAX];

	while (!m->over) {
		int wait = look_at_deadlines(m);
		struct server *s = m->first, *next;
		nfds_t n = 1;

		start_shower(m);
		if (m->shower_at && (wait < 0 || wait > AGAIN_MS))
			wait = AGAIN_MS;

		p[0] = (struct pollfd){ .fd = m->signals, .events = POLLIN };
		for (; s; s = s->next) {
			p[n++] = (struct pollfd){ .fd = s->link, .events = POLLIN };
			p[n++] = (struct pollfd){ .fd = s->pidfd, .events = POLLIN };
		}
		if (poll(p, n, wait) < 0 && errno != EINTR)
			return error_set(e, -errno, "poll: %s", strerror(errno));
		n = 1;
		for (s = m->first; s; s = next, n += 2) {
			next = s->next;
			if (p[n + 1].revents)
				take_end(m, s);
			else if (p[n].revents)
				take_link(m, s);
		}
		if (p[0].revents)
			take_signals(m);
	}
	if (m->failed.text[0])
		return error_set(e, -EPIPE, "%s%s",
				 m->ready ? "" : "it could not start: ", m->failed.text);
	return 0;
}

/* ---- life ---- */

static int prepare(struct master *m, struct error *e)
{
	ssize_t n = readlink("/proc/self/exe", m->program, sizeof(m->program) - 1);
	unsigned stale;
	sigset_t set;
	int err;

	if (n <= 0)
		return error_set(e, -errno, "/proc/self/exe: %s", strerror(errno));
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL); /* servers inherit it: these are for the master */
	signal(SIGPIPE, SIG_IGN);
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m->signals < 0)
		return error_set(e, -errno, "signalfd: %s", strerror(errno));
	err = board_make(&m->board, &m->board_fd);
	if (err < 0)
		return error_set(e, err, "memory for counts: %s", strerror(-err));
	if (m->start->metrics) {
		err = metrics_listen(&m->metrics, m->start->metrics, e);
		m->shower_at = 1; /* at once */
	}
	err = err
		      ?: listen_at(&m->listener, m->start->socket, SOCK_SEQPACKET, 0666,
				   m->start->group, e);
	if (err == 0 && (stale = cgroup_stale_end()))
		message("what lived in %u session%s of an agent that was killed has been ended",
			stale, stale == 1 ? "" : "s");
	return err;
}

/* Servers see the end of their links, and end their sessions. */
static void end_servers(struct master *m)
{
	for (struct server *s = m->first; s; s = s->next) {
		if (s->state == STARTING) /* it has none */
			syscall(SYS_pidfd_send_signal, s->pidfd, SIGKILL, NULL, 0);
		shutdown(s->link, SHUT_RDWR);
	}
	while (m->first) {
		while (waitpid(m->first->pid, NULL, 0) < 0 && errno == EINTR)
			;
		forget(m, m->first);
	}
}

int master_run(const struct master_start *start, struct error *e)
{
	struct master m = { .start = start,
			    .listener = -1,
			    .signals = -1,
			    .asker = -1,
			    .alive_ms = notify_watchdog_ms(),
			    .board_fd = -1,
			    .metrics = -1 };
	int err = prepare(&m, e);

	err = err ?: fork_server(&m, e);
	err = err ?: loop(&m, e);
	notify("STOPPING=1");
	if (m.listener >= 0) {
		unlink(start->socket);
		close(m.listener);
	}
	end_servers(&m);
	end_shower(&m);
	if (m.metrics >= 0) {
		if (start->metrics[0] == '/')
			unlink(start->metrics);
		close(m.metrics);
	}
	board_detach(m.board);
	if (m.board_fd >= 0)
		close(m.board_fd);
	if (m.asker >= 0)
		close(m.asker);
	if (m.signals >= 0)
		close(m.signals);
	return err;
}
