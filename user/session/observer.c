// SPDX-License-Identifier: GPL-2.0-only
/*
 * observer.c - takes a session's records as they come: enters them in the tables, writes the log,
 * prints blocks.
 */
#include "session/observer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "session/held_blocks.h"
#include "session/shadowed.h"
#include "session/unjudged.h"
#include "session/verdict_sum.h"
#include "sanitize/redact_text.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "events/command_label.h"
#include "events/decode.h"
#include "events/host_id.h"
#include "events/event.h"
#include "events/event_part.h"
#include "events/session_log.h"
#include "report/summary.h"
#include "base/tally.h"
#include "report/terminal.h"
#include "events/process_look.h"
#include "events/dependents.h"
#include "policy/managers.h"
#include "events/verdict_rule.h"
#include "events/verdict_text.h"
#include "events/writers.h"
#include "session/residue_look.h"

/*
 * Of each kind of event of a script the log gets the first so many, then every 2^k-th. The kernel
 * limits verdicts below WS_DENY; the others are counted for each object, so that repetitions about
 * one object cannot crowd out another.
 */
#define LOG_EXECS    10000
#define LOG_NETS     10000
#define LOG_DEATHS   1000
#define LOG_VERDICTS 4	   /* of a rule about one object */
#define LOG_OBJECTS  20000 /* of a rule */

#define READER_WAIT 300 /* ms */

/* tally_key.what, beside the rules' numbers */
enum {
	COUNT_EXEC = 0x20000,
	COUNT_NET,
	COUNT_DEATH,
	COUNT_SHADOWED,
	COUNT_RULE = 0x40000,
	COUNT_OBJECTS = 0x80000
};

struct observer {
	struct event_context context;
	struct process_table *processes;
	struct session_log *log; /* NULL: none */
	struct terminal terminal;
	struct block block;
	struct tally tally;
	struct verdict_sum sum;
	struct held_blocks blocks;
	struct made_list *made;
	struct unjudged unjudged;
	struct buf ended; /* lines: see struct summary */
	struct writers writers;
	const struct residue *residue; /* NULL: nobody has looked */
	uint64_t begun;
	bool quiet, verbose, finished;
	struct error log_error;
	char *log_path, *home, *user;
	char *cwd;
	struct buf command; /* its line, redacted */
	char host[256], host_id[HOST_ID_LEN];
	struct delivery_feed *feed;
	struct reader *reader; /* NULL: none */
};

static void log_event(struct observer *o, json_t *event)
{
	part_related(event);
	if (o->log)
		session_log_write(o->log, event);
	else
		json_decref(event);
}

static void add_command(struct buf *out, char *const *words)
{
	_buf_ struct buf argv = BUF_INIT;

	for (; words && *words; words++)
		buf_add(&argv, *words, strlen(*words) + 1);
	command_text(out, argv.at, argv.len, false);
}

bool observer_identify(struct observer *o, char *const *environment)
{
	struct job_identity job;

	if (!o->context.job && job_identity_find(&job, environment) == 0)
		o->context.job = part_job(&job);
	return o->context.job;
}

void observer_step(struct observer *o, const struct ws_head *h, char *const *environment)
{
	const char *step = job_step_find(environment);
	struct process *p = step ? process_table_see(o->processes, h) : NULL;

	if (p)
		process_set_step(p, step);
}

static int open_log(struct observer *o, const struct run_as *as, struct error *e)
{
	CLEANUP(run_as_files_end) struct run_as_files files = { 0 };
	int err = as ? run_as_files_begin(&files, as) : 0;

	if (err < 0)
		return error_set(e, err, "session log %s: your rights cannot be taken: %s",
				 o->log_path, strerror(-err));
	return session_log_open(&o->log, o->log_path, e);
}

int observer_log_fd(const struct observer *o)
{
	return o->log ? session_log_fd(o->log) : -1;
}

