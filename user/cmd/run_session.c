// SPDX-License-Identifier: GPL-2.0-only
/* run_session.c - make the parts, start the command, supervise, and take all down. */
#include "cmd/run_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/protocol.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "cmd/cmd_output.h"
#include "cmd/load_rules.h"
#include "cmd/run_delivery.h"
#include "cmd/run_log.h"
#include "kernel/coverage.h"
#include "kernel/sessions.h"
#include "kernel/start.h"
#include "kernel/tls_libraries.h"
#include "policy/compile.h"
#include "report/message.h"
#include "sanitize/known_secrets.h"
#include "session/cache_dirs.h"
#include "session/capabilities.h"
#include "session/earlier_list.h"
#include "session/call_guard.h"
#include "session/file_guard.h"
#include "session/kernel_session.h"
#include "session/log_file.h"
#include "session/made_enter.h"
#include "session/named_files.h"
#include "session/passwd_homes.h"
#include "session/signals.h"

void run_session_free(struct run_session *r)
{
	launch_free(&r->launch); /* a child that was not started yet exits then */
	if (r->cgroup && r->begun)
		loader_session_condemn(r->loader, r->session.id);
	if (r->client.socket >= 0) /* ends what still lives */
		close(TAKE_FD(r->client.socket));
	if (r->cgroup) {
		cgroup_kill(r->cgroup);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		cgroup_wait_empty(r->cgroup, 2000);
	}
	if (r->begun)
		loader_session_end(r->loader, r->session.id);
	watchdog_end(&r->watchdog);
	admitter_end(&r->admitter);
	if (r->cgroup)
		cgroup_remove(r->cgroup);
	attend_free(&r->alone.attend);
	reader_end(&r->reader);
	residue_look_free(&r->look);
	residue_free(&r->residue);
	ring_free(r->ring);
	observer_free(r->observer);
	delivery_feed_free(r->feed);
	known_secrets_close();
	cgroup_free(r->cgroup);
	loader_free(r->loader);
	places_free(&r->places);
	made_list_free(&r->made);
	tables_free(r->tables);
	if (r->by_agent)
		client_free(&r->client);
	else
		ruleset_free(r->rules);
	rule_dirs_done(&r->dirs);
	run_as_free(&r->as);
	free(r->cwd);
	free(r->log);
}

static void say(const struct run_session *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct run_session *r, const char *format, ...)
{
	_buf_ struct buf text = BUF_INIT;
	va_list ap;

	if (!r->options->verbose)
		return;
	va_start(ap, format);
	buf_addv(&text, format, ap);
	va_end(ap);
	message("%s", text.at);
}

/* A directory that the caller names must exist: otherwise it is mistyped. */
static int check_given(const struct run_session *r, const char *option, const char *const *dirs,
		       struct error *e)
{
	CLEANUP(run_as_files_end) struct run_as_files files = { 0 };
	int err = run_as_files_begin(&files, &r->as);

