// SPDX-License-Identifier: GPL-2.0-only
/* worker.c - admit, enter, supervise, report. */
#include "agent/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/account.h"
#include "agent/feed.h"
#include "agent/job_watch.h"
#include "agent/protocol.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/job_starts.h"
#include "kernel/sessions.h"
#include "report/message.h"
#include "session/capabilities.h"
#include "session/earlier_list.h"
#include "session/delivery_feed.h"
#include "session/kernel_session.h"
#include "session/knower.h"
#include "session/made_enter.h"
#include "session/made_list.h"
#include "session/named_files.h"
#include "session/path_below.h"
#include "session/places.h"
#include "session/residue_look.h"
#include "session/run_as.h"
#include "session/supervise.h"

#define FIRST_MESSAGE_MS 5000  /* a client that sends nothing for so long is disconnected */
#define LAST_MESSAGE_MS	 10000 /* ... that takes nothing at the end */
#define STATUS_MS	 500   /* ... that does not say the command's status */
#define CONSUME		 256   /* records of one share */
#define JOB_GRACE_MS	 200   /* what a whole job leaves running may end by itself for so long */

struct serving {
	struct worker *w;
	struct supervise supervise;
	struct kernel_losses before;
	int command; /* pidfd */
	int news;    /* epoll of the command's end and of the client */
	bool client_gone;
	uint64_t unsent[WS_LOST_MAX]; /* records that the client did not take */
	struct feed_mark mark;	      /* the last one */
	uint32_t stopped;	      /* enum agent_stopped */
	const char *not_admitted;     /* why scripts are not held; NULL: they are */
	char *home;		      /* of the user database, without links; NULL: none */
	struct knower_here here;      /* what the client has found is entered by it */
	unsigned known;		      /* messages KNOW and PLACE */
	struct job_watch job;	      /* if w->job */
	struct account *account;      /* for delivery; NULL: none is configured */
	int status;		      /* the command's, by the client's word; -1: not said */
	struct made_list made;	      /* what packages create below the user's home */
	struct earlier_facts earlier; /* of programs that packages left */
	uint64_t begun;		      /* CLOCK_MONOTONIC, ns */
	uint64_t realtime; /* what CLOCK_REALTIME was ahead of that, and of records' times */
	char *user;	   /* his name; NULL: none */
};

/* ---- to the client ---- */

/* What it does not take is counted, not waited for. */
static void record(void *arg, const struct ws_head *rec)
{
	struct serving *s = arg;
	struct agent_head head = { .kind = AGENT_RECORD };

	if (rec->kind == WS_REC_MADE) /* without memory it is the package's in this session only */
		made_list_record(&s->made, (const struct ws_rec_made *)rec, s->realtime);
	if (s->w->job) {
		job_watch_record(&s->job, rec);
		return;
	}
	account_record(s->account, rec);
	if (!s->client_gone && protocol_send(s->w->client, &head, sizeof(head), rec, rec->size,
					     NULL, 0, MSG_DONTWAIT) < 0)
		s->unsent[feed_lost_of(rec->kind)]++;
}

static void leftover(void *arg, const struct session_leftover *left)
{
	struct serving *s = arg;
	struct agent_leftover m = { .head.kind = AGENT_LEFTOVER, .left = *left };

	if (s->w->job) {
		observer_leftover(s->job.observer, left);
		return;
	}
	account_leftover(s->account, left);
	if (protocol_send(s->w->client, &m, sizeof(m), NULL, 0, NULL, 0, MSG_DONTWAIT) < 0)
		s->unsent[WS_LOST_ALERT]++;
}

/* Why scripts can read files with credentials; NULL: they cannot. */
static const char *files_open(const struct worker *w, const char *not_admitted)
{
	return loader_backend(w->loader) == WS_BACKEND_WATCH ? not_admitted ?: w->files_open : NULL;
}

/* Why their calls are not refused before they begin; NULL: they are, or (deny) need not be. */
static const char *calls_open(const struct worker *w, const char *not_admitted)
{
	return loader_backend(w->loader) == WS_BACKEND_WATCH ? not_admitted ?: w->calls_open : NULL;
}

static bool take_message(struct serving *s);