int observer_open(struct observer **ret, const struct observer_options *options, struct error *e)
{
	struct observer *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return error_set(e, -ENOMEM, "no memory to observe the session");
	o->command = o->ended = (struct buf)BUF_INIT;
	o->tally = (struct tally)TALLY_INIT(65536);
	o->sum = (struct verdict_sum)VERDICT_SUM_INIT;
	o->blocks = (struct held_blocks)HELD_BLOCKS_INIT;
	terminal_open(&o->terminal, options->terminal);
	o->quiet = options->quiet;
	o->verbose = options->verbose;
	o->processes = process_table_new(process_look_proc);
	o->context.scopes = scope_table_new();
	o->log_path = options->log_path ? strdup(options->log_path) : NULL;
	o->home = strdup(options->start.home ? options->start.home : "");
	o->user = strdup(options->start.user ? options->start.user : "");
	o->cwd = strdup(options->start.cwd ? options->start.cwd : "");
	add_command(&o->command, options->start.command);
	if (!o->processes || !o->context.scopes || (options->log_path && !o->log_path) ||
	    !o->home || !o->user || !o->cwd) {
		observer_free(o);
		return error_set(e, -ENOMEM, "no memory to observe the session");
	}
	if (o->log_path) {
		err = open_log(o, options->log_as, e);
		if (err < 0) {
			observer_free(o);
			return err;
		}
	}
	o->feed = options->feed;
	err = o->log || !o->feed ? 0 : session_log_none(&o->log, e);
	if (err < 0) {
		observer_free(o);
		return err;
	}
	if (o->feed)
		session_log_tee(o->log, delivery_feed_event, o->feed);
	if (gethostname(o->host, sizeof(o->host) - 1) < 0)
		o->host[0] = '\0';
	o->begun = clock_ns(CLOCK_MONOTONIC);
	o->context.rules = options->rules;
	o->context.processes = o->processes;
	o->context.session = options->session;
	o->context.account = options->account;
	o->context.mode = options->mode;
	o->context.backend = options->backend;
	o->context.realtime = clock_ns(CLOCK_REALTIME) - o->begun;
	host_id_here(o->host_id);
	o->context.host = o->host;
	o->context.host_id = o->host_id;
	o->context.cwd = o->cwd;
	o->context.command = o->command.at;
	o->context.user = o->user;
	o->context.uid = options->start.uid;
	o->block = (struct block){ .terminal = &o->terminal,
				   .context = &o->context,
				   .home = o->home,
				   .log_path = o->log_path };
	o->sum.home = o->home;
	o->sum.cwd = o->cwd;
	o->blocks.block = &o->block;
	o->reader = options->reader;
	o->blocks.reader = options->account ? NULL : options->reader; /* nobody reads those */
	o->made = options->made;
	o->blocks.cwd = o->cwd;
	o->blocks.home = o->home;
	o->blocks.since = o->begun + o->context.realtime;
	o->blocks.verbose = o->verbose;
	if (options->reader) /* which is slow once, for a large lockfile */
		reader_checksum(o->reader, "", o->cwd, strlen(o->cwd), o->cwd, "");
	if (options->environment)
		observer_identify(o, options->environment);
	log_event(o, event_session_start(&o->context, o->begun, &options->start));
	err = o->log ? session_log_error(o->log) : 0;
	if (err < 0) {
		error_set(e, err, "session log %s: %s", o->log_path, strerror(-err));
		observer_free(o);
		return err;
	}
	*ret = o;
	return 0;
}

void observer_free(struct observer *o)
{
	if (!o)
		return;
	held_blocks_free(&o->blocks);
	process_table_free(o->processes);
	scope_table_free(o->context.scopes);
	session_log_close(o->log);
	terminal_close(&o->terminal);
	verdict_sum_free(&o->sum);
	tally_free(&o->tally);
	free(o->log_path);
	free(o->home);
	free(o->user);
	free(o->cwd);
	json_decref(o->context.job);
	buf_free(&o->command);
	buf_free(&o->ended);
	unjudged_free(&o->unjudged);
	writers_free(&o->writers);
	free(o);
}

enum ws_action observer_strongest(const struct observer *o)
{
	return o->sum.strongest;
}

/* Whether the log has had enough of these. */
static bool worth_logging(struct observer *o, uint64_t scope, uint64_t what, uint64_t all)
{
	uint64_t n = tally_add(&o->tally, (struct tally_key){ .scope = scope, .what = what });

	if (tally_worth(n, all))
		return true;
	o->sum.counts.folded++;
	return false;
}

int64_t observer_unsaved_ms(const struct observer *o)
{
	return o->feed ? delivery_feed_unsaved_ms(o->feed) : 0;
}

int observer_tick(struct observer *o, uint64_t time)
{
	if (o->feed)
		delivery_feed_pump(o->feed);
	return held_blocks_tick(&o->blocks, time);
}