	if (err < 0)
		return error_set(e, err, "acting with your rights failed: %s", strerror(-err));
	for (; *dirs; dirs++) {
		_close_ int fd = open(*dirs, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return error_set(e, -errno, "--%s=%s: %s", option, *dirs, strerror(errno));
	}
	return 0;
}

static int load(struct run_session *r, struct error *e)
{
	const struct run_options *o = r->options;
	struct loader_options lo = { .backend = o->backend };
	int err;

	err = loader_begin(&r->loader, &lo, e);
	err = err ?: load_rules(&r->rules, &r->dirs, o->rules, &r->as, e);
	if (!err)
		cmd_output_tunings(r->rules, o->quiet);
	err = err ?: compile(&r->tables, r->rules, COMPILE_CACHE, e);
	return err ?: loader_finish(r->loader, r->tables, e);
}

static int made_before(void *arg, const char *package, const struct ws_made *made)
{
	const struct run_session *r = arg;

	return loader_made_before(r->loader, r->session.id, package, made);
}

static int identify_made(void *arg, int fd, struct ws_id *ret)
{
	return loader_identify(((struct run_session *)arg)->loader, fd, ret);
}

/* Enter the files that packages created in earlier sessions. Without them, a package that changes
 * its own file is judged as one that changes the home. */
static int enter_made(struct run_session *r, struct error *e)
{
	CLEANUP(made_list_free) struct made_list before = { 0 };
	struct error why = { 0 }, unknown = { 0 };
	size_t found;
	int err;

	if (made_list_load(&before, MADE_LIST_DIR, &why) < 0)
		message("ignoring what packages created in earlier runs: %s", why.text);
	if (earlier_list_enter(r->loader, r->tables, MADE_LIST_DIR, &unknown) < 0) {
		message("programs that packages left in earlier runs are not known: %s",
			unknown.text);
		r->end.earlier.unread = true;
	}
	err = made_enter(&before, &r->places, identify_made, made_before, r, &found, e);
	if (err == 0 && found)
		say(r,
		    "%zu files and directories in a home or project were created by packages in "
		    "earlier "
		    "runs",
		    found);
	return err;
}

/* Where the user's directories are, as names; makes the caches that he named. */
static int find_places(struct run_session *r, const struct named_files_sources *named,
		       struct error *e)
{
	CLEANUP(strings_done) struct strings homes = { 0 }, caches = { 0 };
	const struct run_options *o = r->options;
	struct places_sources facts = {
		.passwd_home = r->as.home,
		.cwd = named->cwd,
		.tmp = o->tmp,
	};
	int err = passwd_homes_read(&homes, PASSWD_FILE);