/* The session's end for delivery: with the status, if the client says it. */
static void end_account(struct serving *s, struct session_end end)
{
	struct pollfd p = { .fd = s->w->client, .events = POLLIN };
	int64_t until = clock_ms() + STATUS_MS;

	if (!s->account)
		return;
	while (s->status < 0 && !s->client_gone && clock_ms() < until)
		if (poll(&p, 1, STATUS_MS) > 0)
			take_message(s);
	/* a client that has died took its command with it */
	end.status = s->status >= 0 ? s->status : SIGKILL;
	end.command_status = WIFSIGNALED(end.status) ? 128 + WTERMSIG(end.status)
						     : WEXITSTATUS(end.status);
	end.withheld.unavailable = s->not_admitted;
	end.withheld.files_open = files_open(s->w, s->not_admitted);
	end.withheld.calls_open = calls_open(s->w, s->not_admitted);
	loader_session_reports(s->w->loader, s->w->session.id, &end.reports, &end.report_count);
	account_end(s->account, &end);
	free(end.reports);
}

/* Each waits for the client a while, as the end does. */
static void send_reports(struct serving *s)
{
	struct pollfd p = { .fd = s->w->client, .events = POLLOUT };
	_free_ struct ws_reported *reports = NULL;
	size_t count = 0;

	if (s->client_gone ||
	    loader_session_reports(s->w->loader, s->w->session.id, &reports, &count) < 0)
		return;
	for (size_t i = 0; i < count && poll(&p, 1, LAST_MESSAGE_MS) > 0; i++) {
		struct agent_report m = { .head.kind = AGENT_REPORT, .reported = reports[i] };

		if (protocol_send(s->w->client, &m, sizeof(m), NULL, 0, NULL, 0, 0) < 0)
			return;
	}
}

/* What packages wrote; trouble with it goes to the agent's own log, too. */
static void keep_written(struct serving *s)
{
	struct error why = { 0 };

	earlier_list_keep(s->w->loader, s->w->session.id, s->w->peer->uid, MADE_LIST_DIR,
			  &s->earlier, &why);
	if (s->earlier.unsaved)
		message("programs that packages left in session %016" PRIx64
			" will not be known in later ones: %s",
			(uint64_t)s->w->session.id, why.text);
}

static void enter_written(struct serving *s)
{
	struct error why = { 0 };

	if (earlier_list_enter(s->w->loader, s->w->tables, MADE_LIST_DIR, &why) < 0) {
		message("programs that packages left in earlier sessions are not known: %s",
			why.text);
		s->earlier.unread = true;
	}
}

static void fill_end(struct serving *s, struct session_end *end)
{
	keep_written(s);
	end->earlier = s->earlier;
	end->broken = s->supervise.broken;
	kernel_session_end(end, s->w->loader, &s->w->session, &s->before);
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		end->lost[i] += s->unsent[i] + s->mark.lost[i];
	end->bad_records = (unsigned long)s->mark.bad;
	end->coverage = s->w->power;
	end->withheld = s->supervise.withheld;
}