/* ---- records ---- */

/* A dependency's program that the project runs in place of the system's: once for each name. */
static void note_shadowed(struct observer *o, const struct ws_rec_exec *r)
{
	_buf_ struct buf name = BUF_INIT, file = BUF_INIT, package = BUF_INIT, tried = BUF_INIT;
	_buf_ struct buf clean_name = BUF_INIT, clean_package = BUF_INIT;
	const struct reader_answer *a = NULL;
	struct tally_key key = { .scope = r->head.scope, .what = COUNT_SHADOWED };

	if (!shadowed_exec(r, &name, &file))
		return;
	key.object = tally_hash(name.at, name.len);
	if (tally_add(&o->tally, key) > 1)
		return;
	if (o->reader)
		a = reader_answer(o->reader, reader_ask_link(o->reader, file.at), READER_WAIT);
	shadowed_package(&package, file.at, a ? a->link : "");
	redact_text(&clean_name, name.at, name.len, false);
	redact_text(&clean_package, package.len ? package.at : "", package.len, false);
	buf_addf(&tried, "run %s of %s in place of the system's", clean_name.at,
		 clean_package.len ? clean_package.at : "an unknown package");
	verdict_sum_alert(&o->sum, &r->head, FINDING_SHADOW, o->context.mode, tried.at);
	log_event(o, event_shadowed(&o->context, r, clean_name.at,
				    clean_package.len ? clean_package.at : NULL));
}

static void on_exec(struct observer *o, const struct ws_rec_exec *r)
{
	struct scope *scope = scope_table_get(o->context.scopes, r->head.scope);
	const char *foreign; /* a package that is not the project's */
	bool script = r->head.actor == WS_ACTOR_PACKAGE || r->head.actor == WS_ACTOR_PROJECT ||
		      r->head.actor == WS_ACTOR_TOOL;

	process_table_exec(o->processes, r);
	o->sum.counts.execs++;
	note_shadowed(o, r);
	foreign = unjudged_exec(&o->unjudged, r, o->cwd);
	if (scope && foreign && strcmp(scope->event, "npx") == 0)
		scope_fetched(scope, foreign);
	if (scope)
		scope->execs++;
	if ((script || o->verbose) && worth_logging(o, r->head.scope, COUNT_EXEC, LOG_EXECS))
		log_event(o, event_exec(&o->context, r));
}

/* What the package's own files call it, where its manager does not say it. */
static void find_name(struct observer *o, struct scope *s)
{
	const struct reader_answer *a = NULL;

	if (!scope_is_nameless(s))
		return;
	if (o->reader)
		a = reader_answer(o->reader, reader_ask_package(o->reader, s->directory),
				  READER_WAIT);
	if (a)
		scope_says(s, a->name, a->version);
}

/* What the lockfile states of the package whose script begins. */
static void find_checksum(struct observer *o, struct scope *s)
{
	const char *project, *sum;
	size_t len;

	if (!o->reader || s->manager >= manager_count || !s->directory[0] || !s->version[0] ||
	    (s->actor != WS_ACTOR_PACKAGE && s->actor != WS_ACTOR_TOOL))
		return;
	project = dependents_project(s->directory, o->cwd, &len);
	sum = reader_checksum(o->reader, managers[s->manager].name, project, len, s->directory,
			      s->version);
	if (sum)
		scope_checksum(s, sum);
}

static void on_scope(struct observer *o, const struct ws_rec_scope *r)
{
	struct scope *s;

	process_table_see(o->processes, &r->head);
	s = scope_table_add(o->context.scopes, r);
	if (s) {
		find_name(o, s);
		find_checksum(o, s);
	}
	log_event(o, event_scope(&o->context, r));
}

static void on_death(struct observer *o, const struct ws_rec_exit *r)
{
	o->sum.counts.killed++;
	process_table_see(o->processes, &r->head);
	if (worth_logging(o, r->head.scope, COUNT_DEATH, LOG_DEATHS))
		log_event(o, event_death(&o->context, r));
	held_blocks_died(&o->blocks, r);
	process_table_exit(o->processes, &r->head);
}