	for (const char *const *given = o->cache; err == 0 && *given; given++)
		err = strings_add(&caches, *given);
	/* with the agent, rules and their table of variables are known only later */
	if (err == 0 && named->rules)
		err = named_files_caches(&caches, named);
	if (err < 0)
		return error_set(e, err, "out of memory");
	facts.homes = (const char *const *)homes.at;
	facts.cache = (const char *const *)caches.at;
	err = places_find(&r->places, &facts, e);
	if (err == 0)
		cache_dirs_make(&r->places, &r->as);
	err = err ?: check_given(r, "cache", o->cache, e);
	return err ?: check_given(r, "tmp", o->tmp, e);
}

static struct named_files_sources sources_of(struct run_session *r)
{
	return (struct named_files_sources){
		.rules = r->rules,
		.environment = environ,
		.home = getenv("HOME") ?: r->as.home,
		.cwd = r->cwd[0] == '/' && access(r->cwd, F_OK) == 0 ? r->cwd : NULL,
		.places = &r->places,
	};
}

/* Say what became of the places and protected files. */
static void say_entered(const struct run_session *r, const struct kernel_session_entered *entered)
{
	say(r, "%zu files are protected by identity%s", entered->files,
	    entered->files_cut ? " (not all that the rules name: too many)" : "");
	if (entered->left_out && !r->options->quiet)
		message("ignoring %zu directories of tools or caches: a session can have %d at "
			"most",
			entered->left_out, WS_PLACES_MAX);
}

static void say_named(const struct run_session *r, const struct named_files_result *named)
{
	say(r, "%zu files and %zu directories are named by the environment", named->files,
	    named->directories);
	if (named->wide && !r->options->quiet)
		message("ignoring %zu director%s that a variable names for credentials: the "
			"project, a home or a cache lies in %s",
			named->wide, named->wide == 1 ? "y" : "ies",
			named->wide == 1 ? "it" : "them");
}

/* Make the session's cgroup, find its places and protected files, and make it known to the kernel.
 */
static int begin(struct run_session *r, struct error *e)
{
	struct named_files_sources named = sources_of(r);
	struct named_files_result named_result;
	struct ws_session *s = &r->session;
	struct kernel_session_entered entered;
	struct knower_here here = { .loader = r->loader, .rules = r->rules, .record = s };
	struct knower knower = knower_here(&here);
	int err;

	err = cgroup_create(&r->cgroup, 0, r->as.uid, e);
	if (err < 0)
		return err;
	if (r->cgroup->above)
		say(r, "the session's cgroup is %s (%s)", r->cgroup->path, r->cgroup->why);
	err = kernel_session_new(s, r->rules, loader_backend(r->loader), r->cgroup, e);
	if (err < 0)
		return err;
	here.session = s->id;
	s->mode = r->options->mode;
	if (r->options->tools)
		s->flags |= WS_SESSION_TOOLS;
	r->not_admitted = s->mode == WS_MODE_AUDIT ? "audit mode" : admitter_unavailable();
	if (!r->not_admitted)
		s->flags |= WS_SESSION_ADMITS;
	if (loader_backend(r->loader) == WS_BACKEND_WATCH) {
		r->files_open = r->not_admitted ?: file_guard_unavailable();
		r->calls_open = r->not_admitted ?: call_guard_unavailable(r->loader);
	}
	err = loader_own_pid(r->loader, &s->watchdog);
	if (err < 0)
		return error_set(e, err, "wormsign's own pid cannot be found: %s", strerror(-err));
	err = find_places(r, &named, e);
	err = err ?: kernel_session_places(s, r->loader, r->tables, &r->places, NULL, &entered, e);
	err = err ?: named_files_enter(&knower, &named, &named_result, e);
	err = err ?: loader_session_begin(r->loader, s, r->cgroup->dir, e);
	if (err < 0)
		return err;
	r->begun = true;
	err = enter_made(r, e);
	if (err < 0)
		return err;
	say_entered(r, &entered);
	say_named(r, &named_result);
	return 0;
}

static int observe(struct run_session *r, struct error *e)
{
	const struct run_options *o = r->options;
	struct observer_options oo = {
		.rules = r->rules,
		.session = r->session.id,
		.mode = o->mode,
		.backend = r->by_agent ? r->client.backend : loader_backend(r->loader),
		.quiet = o->quiet,
		.verbose = o->verbose,
		.reader = &r->reader,
		.made = &r->made,
		.environment = environ,
		.start = { .command = o->command,
			   .cwd = r->cwd,
			   .home = getenv("HOME") ?: r->as.home,
			   .user = r->as.name,
			   .uid = r->as.uid,
			   .gid = r->as.gid,
			   .rules_dirs = r->by_agent ? r->client.rules_dirs : r->dirs.text },
		.feed = r->feed,
		.terminal = STDERR_FILENO,
	};
	bool roots = false;
	int err;

	r->log = o->log ? strdup(o->log) : run_log_path(RUN_LOG_DIR, &r->as, &roots);
	if (!r->log)
		return error_set(e, -ENOMEM, "out of memory");
	oo.log_path = r->log;
	oo.log_as = roots ? NULL : &r->as;
	err = observer_open(&r->observer, &oo, e);
	if (!err && roots)
		log_file_share(observer_log_fd(r->observer), &r->as);
	if (r->by_agent)
		return err ?: client_guard(&r->client, observer_log_fd(r->observer), e);
	if (err == 0)
		err = log_file_guard(observer_log_fd(r->observer), r->loader, r->session.id,
				     r->rules, e);
	return err
		       ?: ring_open(&r->ring, loader_alerts_fd(r->loader),
				    loader_telemetry_fd(r->loader), supervise_record,
				    &r->alone.supervise, e);
}

/*
 * Close our ends of stdin and stdout, so that the reader of the command's output sees its end when
 * the command closes it, and the writer of its input gets SIGPIPE.
 */
static void release_pipes(void)
{
	_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
}

/* All is ready: start the command. */
static int go(struct run_session *r, struct error *e)
{
	int err;

	if (signals_fatal_pending())
		return error_set(e, -EINTR, "interrupted");
	err = launch_go(&r->launch);
	return err < 0 ? error_set(e, err, "the command has died before it was started: %s",
				   strerror(-err))
		       : 0;
}

/* With a NULL at its end; the homes' names stay those of r. */
static int list_homes(const struct run_session *r, const char ***ret)
{
	const char **homes = calloc(r->places.count + 1, sizeof(*homes));
	size_t n = 0;

	if (!homes)
		return -ENOMEM;
	for (size_t i = 0; i < r->places.count; i++)
		if (r->places.at[i].place == WS_PLACE_HOME)
			homes[n++] = r->places.at[i].path;
	*ret = homes;
	return 0;
}

static int start_admitter(struct run_session *r, struct error *e)
{
	_free_ const char **homes = NULL;
	struct admitter_options o = { .keep = r->options->keep,
				      .rules = r->rules,
				      .session = r->session.id };
	int err = list_homes(r, &homes);

	if (err < 0)
		return error_set(e, err, "out of memory");
	o.homes = homes;
	return admitter_start(&r->admitter, r->loader, &o, e);
}

static void start_look(struct run_session *r)
{
	struct residue_sources sources = { .environment = environ,
					   .home = getenv("HOME") ?: r->as.home,
					   .cwd = r->cwd };

	residue_look_start(&r->look, &sources, &r->as);
}

/* Fork the command, make it a member of the session, and start it. */
static int start_command(struct run_session *r, struct error *e)
{
	int err;

	reader_start(&r->reader, &r->as);
	start_look(r);
	err = watchdog_start(&r->watchdog, r->loader, r->session.id, r->cgroup, e);
	if (!err && !r->not_admitted)
		err = start_admitter(r, e);
	err = err ?: launch_fork(&r->launch, r->options->command, &r->start, &r->as, e);
	if (err < 0)
		return err;
	/* after the forks: who closes the last copy of a probe's descriptor waits for the kernel */
	say(r, "%d functions of TLS libraries are watched",
	    tls_libraries_watch(r->loader, getenv("PATH")));
	err = kernel_session_enter(r->loader, &r->session, r->cgroup, r->launch.pid,
				   r->launch.pidfd, e);
	if (err < 0)
		return err;
	release_pipes();
	err = capabilities_reduce(r->cgroup->foreign);
	if (err < 0)
		return error_set(e, err, "privileges cannot be given up: %s", strerror(-err));
	return go(r, e);
}

/* ---- by the agent ---- */

/* What neither root nor a user may ask of the agent. */
static int check_options(const struct run_options *o, struct error *e)
{
	if (geteuid() == 0)
		return error_set(e, -EPERM,
				 "--socket=%s: root's own run does not use the agent; leave the "
				 "option out",
				 o->socket);
	if (o->rules[0])
		return error_set(
			e, -EPERM,
			"--rules needs root and --no-agent: sessions of the agent have its "
			"rules");
	if (o->sinks[0] || o->config)
		return error_set(e, -EPERM,
				 "--sink and --config need root and --no-agent: sessions of the "
				 "agent are delivered as its configuration says (\"delivery\")");
	if (o->keep[0])
		return error_set(e, -EPERM,
				 "--keep-env needs root and --no-agent; root can name variables in "
				 "the agent's configuration (keep_env)");
	if (o->backend)
		return error_set(e, -EPERM,
				 "--backend needs root and --no-agent: sessions of the agent have "
				 "its backend");
	return 0;
}

/* The caches that variables name: which variables those are, the agent has said. */
static int place_named_caches(struct run_session *r, const struct named_files_sources *named,
			      const struct knower *k)
{
	CLEANUP(strings_done) struct strings caches = { 0 };
	_free_ struct place *at = NULL;
	struct places all = { .count = r->places.count };
	int err = named_files_caches(&caches, named);

	at = calloc(all.count + caches.count + 1, sizeof(*at));
	if (err < 0 || !at)
		return -ENOMEM;
	all.at = at;
	memcpy(at, r->places.at, all.count * sizeof(*at));
	for (size_t i = 0; i < caches.count; i++)
		at[all.count++] = (struct place){ .place = WS_PLACE_CACHE,
						  .named = true,
						  .path = caches.at[i] };
	cache_dirs_make(&all, &r->as);
	for (size_t i = r->places.count; err == 0 && i < all.count; i++) {
		_close_ int fd = open(at[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0)
			err = k->place(k->arg, fd, WS_PLACE_CACHE);
	}
	return err;
}

/* Look at what the environment and configuration name, as begin() does, and tell the agent. */
static int look(struct run_session *r, struct error *e)
{
	struct named_files_sources named = sources_of(r);
	struct knower knower = client_knower(&r->client);
	struct named_files_result result;
	int err = place_named_caches(r, &named, &knower);

	if (err < 0)
		return error_set(e, err, "a cache cannot be told to the agent: %s", strerror(-err));
	err = named_files_enter(&knower, &named, &result, e);
	if (err < 0)
		return err;
	say_named(r, &result);
	named_files_managers(&knower, &named);
	r->client.late = (struct late_looks){ .knower = knower,
					      .session = r->session.id,
					      .places = &r->places };
	return 0;
}

/* As begin() and start_command(), but the agent does what takes privileges; the command waits at
 * its gate meanwhile. */
static int start_by_agent(struct run_session *r, struct error *e)
{
	const struct run_options *o = r->options;
	struct named_files_sources named = sources_of(r);
	struct kernel_session_entered entered = { 0 };
	int err;

	err = check_options(o, e);
	err = err ?: find_places(r, &named, e);
	err = err ?: protocol_connect(&r->client.socket, o->socket ?: AGENT_SOCKET, e);
	err = err ?: attend_prepare(&r->alone.attend, e);
	if (err < 0)
		return err;
	reader_start(&r->reader, &r->as);
	err = launch_fork(&r->launch, o->command, &r->start, &r->as, e);
	err = err
		      ?: client_start(&r->client, &r->launch, &r->places, o->mode, o->tools,
				      o->grace_ms, r->cwd, o->command, e);
	if (err < 0)
		return err;
	r->session.id = r->client.session;
	r->rules = r->client.rules;
	r->not_admitted = r->client.not_admitted[0] ? r->client.not_admitted : NULL;
	if (r->client.backend == WS_BACKEND_WATCH) {
		r->files_open = r->client.files_open[0] ? r->client.files_open : NULL;
		r->calls_open = r->client.calls_open[0] ? r->client.calls_open : NULL;
	}
	entered.files = r->client.files;
	entered.left_out = r->client.left_out;
	say_entered(r, &entered);
	if (r->client.refused && !o->quiet && (o->verbose || o->cache[0] || o->tmp[0]))
		message("ignoring %u caches, temporary directories and tools of your own: the "
			"agent does not permit them",
			r->client.refused);
	err = look(r, e);
	err = err ?: observe(r, e);
	if (err < 0)
		return err;
	release_pipes();
	return go(r, e);
}

int run_session_start(struct run_session *r, struct error *e)
{
	int err;

	r->alone.attend = (struct attend){
		.launch = &r->launch,
		.watchdog = r->by_agent ? NULL : &r->watchdog,
		.admitter = r->by_agent ? NULL : &r->admitter,
		.signals = -1,
	};
	if (r->by_agent)
		return start_by_agent(r, e);
	err = capabilities_check(r->as.drop, e);
	err = err ?: run_delivery_start(&r->feed, r->options, &r->as, e);
	err = err ?: load(r, e);
	/* from here on a signal must not end us before we have cleaned up */
	err = err ?: attend_prepare(&r->alone.attend, e);
	err = err ?: begin(r, e);
	err = err ?: observe(r, e);
	err = err ?: start_command(r, e);
	return err;
}

/* What the session has left behind, when nothing of it lives. */
static void look_for_residue(struct run_session *r)
{
	uint64_t since = observer_since(r->observer);

	if (r->by_agent) {
		start_look(r);
		r->residue = r->client.residue;
		r->client.residue = (struct residue){ 0 };
	} else {
		residue_look_spools(&r->residue, since, r->as.uid, r->as.name);
	}
	residue_look_take(&r->residue, &r->look, since, RESIDUE_LOOK_MS);
	leftovers_add_sockets(&r->residue, &r->leftovers);
	observer_residue(r->observer, &r->residue);
}

/* Add to r->end what the command's status says, and close the log with it. */
static int finish(struct run_session *r)
{
	struct session_end *end = &r->end;
	struct error why = { 0 };
	int err;

	end->status = r->alone.attend.status;
	end->command_status = launch_failed(&r->launch, r->options->command[0], &why);
	if (end->command_status)
		cmd_output_error(&why, 0);
	else if (WIFSIGNALED(end->status))
		end->command_status = 128 + WTERMSIG(end->status);
	else
		end->command_status = WEXITSTATUS(end->status);
	end->withheld.unavailable = r->not_admitted;
	end->withheld.files_open = r->files_open;
	end->withheld.calls_open = r->calls_open;
	look_for_residue(r);
	err = observer_finish(r->observer, end);
	free(end->reports);
	end->reports = NULL;
	end->report_count = 0;
	return err;
}

static int end_alone(struct run_session *r)
{
	static const struct kernel_losses none;
	const struct hook_state *hooks;
	size_t hook_count = loader_hooks(r->loader, &hooks);
	struct supervise *s = &r->alone.supervise;
	struct knower_here here = { .loader = r->loader,
				    .session = r->session.id,
				    .rules = r->rules };
	struct error e = { 0 }, unsaved = { 0 }, unkept = { 0 };
	int watched;

	s->loader = r->loader;
	s->session = r->session.id;
	s->cgroup = r->cgroup;
	s->grace_ms = r->options->grace_ms;
	r->alone.observer = r->observer;
	r->alone.ring = r->ring;
	r->late = (struct late_looks){ .knower = knower_here(&here),
				       .session = r->session.id,
				       .places = &r->places };
	r->alone.look = late_looks_record;
	r->alone.look_arg = &r->late;
	watched = supervise_alone(&r->alone, &e);
	if (watched < 0)
		cmd_output_error(&e, -watched);
	else /* its processes are dead; it takes some 90 ms, so begin now */
		loader_unwatch_tls(r->loader);
	r->end.broken = s->broken || watched < 0;
	r->leftovers = s->leftovers;
	kernel_session_end(&r->end, r->loader, &r->session, &none);
	watched = loader_session_reports(r->loader, r->session.id, &r->end.reports,
					 &r->end.report_count);
	if (watched < 0)
		message("the kernel's counts of verdicts cannot be read: %s", strerror(-watched));
	r->end.withheld = s->withheld;
	r->end.bad_records = ring_bad(r->ring);
	r->end.coverage = coverage_of(hooks, hook_count, r->rules);
	if (made_list_save(&r->made, MADE_LIST_DIR, &unsaved) < 0)
		message("what packages created in this run will not count as theirs in the next: "
			"%s",
			unsaved.text);
	earlier_list_keep(r->loader, r->session.id, r->as.uid, MADE_LIST_DIR, &r->end.earlier,
			  &unkept);
	if (r->end.earlier.unsaved)
		message("programs that packages left will not be known in later runs: %s",
			unkept.text);
	return finish(r);
}

int run_session_end(struct run_session *r)
{
	if (!r->by_agent)
		return end_alone(r);
	client_watch(&r->client, &r->alone.attend, r->observer, r->options->grace_ms, &r->end);
	r->leftovers = r->client.leftovers;
	if (r->client.stopped == AGENT_STOPPED_UNSAVED)
		message("this session was ended by the agent: delivery could not put its alerts on "
			"disk");
	else if (r->client.stopped)
		message("this session was ended by `wormsign stop`%s",
			r->client.stopped == AGENT_STOPPED_BY_ROOT ? " of root" : "");
	return finish(r);
}