static void say_left(struct serving *s, const struct residue *residue)
{
	const struct leftovers *l = &s->supervise.leftovers;
	struct feed_left m = { .leftovers = l->count + l->sockets };

	if (residue) {
		m.residue = (uint32_t)(residue->count + residue->more);
		m.residue_known = residue->incomplete ? 2 : 1;
	}
	send(s->w->feed, &m, sizeof(m), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The end of a job: its log is written here. */
static void end_job(struct serving *s)
{
	struct session_end end = { 0 };
	struct error unsaved = { 0 };

	fill_end(s, &end);
	end.withheld.unavailable = s->not_admitted;
	end.withheld.files_open = files_open(s->w, s->not_admitted);
	end.withheld.calls_open = calls_open(s->w, s->not_admitted);
	loader_session_reports(s->w->loader, s->w->session.id, &end.reports, &end.report_count);
	job_watch_end(&s->job, &end, &s->supervise.leftovers);
	say_left(s, &s->job.residue);
	made_list_save(&s->made, MADE_LIST_DIR, &unsaved);
	free(end.reports);
	job_watch_free(&s->job);
}

/* Find what only root may look for, into ret, and send it to the client. The rest the client finds
 * by itself and writes to its log only, so ret is incomplete. */
static void send_residue(struct serving *s, struct residue *ret)
{
	residue_look_spools(ret, residue_since(s->begun, s->realtime), s->w->peer->uid, s->user);
	ret->incomplete = true;
	for (size_t i = 0; i < ret->count; i++) {
		struct agent_residue m = { .head.kind = AGENT_RESIDUE,
					   .place = ret->at[i].place,
					   .made = ret->at[i].made };

		snprintf(m.path, sizeof(m.path), "%s", ret->at[i].path);
		protocol_send(s->w->client, &m, sizeof(m), NULL, 0, NULL, 0, MSG_DONTWAIT);
	}
}

static void end(struct serving *s)
{
	CLEANUP(residue_free) struct residue residue = { 0 };
	struct pollfd p = { .fd = s->w->client, .events = POLLOUT };
	struct agent_end m = { .head.kind = AGENT_END,
			       .leftovers = s->supervise.leftovers,
			       .stopped = s->stopped };
	struct error unsaved = { 0 };

	/* if that fails, the next run reports that the list cannot be used */
	made_list_save(&s->made, MADE_LIST_DIR, &unsaved);
	made_list_free(&s->made);
	fill_end(s, &m.end);
	send_reports(s);
	send_residue(s, &residue);
	say_left(s, &residue);
	if (!s->client_gone && poll(&p, 1, LAST_MESSAGE_MS) > 0)
		protocol_send(s->w->client, &m, sizeof(m), NULL, 0, NULL, 0, MSG_DONTWAIT);
	end_account(s, m.end);
}

/* ---- from the agent's main process ---- */

/* One message of the feed: 1: a record, 2: the mark, 0: none waits. */
static int take_one(struct serving *s, int flags)
{
	static union {
		struct ws_head record;
		struct feed_mark mark;
		struct feed_admitted admitted;
		struct feed_stop stop;
		char bytes[AGENT_RECORD_MAX];
		uint64_t align;
	} m;
	ssize_t n = recv(s->w->feed, &m, sizeof(m), flags);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) { /* the agent has died */
		s->supervise.broken = true;
		return 0;
	}
	if (m.mark.zero == 0 && m.mark.kind == FEED_ADMITTED) {
		if (m.admitted.admitted.is_refusal)
			record(s, &m.admitted.admitted.refusal.head);
		supervise_admitted(&s->supervise, &m.admitted.admitted);
		return 1;
	}
	if (m.mark.zero == 0 && m.mark.kind == FEED_STOP) {
		s->stopped = m.stop.by;
		s->supervise.stop = s->supervise.hurry = true;
		return 1;
	}
	if (m.mark.zero == 0) {
		s->mark = m.mark;
		return 2;
	}
	supervise_record(&s->supervise, &m.record);
	return 1;
}

static int consume(void *arg)
{
	int n = 0;

	while (n < CONSUME && take_one(arg, MSG_DONTWAIT) > 0)
		n++;
	return n;
}

static void drain(void *arg, int rounds)
{
	struct serving *s = arg;

	(void)rounds; /* the agent bounds what comes before the mark */
	if (send(s->w->feed, FEED_ASK, sizeof(FEED_ASK) - 1, MSG_NOSIGNAL) < 0)
		s->supervise.broken = true;
	while (!s->supervise.broken && take_one(s, 0) != 2)
		;
}

static int tick(void *arg)
{
	struct serving *s = arg;

	bool saves = true;
	int next = -1;

	if (s->w->job) {
		next = observer_tick(s->job.observer, clock_ns(CLOCK_MONOTONIC));
		saves = !s->job.feed || account_saves(s->job.observer, s->w->session.id);
	} else if (!s->stopped) {
		saves = account_tick(s->account);
	}
	if (!saves && !s->stopped) {
		s->stopped = AGENT_STOPPED_UNSAVED;
		s->supervise.stop = s->supervise.hurry = true;
	}
	return next;
}

/* ---- what the client may say of the user's files ---- */

/* The path of an open directory as the kernel knows it. */
static bool name_of(int fd, char *ret, size_t room)
{
	char link[40];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, room - 1);
	ret[n > 0 ? n : 0] = 0;
	return n > 0;
}

/*
 * Whether the client may have this directory as that place. The home itself and what is above it
 * would make everything in the home a place where scripts may read; caches and the like only if the
 * configuration lets users name them.
 */
static bool may_name(const struct worker *w, const char *home, int fd, enum ws_place place)
{
	char name[PATH_MAX];

	if (place == WS_PLACE_HOME)
		return true;
	if (!name_of(fd, name, sizeof(name)) || (home && path_below(home, name)))
		return false;
	return place == WS_PLACE_PROJECT || w->config->allow_places;
}