static void on_net(struct observer *o, const struct ws_rec_net *r)
{
	_buf_ struct buf text = BUF_INIT;

	process_table_see(o->processes, &r->head);
	decode_address(&text, &r->to);
	if (r->to.port)
		buf_addf(&text, memchr(text.at, ':', text.len) ? " port %u" : ":%u", r->to.port);
	findings_connect(&o->sum.findings, r->head.scope, r->head.actor, text.at);
	if (worth_logging(o, r->head.scope, COUNT_NET, LOG_NETS))
		log_event(o, event_net(&o->context, r));
}

/* Whether the log is to have it: see LOG_VERDICTS. */
static bool worth_logging_verdict(struct observer *o, const struct ws_rec_verdict *r)
{
	uint64_t object = tally_hash(r->path.bytes, r->path.len) ^
			  tally_hash(&r->to, sizeof(r->to)) ^ (uint64_t)r->target_pid << 32;
	struct tally_key one = { r->head.scope, COUNT_RULE + r->rule, object | 1 };
	struct tally_key all = { r->head.scope, COUNT_OBJECTS + r->rule, 0 };
	uint64_t n;

	if (r->action < WS_DENY)
		return true;
	n = tally_add(&o->tally, one);
	if (tally_worth(n, LOG_VERDICTS) && tally_worth(tally_add(&o->tally, all), LOG_OBJECTS))
		return true;
	o->sum.counts.folded++;
	return false;
}

static void on_verdict(struct observer *o, const struct ws_rec_verdict *r)
{
	process_table_see(o->processes, &r->head);
	scope_table_get(o->context.scopes, r->head.scope);
	if (worth_logging_verdict(o, r))
		log_event(o, event_verdict(&o->context, r));
	if (r->action == WS_ALLOW) /* a rule that only sets a label */
		return;
	if (verdict_sum_add(&o->sum, r))
		log_event(o, event_search(&o->context, r, SEARCH_MOST, verdict_sum_withheld(r)));
	held_blocks_verdict(&o->blocks, r);
}

void observer_record(void *arg, const struct ws_head *rec)
{
	struct observer *o = arg;

	if (rec->session != o->context.session)
		return;
	held_blocks_tick(&o->blocks, rec->time);
	writers_record(&o->writers, rec);
	switch (rec->kind) {
	case WS_REC_EXEC:
		on_exec(o, (const struct ws_rec_exec *)rec);
		break;
	case WS_REC_EXIT:
		process_table_exit(o->processes, rec);
		break;
	case WS_REC_HOME: /* the supervisor's */
		process_table_see(o->processes, rec);
		break;
	case WS_REC_SCOPE:
		on_scope(o, (const struct ws_rec_scope *)rec);
		break;
	case WS_REC_VERDICT:
		on_verdict(o, (const struct ws_rec_verdict *)rec);
		break;
	case WS_REC_NET:
		on_net(o, (const struct ws_rec_net *)rec);
		break;
	case WS_REC_DEATH:
		on_death(o, (const struct ws_rec_exit *)rec);
		break;
	case WS_REC_MADE:
		/* without memory it is the package's in this session only */
		if (o->made)
			made_list_record(o->made, (const struct ws_rec_made *)rec,
					 o->context.realtime);
		break;
	}
}

/* ---- the end ---- */

/* "sleep of evil@1.0 (postinstall)"; in a name, a line's end is another byte. */
static void add_ended(struct observer *o, const struct session_leftover *l)
{
	_buf_ struct buf line = BUF_INIT;

	if (!l->scope)
		return;
	redact_comm(&line, l->comm, strnlen(l->comm, sizeof(l->comm)));
	buf_adds(&line, " of ");
	scope_who(&line, o->context.scopes, l->scope, l->actor);
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] == '\n')
			line.at[i] = '?';
	buf_addf(&o->ended, "%s%s", o->ended.len ? "\n" : "", line.at);
}

void observer_leftover(struct observer *o, const struct session_leftover *left)
{
	const struct process *p = process_table_find_pid(o->processes, left->pid);
	struct session_leftover l = *left;
	struct finding finding = { .rule = FINDING_OUTLIVE,
				   .mode = o->context.mode,
				   .tried = "outlive the command" };
	struct verdict_rule rule;

	/* found in the cgroup alone: its records say which scope it belongs to */
	if (l.actor == WS_ACTOR_NONE && p && !p->exited) {
		l.actor = p->actor;
		l.scope = p->scope;
	}
	log_event(o, event_leftover(&o->context, clock_ns(CLOCK_MONOTONIC), &l));
	add_ended(o, &l);
	if (!leftover_accuses(&l))
		return;
	verdict_rule_outlive(&rule, o->context.rules, l.actor);
	finding.scope = l.scope;
	finding.actor = l.actor;
	finding.action = rule.action;
	finding.stops = rule.action >= WS_DENY;
	findings_add(&o->sum.findings, &finding);
	verdict_sum_strengthen(&o->sum, o->context.mode, rule.action);
	scope_table_get(o->context.scopes, l.scope);
	if (rule.action >= WS_DENY)
		o->sum.counts.verdicts++;
	if (rule.action >= WS_DENY || o->verbose)
		held_blocks_leftover(&o->blocks, &l);
}

