// SPDX-License-Identifier: GPL-2.0-only
/*
 * observer.c - takes a session's records as they come: enters them in the tables, writes the log,
 * tells the terminal.
 *
 * A verdict is logged at once. Its block waits for the death it caused, so that it can say how long
 * that took, but no longer than BLOCK_WAIT: records may get lost, and there may be no later one.
 */
#include "observer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "block.h"
#include "cleanup.h"
#include "decode.h"
#include "event.h"
#include "findings.h"
#include "record.h"
#include "summary.h"
#include "tally.h"
#include "terminal.h"
#include "verdict_text.h"

#define BLOCK_WAIT  100000000ULL /* ns */
#define BLOCKS_HELD 16
#define BLOCKS_RULE 3	/* of one script and rule; the rest is in the summary */
#define BLOCKS_MOST 100 /* of one session */

/* The log tells each of the first so many of one kind (of one script), then every 2^k-th. */
#define LOG_EXECS    10000
#define LOG_NETS     10000
#define LOG_DEATHS   1000
#define LOG_VERDICTS 1000

/* tally_key.what, beside the rules' numbers */
enum { COUNT_EXEC = 0x20000, COUNT_NET, COUNT_DEATH, COUNT_RULE = 0x40000, COUNT_BLOCK = 0x60000 };

struct held { /* a verdict whose block is not written yet */
	struct ws_rec_verdict *verdict;
	struct block_fate fate;
};

struct observer {
	struct event_context context;
	struct process_table *processes;
	struct record *log; /* NULL: none */
	struct terminal terminal;
	struct block block;
	struct findings findings;
	struct tally tally;
	struct event_counts counts;
	struct held held[BLOCKS_HELD];
	size_t held_count;
	uint64_t blocks;
	enum ws_action strongest;
	uint64_t begun;
	bool quiet, verbose, finished;
	char *log_path, *home, *user;
	char host[256];
};

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void log_event(struct observer *o, json_t *event)
{
	if (o->log)
		record_write(o->log, event);
	else
		json_decref(event);
}

int observer_open(struct observer **ret, const struct observer_options *options, struct error *e)
{
	struct observer *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return error_set(e, -ENOMEM, "no memory to observe the session");
	o->tally = (struct tally)TALLY_INIT(65536);
	terminal_open(&o->terminal, options->terminal);
	o->quiet = options->quiet;
	o->verbose = options->verbose;
	o->processes = process_table_new(process_look_proc);
	o->context.scopes = scope_table_new();
	o->log_path = options->log_path ? strdup(options->log_path) : NULL;
	o->home = strdup(options->home ? options->home : "");
	o->user = strdup(options->user ? options->user : "");
	if (!o->processes || !o->context.scopes || (options->log_path && !o->log_path) ||
	    !o->home || !o->user) {
		observer_free(o);
		return error_set(e, -ENOMEM, "no memory to observe the session");
	}
	if (o->log_path) {
		err = record_open(&o->log, o->log_path, e);
		if (err < 0) {
			observer_free(o);
			return err;
		}
	}
	if (gethostname(o->host, sizeof(o->host) - 1) < 0)
		o->host[0] = '\0';
	o->begun = now(CLOCK_MONOTONIC);
	o->context.rules = options->rules;
	o->context.processes = o->processes;
	o->context.session = options->session;
	o->context.mode = options->mode;
	o->context.backend = options->backend;
	o->context.realtime = now(CLOCK_REALTIME) - o->begun;
	o->context.host = o->host;
	o->context.user = o->user;
	o->context.uid = options->uid;
	o->block = (struct block){ .terminal = &o->terminal,
				   .context = &o->context,
				   .home = o->home,
				   .log_path = o->log_path };
	log_event(o, event_session_start(&o->context, o->begun, options));
	err = o->log ? record_error(o->log) : 0;
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
	for (size_t i = 0; i < o->held_count; i++)
		free(o->held[i].verdict);
	process_table_free(o->processes);
	scope_table_free(o->context.scopes);
	record_close(o->log);
	terminal_close(&o->terminal);
	findings_free(&o->findings);
	tally_free(&o->tally);
	free(o->log_path);
	free(o->home);
	free(o->user);
	free(o);
}

enum ws_action observer_strongest(const struct observer *o)
{
	return o->strongest;
}

static void strengthen(struct observer *o, enum ws_mode mode, enum ws_action action)
{
	if (mode == WS_MODE_AUDIT && action > WS_ALERT)
		action = WS_ALERT;
	if (action > o->strongest)
		o->strongest = action;
}