/* ---- news of the command and the client ---- */

/* The session's log must not be written by its packages. */
static void guard(struct serving *s, int fd)
{
	struct agent_head done = { .kind = AGENT_GUARDED };
	struct ws_mask mask = { 0 };
	struct ws_id id;
	int rule = s->w->session_log;

	if (rule >= 0) {
		mask.w[rule / 64] |= 1ULL << (rule % 64);
		if (loader_identify(s->w->loader, fd, &id) < 0 ||
		    loader_protect(s->w->loader, s->w->session.id, &id, &mask) < 0)
			return; /* the client waits in vain, and gives up */
	}
	protocol_send(s->w->client, &done, sizeof(done), NULL, 0, NULL, 0, MSG_DONTWAIT);
}

static void client_is_gone(struct serving *s)
{
	epoll_ctl(s->news, EPOLL_CTL_DEL, s->w->client, NULL);
	s->client_gone = true;
	s->supervise.hurry = s->supervise.stop = true;
}

/*
 * What the client has found by looking. It says of what class a file is: that the file is there,
 * and is the one that the user could open, the kernel says by the descriptor. Of what is wrong, or
 * too much, nothing is entered: then it stays a file like any other.
 */
static void take_known(struct serving *s, const union agent_message *m, int fd)
{
	struct knower k = knower_here(&s->here);
	struct stat st;

	if (s->known >= AGENT_KNOWN_MAX || fstat(fd, &st) < 0 || share_take(s->w->share, 1) < 0)
		return;
	s->known++;
	if (m->head.kind == AGENT_PLACE) {
		if (S_ISDIR(st.st_mode) && may_name(s->w, s->home, fd, m->place.place))
			k.place(k.arg, fd, m->place.place);
	} else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode) ||
		   S_ISSOCK(st.st_mode)) {
		k.know(k.arg, fd, m->know.class, m->know.size);
	}
}

/* False: none waits, or the client is gone. */
static bool take_message(struct serving *s)
{
	static union agent_message m;
	int fd = -1;
	size_t fds;
	ssize_t n = protocol_receive(s->w->client, &m, &fd, 1, &fds, MSG_DONTWAIT);

	if (n == -EAGAIN)
		return false;
	if (n <= 0 || protocol_check_from_client(&m, n, fds, NULL) < 0)
		m.head.kind = 0;
	switch (m.head.kind) {
	case AGENT_ENDED:
		s->status = m.ended.status & 0xffff;
		break;
	case AGENT_FACTS: /* of a client whose session is not delivered */
		break;
	case AGENT_GUARD:
		guard(s, fd);
		break;
	case AGENT_KNOW:
	case AGENT_PLACE:
		take_known(s, &m, fd);
		break;
	case AGENT_HURRY:
		s->supervise.hurry = true;
		break;
	default:
		client_is_gone(s);
	}
	if (fds)
		close(fd);
	return !s->client_gone;
}

static void take_news(void *arg)
{
	struct serving *s = arg;
	struct pollfd p[2] = { { .fd = s->command, .events = POLLIN },
			       { .fd = s->client_gone ? -1 : s->w->client, .events = POLLIN } };

	if (poll(p, 2, 0) <= 0)
		return;
	if (p[0].revents && !s->supervise.ended) {
		s->supervise.ended = true;
		epoll_ctl(s->news, EPOLL_CTL_DEL, s->command, NULL);
	}
	for (int n = 0; p[1].revents && n < CONSUME && take_message(s); n++)
		;
}

static int watch_news(struct serving *s)
{
	struct epoll_event event = { .events = EPOLLIN };

	s->news = epoll_create1(EPOLL_CLOEXEC);
	if (s->news < 0 || epoll_ctl(s->news, EPOLL_CTL_ADD, s->command, &event) < 0 ||
	    (s->w->client >= 0 && epoll_ctl(s->news, EPOLL_CTL_ADD, s->w->client, &event) < 0))
		return -errno;
	return 0;
}

/* ---- the beginning ---- */

