// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_run.c - `wormsign run`: options, the order in which a session is started and ended, and the
 * exit status.
 *
 * Everything that can fail comes before the command is let go: it runs watched, or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caches.h"
#include "cgroup.h"
#include "cleanup.h"
#include "cmd.h"
#include "compile.h"
#include "keeper.h"
#include "launch.h"
#include "loader.h"
#include "observer.h"
#include "privilege.h"
#include "protect.h"
#include "ring.h"
#include "rulesdirs.h"
#include "ruleset.h"
#include "run_options.h"
#include "session.h"
#include "supervise.h"
#include "tls.h"
#include "who.h"

#define MOST_DIRS  32 /* of each option that may be repeated */
#define GRACE_MS   200
#define MOST_GRACE 600000

/* ---- the session ---- */

struct run {
	const struct run_options *options;
	struct launch_start start;
	struct who who;
	char *cwd, *log;
	struct rulesdirs dirs;
	struct ruleset *rules;
	struct tables *tables;
	struct loader *loader;
	struct cgroup *cgroup;
	struct session_places places;
	struct ws_session session;
	bool begun;
	struct observer *observer;
	struct ring *ring;
	struct keeper keeper;
	struct launch launch;
	struct supervise supervise;
};

static void run_free(struct run *r)
{
	launch_free(&r->launch); /* a child that was not let go ends */
	if (r->cgroup && r->begun)
		loader_session_condemn(r->loader, r->session.id);
	if (r->cgroup) {
		cgroup_kill(r->cgroup);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		cgroup_wait_empty(r->cgroup, 2000);
	}
	if (r->begun)
		loader_session_end(r->loader, r->session.id);
	keeper_end(&r->keeper);
	if (r->cgroup)
		cgroup_remove(r->cgroup);
	supervise_free(&r->supervise);
	ring_free(r->ring);
	observer_free(r->observer);
	cgroup_free(r->cgroup);
	loader_free(r->loader);
	session_places_free(&r->places);
	tables_free(r->tables);
	ruleset_free(r->rules);
	rulesdirs_free(&r->dirs);
	who_free(&r->who);
	free(r->cwd);
	free(r->log);
}

/* "/x (deleted)" for a directory that is gone, as the kernel tells it. */
static char *current_directory(void)
{
	char link[PATH_MAX];
	ssize_t n = readlink("/proc/self/cwd", link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = 0;
	return strdup(link);
}

/* A new file of root's, or where nothing can be kept, a temporary one. */
static char *default_log(void)
{
	const char *dir = RUN_LOG_DIR;
	struct tm utc;
	struct stat st;
	time_t now = time(NULL);
	unsigned random = 0;
	char stamp[32], *path;

	mkdir(dir, 0700);
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || access(dir, W_OK | X_OK) < 0)
		dir = getenv("TMPDIR") ?: "/tmp";
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	if (getrandom(&random, sizeof(random), 0) < 0)
		return NULL;
	return asprintf(&path, "%s/wormsign-%s-%08x.jsonl", dir, stamp, random) < 0 ? NULL : path;
}

static int identify(void *arg, int fd, struct ws_id *ret)
{
	return loader_identify(arg, fd, ret);
}