/* Whether the log has had enough of these. */
static bool worth_logging(struct observer *o, uint64_t scope, uint64_t what, uint64_t all)
{
	uint64_t n = tally_add(&o->tally, (struct tally_key){ .scope = scope, .what = what });

	if (tally_worth(n, all))
		return true;
	o->counts.folded++;
	return false;
}

/* ---- blocks ---- */

static struct tally_key key_of(const struct ws_rec_verdict *r)
{
	uint64_t object = tally_hash(r->path.bytes, r->path.len) ^
			  tally_hash(&r->to, sizeof(r->to)) ^ ((uint64_t)r->target_pid << 32);

	return (struct tally_key){ .scope = r->head.scope, .what = r->rule, .object = object };
}

static void release(struct observer *o, size_t i)
{
	struct held h = o->held[i];

	memmove(&o->held[i], &o->held[i + 1], (o->held_count - i - 1) * sizeof(h));
	o->held_count--;
	h.fate.times = tally_get(&o->tally, key_of(h.verdict));
	block_verdict(&o->block, h.verdict, &h.fate);
	free(h.verdict);
}

static void release_older(struct observer *o, uint64_t time)
{
	while (o->held_count && o->held[0].verdict->head.time + BLOCK_WAIT <= time)
		release(o, 0);
}

int observer_tick(struct observer *o, uint64_t time)
{
	uint64_t due;

	release_older(o, time);
	if (!o->held_count)
		return -1;
	due = o->held[0].verdict->head.time + BLOCK_WAIT;
	return (int)((due - time) / 1000000 + 1);
}

/* A process died by a verdict: the block that waits for it can be written. */
static void release_dead(struct observer *o, const struct ws_rec_exit *r)
{
	for (size_t i = 0; i < o->held_count; i++) {
		const struct ws_head *h = &o->held[i].verdict->head;

		if (h->pid != r->head.pid || h->started != r->head.started)
			continue;
		o->held[i].fate.died_at = r->head.time;
		o->held[i].fate.condemned_at = r->condemned_at;
		release(o, i);
		return;
	}
}

static void show(struct observer *o, const struct ws_rec_verdict *r, uint64_t times)
{
	struct tally_key rule = { .scope = r->head.scope, .what = COUNT_BLOCK + r->rule };
	struct ws_rec_verdict *copy;

	if (times > 1 || (r->action < WS_DENY && !o->verbose))
		return;
	if (o->blocks >= BLOCKS_MOST || tally_add(&o->tally, rule) > BLOCKS_RULE)
		return;
	o->blocks++;
	if (o->held_count == BLOCKS_HELD)
		release(o, 0);
	copy = calloc(1, sizeof(*copy));
	if (!copy)
		return;
	memcpy(copy, r, r->head.size < sizeof(*copy) ? r->head.size : sizeof(*copy));
	o->held[o->held_count++] = (struct held){ .verdict = copy };
	if (!verdict_kills(r))
		release(o, o->held_count - 1);
}

/* ---- records ---- */

static void on_exec(struct observer *o, const struct ws_rec_exec *r)
{
	struct scope *scope = scope_table_get(o->context.scopes, r->head.scope);
	bool script = r->head.actor == WS_ACTOR_PACKAGE || r->head.actor == WS_ACTOR_PROJECT;

	process_table_exec(o->processes, r);
	o->counts.execs++;
	if (scope)
		scope->execs++;
	if ((script || o->verbose) && worth_logging(o, r->head.scope, COUNT_EXEC, LOG_EXECS))
		log_event(o, event_exec(&o->context, r));
}

static void on_scope(struct observer *o, const struct ws_rec_scope *r)
{
	process_table_see(o->processes, &r->head);
	scope_table_add(o->context.scopes, r);
	log_event(o, event_scope(&o->context, r));
}

static void on_death(struct observer *o, const struct ws_rec_exit *r)
{
	o->counts.killed++;
	process_table_see(o->processes, &r->head);
	if (worth_logging(o, r->head.scope, COUNT_DEATH, LOG_DEATHS))
		log_event(o, event_death(&o->context, r));
	release_dead(o, r);
	process_table_exit(o->processes, &r->head);
}

static void on_net(struct observer *o, const struct ws_rec_net *r)
{
	_buf_ struct buf text = BUF_INIT;

	process_table_see(o->processes, &r->head);
	decode_address(&text, &r->to);
	if (r->to.port)
		buf_addf(&text, memchr(text.at, ':', text.len) ? " port %u" : ":%u", r->to.port);
	findings_connect(&o->findings, r->head.scope, r->head.actor, text.at);
	if (worth_logging(o, r->head.scope, COUNT_NET, LOG_NETS))
		log_event(o, event_net(&o->context, r));
}