static int receive_first(const struct worker *w, union agent_message *m, int *fds, size_t *ret_fds,
			 struct error *e)
{
	struct pollfd p = { .fd = w->client, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, FIRST_MESSAGE_MS) <= 0)
		return error_set(e, -ETIME, "the client said nothing");
	n = protocol_receive(w->client, m, fds, AGENT_FDS_MAX, ret_fds, MSG_DONTWAIT);
	if (n <= 0)
		return error_set(e, -EBADMSG, "the first message cannot be received");
	if (protocol_check_from_client(m, n, *ret_fds, e) < 0)
		return -EBADMSG;
	if (m->head.kind != AGENT_START)
		return error_set(e, -EBADMSG, "the first message is not START");
	if (m->start.mode == WS_MODE_AUDIT && !w->config->allow_audit)
		return error_set(
			e, -EPERM,
			"--mode=audit is not permitted here: the agent's configuration has "
			"no \"allow\": {\"audit\": true}");
	return 0;
}

static int add_place(struct places *p, enum ws_place place, const char *path)
{
	struct place *at = reallocarray(p->at, p->count + 1, sizeof(*at));

	if (!at)
		return -ENOMEM;
	p->at = at;
	at[p->count] = (struct place){ .place = place, .path = strdup(path) };
	if (!at[p->count].path)
		return -ENOMEM;
	p->count++;
	return 0;
}

/* Whether it is a home that has a .git. */
static bool is_repository(const struct place *p)
{
	char git[PATH_MAX];
	struct stat st;

	return p->place == WS_PLACE_HOME &&
	       snprintf(git, sizeof(git), "%s/.git", p->path) < (int)sizeof(git) &&
	       stat(git, &st) == 0;
}

/* The system's temporary directories and the home of the user database first, whatever the client
 * says of them; then its own; then the system's tools. Of two names of one directory the first
 * counts. */
static int gather_places(struct places *ret, const struct worker *w, const struct run_as *as,
			 const char *home, const struct agent_start *start, const int *fds,
			 uint32_t *ret_refused, struct error *e)
{
	struct places_sources sources = { .passwd_home = as->home };
	CLEANUP(places_free) struct places known = { 0 };
	int err = places_find(&known, &sources, e);

	*ret_refused = 0;
	for (size_t i = 0; err == 0 && i < known.count; i++)
		if (known.at[i].place == WS_PLACE_TMP || known.at[i].place == WS_PLACE_HOME)
			err = add_place(ret, known.at[i].place, known.at[i].path);
	for (uint32_t i = 0; err == 0 && i < start->places; i++) {
		char path[40];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		if (may_name(w, home, fds[i], start->place[i]))
			err = add_place(ret, start->place[i], path);
		else
			++*ret_refused;
	}
	for (size_t i = 0; start->home_tree && i < ret->count; i++)
		ret->home_tree |= is_repository(&ret->at[i]);
	for (size_t i = 0; err == 0 && i < known.count; i++)
		if (known.at[i].place != WS_PLACE_TMP && known.at[i].place != WS_PLACE_HOME)
			err = add_place(ret, known.at[i].place, known.at[i].path);
	return err;
}

static int identify_made(void *arg, int fd, struct ws_id *ret)
{
	return loader_identify(((struct serving *)arg)->w->loader, fd, ret);
}

static int made_before(void *arg, const char *package, const struct ws_made *made)
{
	const struct worker *w = ((struct serving *)arg)->w;

	return loader_made_before(w->loader, w->session.id, package, made);
}

static int reserve(void *arg, size_t count, struct error *e)
{
	int err = share_take(((struct serving *)arg)->w->share, count);

	return err < 0 ? error_set(
				 e, err,
				 "the rules protect %zu files of yours, and your sessions may know "
				 "%d in all",
				 count, SHARE_FILES)
		       : 0;
}

/*
 * Tell the kernel side of the places and protected files, and of what earlier sessions' packages
 * made (`before`, which is root's to read); acting with the rights of the user. *ret_why_not: why
 * scripts are not held; NULL: they are.
 */
static int enter_places(struct serving *s, const struct places *places,
			const struct made_list *before, const char **ret_why_not,
			struct kernel_session_entered *ret, struct error *e)
{
	struct protected_files_limit limit = { .reserve = reserve, .arg = s };
	struct worker *w = s->w;
	int err = kernel_session_places(&w->session, w->loader, w->tables, places, &limit, ret, e);
	size_t found;