static void say(const struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(const struct run *r, const char *format, ...)
{
	va_list ap;

	if (!r->options->verbose)
		return;
	va_start(ap, format);
	fputs("wormsign: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
}

static int load(struct run *r, struct error *e)
{
	const struct run_options *o = r->options;
	struct loader_options lo = { .backend = o->backend };
	int err;

	err = rulesdirs_find(&r->dirs, o->rules, e);
	err = err ?: ruleset_load(&r->rules, (const char *const *)r->dirs.at, r->dirs.count, e);
	err = err ?: compile(&r->tables, r->rules, e);
	err = err ?: loader_open(&r->loader, r->tables, &lo, e);
	if (!err)
		say(r, "%d functions of TLS libraries are watched", tls_watch(r->loader, getenv("PATH")));
	return err;
}

/* Where the session lives, and what the kernel has to know of it. */
static int begin(struct run *r, struct error *e)
{
	const struct run_options *o = r->options;
	struct session_facts facts = {
		.passwd_home = r->who.home,
		.cwd = r->cwd[0] == '/' && access(r->cwd, F_OK) == 0 ? r->cwd : NULL,
		.tmp = o->tmp,
		.cache = o->cache,
	};
	struct ws_session *s = &r->session;
	struct protect_result protected;
	size_t left_out;
	int err;

	err = cgroup_create(&r->cgroup, r->who.uid, e);
	if (err < 0)
		return err;
	if (r->cgroup->above)
		say(r, "the session's cgroup is %s (%s)", r->cgroup->path, r->cgroup->why);
	if (getrandom(&s->id, sizeof(s->id), 0) < 0)
		return error_set(e, -errno, "getrandom: %s", strerror(errno));
	s->id = (s->id & INT64_MAX) | 1; /* positive for any JSON reader, and never 0 */
	s->cgroup = r->cgroup->id;
	s->mode = o->mode;
	err = loader_own_pid(r->loader, &s->keeper);
	if (err < 0)
		return error_set(e, err, "our own pid cannot be found: %s", strerror(-err));
	for (unsigned i = 0; i < r->tables->policy.rule_count && i < WS_RULES_MAX; i++)
		s->enabled.w[i / 64] |= 1ULL << (i % 64);
	err = session_places(&r->places, &facts, e);
	if (err == 0)
		caches_make(&r->places, &r->who);
	err = err ?: session_enter_places(s, &r->places, identify, r->loader, &left_out, e);
	err = err ?: protect(r->loader, r->tables, &r->places, &protected, e);
	err = err ?: loader_session_begin(r->loader, s, r->cgroup->dir, e);
	if (err < 0)
		return err;
	r->begun = true;
	say(r, "%zu files are protected by identity%s", protected.files,
	    protected.looked.cut ? " (not all that the rules name: too many)" : "");
	if (left_out && !o->quiet)
		fprintf(stderr,
			"wormsign: %zu directories of tools or caches are beyond the %d that a "
			"session can have, "
			"ignoring\n",
			left_out, WS_PLACES_MAX);
	return 0;
}

static int observe(struct run *r, struct error *e)
{
	const struct run_options *o = r->options;
	struct observer_options oo = {
		.rules = r->rules,
		.session = r->session.id,
		.mode = o->mode,
		.backend = loader_backend(r->loader),
		.quiet = o->quiet,
		.verbose = o->verbose,
		.command = o->command,
		.cwd = r->cwd,
		.home = getenv("HOME") ?: r->who.home,
		.user = r->who.name,
		.uid = r->who.uid,
		.gid = r->who.gid,
		.terminal = STDERR_FILENO,
		.rules_dirs = r->dirs.text,
	};
	int err;

	r->log = o->log ? strdup(o->log) : default_log();
	if (!r->log)
		return error_set(e, -ENOMEM, "out of memory");
	oo.log_path = r->log;
	err = observer_open(&r->observer, &oo, e);
	return err
		       ?: ring_open(&r->ring, loader_alerts_fd(r->loader),
				    loader_telemetry_fd(r->loader), supervise_record, &r->supervise,
				    e);
}

/*
 * Whoever reads the command's output must see its end when the command closes it, and whoever feeds
 * it must see that nobody reads any more: hold neither.
 */
static void let_go_of_pipes(void)
{
	_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
}

/* Fork the command, make it a member of the session, and let it go. */
static int start_command(struct run *r, struct error *e)
{
	int err;

	err = keeper_start(&r->keeper, r->loader, r->session.id, r->cgroup, e);
	err = err ?: launch_fork(&r->launch, r->options->command, &r->start, &r->who, e);
	if (err < 0)
		return err;
	err = cgroup_enter(r->cgroup, r->launch.pid);
	if (err < 0)
		return error_set(e, err, "the command cannot be moved to %s: %s", r->cgroup->path,
				 strerror(-err));
	err = loader_enter(r->loader, r->launch.pidfd, r->session.id);
	if (err < 0)
		return error_set(e, err, "the command cannot be entered in the session: %s",
				 strerror(-err));
	let_go_of_pipes();
	err = privilege_reduce(r->cgroup->foreign);
	if (err < 0)
		return error_set(e, err, "privileges cannot be given up: %s", strerror(-err));
	if (supervise_interrupted())
		return error_set(e, -EINTR, "interrupted");
	err = launch_go(&r->launch);
	return err < 0 ? error_set(e, err, "the command is gone: %s", strerror(-err)) : 0;
}

static int start(struct run *r, struct error *e)
{
	int err;

	err = privilege_check(r->who.drop, e);
	err = err ?: load(r, e);
	/* from here on there is something to clean up: no signal may end us on the spot */
	err = err ?: supervise_prepare(&r->supervise, e);
	err = err ?: begin(r, e);
	err = err ?: observe(r, e);
	err = err ?: start_command(r, e);
	return err;
}

static int finish(struct run *r)
{
	struct observer_end end = { .status = r->supervise.status };

	loader_lost(r->loader, end.lost, &end.missed);
	end.bad_records = ring_bad(r->ring);
	if (loader_session_read(r->loader, r->session.id, &end.session) < 0)
		end.session = r->session;
	end.hook_count = loader_hooks(r->loader, &end.hooks);
	return observer_finish(r->observer, &end);
}

/* The last act: end as a signal's victim, so that a shell sees that Ctrl-C ended what it waited
 * for. */
static void die_of(int sig)
{
	struct sigaction to_default = { .sa_handler = SIG_DFL };
	struct rlimit none = { 0 };
	sigset_t one;

	setrlimit(RLIMIT_CORE, &none);
	sigaction(sig, &to_default, NULL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
}

/*
 * By weight: an accusation, then a watch that was broken, then what the command said. A log that
 * could not be written to its end does not turn the command's failure into another, but is no
 * success.
 */
static int exit_status(struct run *r, int watched, int logged)
{
	const struct supervise *s = &r->supervise;
	struct error e = { 0 };
	int status;

	status = launch_failed(&r->launch, r->options->command[0], &e);
	if (status)
		tell_error(&e, 0);
	else if (WIFSIGNALED(s->status))
		status = 128 + WTERMSIG(s->status);
	else
		status = WEXITSTATUS(s->status);
	if (r->options->mode == WS_MODE_ENFORCE && observer_strongest(r->observer) >= WS_DENY)
		return STATUS_VERDICT;
	if (s->broken) {
		fputs("wormsign: the watch was broken: its keeper process was killed; the session "
		      "was ended\n",
		      stderr);
		return STATUS_TROUBLE;
	}
	if (watched < 0)
		return STATUS_TROUBLE;
	if (logged < 0) {
		fprintf(stderr, "wormsign: part of the log %s is lost: %s\n", r->log,
			strerror(-logged));
		return status ?: STATUS_TROUBLE;
	}
	return status;
}

static int run(struct run *r)
{
	const struct run_options *o = r->options;
	struct error e = { 0 };
	int status, watched, logged;

	r->supervise = (struct supervise){
		.keeper = &r->keeper,
		.launch = &r->launch,
		.grace_ms = o->grace_ms,
		.signals = -1,
	};
	r->cwd = current_directory();
	status = who_find(&r->who, geteuid(), &e) < 0 || who_set_environment(&r->who) < 0 || !r->cwd
			 ? STATUS_TROUBLE
			 : launch_find(o->command[0], &e);
	if (status) {
		tell_error(&e, ENOMEM);
		return status;
	}
	status = start(r, &e);
	if (status < 0) {
		fprintf(stderr, "wormsign: %s was not run: %s\n", o->command[0],
			e.text[0] ? e.text : strerror(-status));
		return STATUS_TROUBLE;
	}
	r->supervise.loader = r->loader;
	r->supervise.session = r->session.id;
	r->supervise.cgroup = r->cgroup;
	r->supervise.observer = r->observer;
	r->supervise.ring = r->ring;
	watched = supervise(&r->supervise, &e);
	if (watched < 0)
		tell_error(&e, -watched);
	logged = finish(r);
	if (r->supervise.leftovers && !o->quiet)
		fprintf(stderr, "wormsign: %u process%s outlived %s and %s killed: %s\n",
			r->supervise.leftovers, r->supervise.leftovers == 1 ? "" : "es",
			o->command[0], r->supervise.leftovers == 1 ? "was" : "were",
			r->supervise.left_names);
	return exit_status(r, watched, logged);
}

int cmd_run(int argc, char **argv)
{
	struct run_options options = { 0 };
	struct run r = {
		.options = &options,
		.keeper = { .pidfd = -1, .pipe = -1 },
		.launch = { .pidfd = -1, .go = -1, .report = -1 },
	};
	int status, sig;

	status = run_options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	launch_remember(&r.start);
	status = run(&r);
	sig = r.supervise.terminal_signal;
	if (status != 128 + sig || !WIFSIGNALED(r.supervise.status))
		sig = 0;
	if (!sig && status == STATUS_TROUBLE && r.launch.pid && r.launch.go >= 0)
		sig = supervise_interrupted();
	run_free(&r);
	if (sig)
		die_of(sig);
	return status;
}