/* For the summary, the counts, and the exit status. */
static void enter_finding(struct observer *o, const struct ws_rec_verdict *r)
{
	_buf_ struct buf tried = BUF_INIT;
	struct finding finding = {
		.scope = r->head.scope,
		.actor = r->head.actor,
		.rule = r->rule,
		.action = r->action,
		.mode = r->mode,
		.stops = verdict_kills(r) || (r->mode == WS_MODE_AUDIT && r->action >= WS_KILL),
	};

	if (r->action >= WS_DENY)
		o->counts.verdicts++;
	else if (r->action == WS_HIDE)
		o->counts.hidden++;
	else
		o->counts.alerts++;
	strengthen(o, r->mode, r->action);
	verdict_tried(&tried, r, o->home, NULL);
	finding.tried = tried.at;
	findings_add(&o->findings, &finding);
}

static void on_verdict(struct observer *o, const struct ws_rec_verdict *r)
{
	process_table_see(o->processes, &r->head);
	scope_table_get(o->context.scopes, r->head.scope);
	if (worth_logging(o, r->head.scope, COUNT_RULE + r->rule, LOG_VERDICTS))
		log_event(o, event_verdict(&o->context, r));
	if (r->action == WS_ALLOW) /* a rule that only sets a label */
		return;
	enter_finding(o, r);
	show(o, r, tally_add(&o->tally, key_of(r)));
}

void observer_record(void *arg, const struct ws_head *rec)
{
	struct observer *o = arg;

	if (rec->session != o->context.session)
		return;
	release_older(o, rec->time);
	switch (rec->kind) {
	case WS_REC_EXEC:
		on_exec(o, (const struct ws_rec_exec *)rec);
		break;
	case WS_REC_EXIT:
		process_table_exit(o->processes, rec);
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
	}
}

/* ---- the end ---- */

void observer_leftover(struct observer *o, const struct observer_leftover *left)
{
	const struct process *p = process_table_find_pid(o->processes, left->pid);
	struct observer_leftover l = *left;
	struct tally_key block = { .what = COUNT_BLOCK + FINDING_OUTLIVE };
	struct finding finding = { .rule = FINDING_OUTLIVE,
				   .mode = o->context.mode,
				   .tried = "outlive the command" };
	struct verdict_rule rule;

	/* One that only its cgroup told of: whose it was is known from its records. */
	if (l.actor == WS_ACTOR_NONE && p && !p->exited) {
		l.actor = p->actor;
		l.scope = p->scope;
	}
	log_event(o, event_leftover(&o->context, now(CLOCK_MONOTONIC), &l));
	if (l.actor != WS_ACTOR_PACKAGE)
		return;
	verdict_rule_outlive(&rule, o->context.rules, l.actor);
	finding.scope = block.scope = l.scope;
	finding.actor = l.actor;
	finding.action = rule.action;
	finding.stops = rule.action >= WS_DENY;
	findings_add(&o->findings, &finding);
	strengthen(o, o->context.mode, rule.action);
	scope_table_get(o->context.scopes, l.scope);
	if (rule.action >= WS_DENY)
		o->counts.verdicts++;
	if ((rule.action >= WS_DENY || o->verbose) && tally_add(&o->tally, block) == 1)
		block_leftover(&o->block, &l);
}

int observer_finish(struct observer *o, const struct observer_end *end)
{
	struct summary summary = {
		.end = end,
		.counts = &o->counts,
		.findings = &o->findings,
		.scopes = o->context.scopes,
		.rules = o->context.rules,
		.mode = o->context.mode,
		.backend = o->context.backend,
		.strongest = o->strongest,
		.log_path = o->log_path,
	};
	uint64_t time = now(CLOCK_MONOTONIC);

	if (o->finished)
		return 0;
	o->finished = true;
	while (o->held_count)
		release(o, 0);
	/* The kernel counts what the command forked. */
	o->counts.processes = end->session.processes + 1;
	o->counts.scopes = scope_table_count(o->context.scopes);
	o->counts.unwritten = o->log ? record_unwritten(o->log) : 0;
	log_event(o, event_session_end(&o->context, time, end, &o->counts, o->strongest));
	if (o->log) {
		o->counts.unwritten = record_unwritten(o->log);
		summary.log_error = record_error(o->log);
	}
	summary.ns = time - o->begun;
	summary_print(&o->terminal, &summary, o->quiet);
	return summary.log_error;
}