uint64_t observer_since(const struct observer *o)
{
	return residue_since(o->begun, o->context.realtime);
}

void observer_residue(struct observer *o, struct residue *r)
{
	o->residue = r;
	for (size_t i = 0; i < r->count; i++) {
		struct residue_item *item = &r->at[i];

		item->actor = writers_find(&o->writers, item->path, &item->scope);
		log_event(o, event_residue(&o->context, clock_ns(CLOCK_MONOTONIC), item));
	}
}

/* Enter what the kernel counted without a record, by rule, script and class. */
static void fold(struct observer *o, const struct session_end *end, uint64_t time)
{
	for (size_t i = 0; i < end->report_count; i++) {
		const struct finding *f;
		const char *sample;
		uint64_t n = verdict_sum_fold(&o->sum, &end->reports[i], &f, &sample);
		struct verdict_repeated repeated = { .scope = end->reports[i].key.scope,
						     .rule = end->reports[i].key.rule,
						     .count = n,
						     .about = sample };

		if (!n)
			continue;
		repeated.actor = f->actor;
		repeated.action = f->action;
		log_event(o, event_repeated(&o->context, time, &repeated));
	}
}

static int check_log(const struct observer *o, struct error *e)
{
	char mark[40];

	snprintf(mark, sizeof(mark), "\"session\":\"%016" PRIx64 "\"", o->context.session);
	return session_log_verify(o->log, mark, e);
}

const char *observer_log_error(const struct observer *o)
{
	return o->log_error.text;
}

int observer_finish(struct observer *o, const struct session_end *end)
{
	_buf_ struct buf managers = BUF_INIT, programs = BUF_INIT;
	struct summary summary = {
		.end = end,
		.counts = &o->sum.counts,
		.findings = &o->sum.findings,
		.scopes = o->context.scopes,
		.ended = &o->ended,
		.residue = o->residue,
		.home = o->home,
		.rules = o->context.rules,
		.mode = o->context.mode,
		.backend = o->context.backend,
		.log_path = o->log_path,
	};
	uint64_t time = clock_ns(CLOCK_MONOTONIC);
	struct error lost = { 0 };
	int err = 0;

	if (o->finished)
		return 0;
	o->finished = true;
	verdict_sum_end(&o->sum, end);
	fold(o, end, time);
	held_blocks_flush(&o->blocks);
	unjudged_list_text(&managers, &o->unjudged.managers);
	unjudged_list_text(&programs, &o->unjudged.programs);
	o->sum.counts.unjudged_managers = managers.len ? managers.at : NULL;
	o->sum.counts.unjudged_programs = programs.len ? programs.at : NULL;
	/* The kernel counts what the command forked. */
	o->sum.counts.processes = end->forks + 1;
	o->sum.counts.scopes = scope_table_count(o->context.scopes);
	o->sum.counts.unwritten = o->log ? session_log_unwritten(o->log) : 0;
	o->sum.counts.residue = o->residue;
	log_event(o, event_session_end(&o->context, time, end, &o->sum.counts, o->sum.strongest));
	if (o->log) {
		o->sum.counts.unwritten = session_log_unwritten(o->log);
		summary.log_error = session_log_error(o->log);
		err = check_log(o, &lost);
		summary.log_lost = err < 0 ? lost.text : NULL;
	}
	summary.strongest = o->sum.strongest;
	summary.ns = time - o->begun;
	summary_print(&o->terminal, &summary, o->quiet);
	if (err < 0)
		return error_set(&o->log_error, err, "the log %s is lost: %s", o->log_path,
				 lost.text);
	if (summary.log_error < 0)
		return error_set(&o->log_error, summary.log_error, "part of the log %s is lost: %s",
				 o->log_path, strerror(-summary.log_error));
	return 0;
}