	if (err < 0)
		return err;
	*ret_why_not = w->session.mode == WS_MODE_AUDIT ? "audit mode" : w->not_admitted;
	if (!*ret_why_not)
		w->session.flags |= WS_SESSION_ADMITS;
	err = loader_session_update(w->loader, &w->session);
	if (err < 0)
		return error_set(e, err, "enter the session: %s", strerror(-err));
	return made_enter(before, places, identify_made, made_before, s, &found, e);
}

static int prepare(struct serving *s, const struct agent_start *start, const int *fds,
		   struct agent_started *reply, struct error *e)
{
	struct worker *w = s->w;
	CLEANUP(run_as_free) struct run_as as = { 0 };
	CLEANUP(run_as_files_end) struct run_as_files files = { 0 };
	CLEANUP(places_free) struct places places = { 0 };
	CLEANUP(made_list_free) struct made_list before = { 0 };
	struct kernel_session_entered entered = { 0 };
	const char *why_not = NULL;
	struct error ignored = { 0 };
	int err = peer_run_as(&as, w->peer, w->client, e);

	enter_written(s);
	/* without it, changing what an earlier run made is changing the home */
	made_list_load(&before, MADE_LIST_DIR, &ignored);
	if (err == 0 && (err = run_as_files_begin(&files, &as)) < 0)
		return error_set(e, err, "the user's rights cannot be taken: %s", strerror(-err));
	w->session.mode = start->mode;
	if (start->tools)
		w->session.flags |= WS_SESSION_TOOLS;
	w->session.watchdog = (uint32_t)w->peer->pid;
	s->user = as.name ? strdup(as.name) : NULL;
	s->home = as.home ? realpath(as.home, NULL) : NULL;
	err = err ?: gather_places(&places, w, &as, s->home, start, fds, &reply->refused, e);
	err = err ?: enter_places(s, &places, &before, &why_not, &entered, e);
	if (err < 0)
		return err;
	s->not_admitted = why_not;
	snprintf(reply->not_admitted, sizeof(reply->not_admitted), "%s", why_not ?: "");
	snprintf(reply->files_open, sizeof(reply->files_open), "%s", files_open(w, why_not) ?: "");
	snprintf(reply->calls_open, sizeof(reply->calls_open), "%s", calls_open(w, why_not) ?: "");
	reply->files = (uint32_t)entered.files;
	reply->left_out = (uint32_t)entered.left_out;
	return 0;
}

/* Make the command a member. Looked at before and after: the client could make it another program
 * meanwhile. */
static int enter(struct serving *s, struct error *e)
{
	struct worker *w = s->w;
	pid_t pid = 0, again = 0;
	int err = admit_command(&pid, s->command, w->peer, e);

	if (err == 0 && loader_session_of(w->loader, s->command))
		return error_set(e, -EBUSY, "the command is watched already, by another session");
	err = err ?: kernel_session_enter(w->loader, &w->session, w->cgroup, pid, s->command, e);
	return err ?: admit_command(&again, s->command, w->peer, e);
}

static int begin(struct serving *s, struct error *e)
{
	static union agent_message m;
	struct worker *w = s->w;
	struct agent_started reply = { .head.kind = AGENT_STARTED,
				       .session = w->session.id,
				       .backend = loader_backend(w->loader),
				       .power = w->power };
	int fds[AGENT_FDS_MAX], err;
	size_t count = 0;

	err = receive_first(w, &m, fds, &count, e);
	if (err < 0) {
		while (count)
			close(fds[--count]);
		return err;
	}
	s->command = fds[0];
	s->here = (struct knower_here){ .loader = w->loader,
					.session = w->session.id,
					.rules = w->rules };
	err = prepare(s, &m.start, fds + 1, &reply, e);
	while (count > 1)
		close(fds[--count]);
	kernel_losses_read(&s->before, w->loader);
	err = err ?: enter(s, e);
	err = err ?: account_open(&s->account, w, e);
	err = err ?: watch_news(s);
	s->supervise.grace_ms = (int)m.start.grace_ms;
	snprintf(reply.rules_dirs, sizeof(reply.rules_dirs), "%s", w->rules_dirs);
	return err
		       ?: protocol_send(w->client, &reply, sizeof(reply), NULL, 0, &w->rules_image,
					1, MSG_DONTWAIT);
}

/* ---- a recognised job ---- */

static int observe_job(struct serving *s, struct error *e)
{
	struct worker *w = s->w;
	struct observer_options options = {
		.rules = w->rules,
		.session = w->session.id,
		.mode = w->session.mode,
		.backend = loader_backend(w->loader),
		.start = { .rules_dirs = w->rules_dirs },
	};
	struct job_watch_log log = { .dir = w->config->job_logs,
				     .name = w->cgroup->name,
				     .share = w->config->job_readable };

	int err = w->config->delivery ? delivery_feed_connect(&s->job.feed, w->config->delivery, e)
				      : 0;

	return err ?: job_watch_observe(&s->job, &options, &log, w->loader, e);
}

/* The process stands at its exec all the while: looked at before and after. */
static int enter_job(struct serving *s, struct error *e)
{
	struct worker *w = s->w;
	int err = recognised_waits(w->job, e);

	err = err
		      ?: kernel_session_enter(w->loader, &w->session, w->cgroup, w->job->pid,
					      w->job->pidfd, e);
	return err ?: recognised_waits(w->job, e);
}

static int begin_job(struct serving *s, struct error *e)
{
	struct worker *w = s->w;
	CLEANUP(made_list_free) struct made_list before = { 0 };
	struct kernel_session_entered entered = { 0 };
	struct named_files_result named_result;
	struct named_files_sources named = { .rules = w->rules, .places = &s->job.places };
	struct knower_here here = { .loader = w->loader,
				    .session = w->session.id,
				    .rules = w->rules,
				    .record = &w->session };
	struct knower knower = knower_here(&here);
	struct error ignored = { 0 };
	int err;

	s->command = w->job->pidfd;
	s->client_gone = true; /* there is none */
	w->session.mode = w->config->job_audit ? WS_MODE_AUDIT : WS_MODE_ENFORCE;
	w->session.watchdog = (uint32_t)getpid();
	enter_written(s);
	made_list_load(&before, MADE_LIST_DIR, &ignored);
	err = job_watch_look(&s->job, w->job, e);
	if (err < 0)
		return err;
	named.environment = s->job.environment;
	named.home = s->job.as.home;
	err = named_files_enter(&knower, &named, &named_result, e);
	err = err ?: enter_places(s, &s->job.places, &before, &s->not_admitted, &entered, e);
	err = err ?: observe_job(s, e);
	kernel_losses_read(&s->before, w->loader);
	err = err ?: enter_job(s, e);
	err = err ?: watch_news(s);
	s->supervise.grace_ms = w->job->start->whole || w->config->job_clean ? JOB_GRACE_MS : -1;
	return err ?: job_watch_continue(&s->job, e);
}

/* A job that cannot be watched does not run. */
static void __attribute__((noreturn)) give_up_job(const struct worker *w, const struct error *e)
{
	syscall(SYS_pidfd_send_signal, w->job->pidfd, SIGKILL, NULL, 0);
	job_starts_let_go(w->loader, (uint32_t)w->job->pid);
	message("a %s job of user %u was killed (pid %d): it could not be watched: %s",
		w->job->start->provider, (unsigned)w->peer->uid, (int)w->job->pid, e->text);
	_exit(1);
}

void worker_serve(struct worker *w)
{
	struct serving s = {
		.w = w,
		.command = -1,
		.news = -1,
		.status = -1,
		.begun = clock_ns(CLOCK_MONOTONIC),
		.realtime = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC),
	};
	struct error e = { 0 };
	sigset_t all;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "wormsign-worker");
	err = w->job ? begin_job(&s, &e) : begin(&s, &e);
	if (err < 0 && w->job)
		give_up_job(w, &e);
	if (err < 0) {
		protocol_refuse(w->client, &e, err);
		_exit(1); /* the agent takes down what was made */
	}
	if (!w->job) /* a job's looks at its processes, and at files with its user's rights */
		capabilities_reduce(w->cgroup->foreign);
	s.supervise.loader = w->loader;
	s.supervise.session = w->session.id;
	s.supervise.cgroup = w->cgroup;
	s.supervise.ways = (struct supervise_ways){
		.records = w->feed,
		.news = s.news,
		.other = -1, /* the agent's death, and the admitter's, is the end of the feed */
		.admitter = -1,
		.admitted = -1,
		.consume = consume,
		.drain = drain,
		.record = record,
		.tick = tick,
		.take_news = take_news,
		.leftover = leftover,
		.arg = &s,
	};
	supervise(&s.supervise, &e);
	if (w->job)
		end_job(&s);
	else
		end(&s);
	cgroup_remove(w->cgroup);
	_exit(0);
}
