// SPDX-License-Identifier: GPL-2.0-only
/* deliver_spool.c - `wormsign spool`: look at a spool, and deliver it later or from elsewhere. */
#include "delivery/deliver.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/exit_status.h"
#include "delivery/sandbox.h"
#include "delivery/sink_http.h"
#include "delivery/sink_set.h"
#include "delivery/spool_export.h"
#include "delivery/spool_place.h"
#include "delivery/spool_reader.h"
#include "delivery/spool_share.h"
#include "delivery/spool_verify.h"

static int trouble(const struct error *e)
{
	fprintf(stderr, "wormsign spool: %s\n", e->text);
	return STATUS_TROUBLE;
}

/* ---- status ---- */

struct stream_facts {
	uint64_t first, next, bytes, segments, records;
};

static int measure(struct stream_facts *ret, int dir, enum spool_stream s, struct error *e)
{
	CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
	struct spool_record record;
	struct spool_reader r;
	int err = spool_segments_list(&list, dir, s, e);

	*ret = (struct stream_facts){ .segments = list.count, .first = 1, .next = 1 };
	if (err < 0 || !list.count)
		return err;
	for (size_t i = 0; i < list.count; i++)
		ret->bytes += list.at[i].size;
	ret->first = ret->next = list.at[0].first;
	spool_reader_open(&r, dir, s, 1);
	while ((err = spool_reader_next(&r, UINT64_MAX, &record, e)) > 0) {
		ret->records++;
		ret->next = record.sequence + 1;
	}
	if (r.skipped)
		printf("%s: %" PRIu64 " bytes are no records: see wormsign spool verify\n",
		       spool_stream_name(s), r.skipped);
	spool_reader_close(&r);
	return err;
}

static int print_cursor(void *arg, const char *sink, const struct spool_cursor *c)
{
	const struct stream_facts *facts = arg;
	uint64_t left[SPOOL_STREAMS];

	for (int i = 0; i < SPOOL_STREAMS; i++)
		left[i] = facts[i].next > c->next[i] ? facts[i].next - c->next[i] : 0;
	printf("sink %-24s %" PRIu64 " alerts and %" PRIu64 " other events to deliver\n", sink,
	       left[SPOOL_ALERTS], left[SPOOL_EVENTS]);
	return 0;
}

static int status(int dir)
{
	struct stream_facts facts[SPOOL_STREAMS];
	struct error e = { 0 };

	for (int i = 0; i < SPOOL_STREAMS; i++) {
		if (measure(&facts[i], dir, i, &e) < 0)
			return trouble(&e);
		printf("%-5s %" PRIu64 " records in %" PRIu64 " segments, %" PRIu64
		       " bytes; next is number %" PRIu64 "\n",
		       spool_stream_name(i), facts[i].records, facts[i].segments, facts[i].bytes,
		       facts[i].next);
	}
	return spool_cursors(dir, print_cursor, facts, &e) < 0 ? trouble(&e) : 0;
}

/* ---- verify, export, forget ---- */

static int verify(int dir)
{
	uint64_t faults = 0;
	struct error e = { 0 };

	for (int i = 0; i < SPOOL_STREAMS; i++) {
		struct spool_verify v;

		if (spool_verify(&v, dir, i, stdout, &e) < 0)
			return trouble(&e);
		printf("%s: %" PRIu64 " records in %" PRIu64 " segments, %" PRIu64 " faults\n",
		       spool_stream_name(i), v.records, v.segments, v.faults);
		faults += v.faults;
	}
	return faults ? 1 : 0;
}

static int export(int dir, uint64_t since)
{
	struct error e = { 0 };
	uint64_t odd = 0;
	int err = spool_export(dir, since, stdout, &odd, &e);

	if (odd)
		fprintf(stderr,
			"wormsign spool: %" PRIu64 " records are no JSON objects, and left out\n",
			odd);
	return err < 0 ? trouble(&e) : odd ? 1 : 0;
}

/* 1: there was no such cursor. */
static int forget(int dir, const char *sink)
{
	char name[SPOOL_NAME_MAX + 16];

	snprintf(name, sizeof(name), "%s.cursor", sink);
	if (unlinkat(dir, name, 0) == 0)
		return 0;
	if (errno == ENOENT)
		return 1;
	fprintf(stderr, "wormsign spool: sink %s: %s\n", sink, strerror(errno));
	return STATUS_TROUBLE;
}

/* ---- replay ---- */

/* Deliver until all sinks are done, the time is up, or SIGINT or SIGTERM comes. */
static int wait_for_sinks(struct sink_set *sinks, struct spool *spool, uint64_t flush_ms)
{
	int64_t until = flush_ms ? clock_ms() + (int64_t)flush_ms : INT64_MAX;
	const struct timespec tick = { .tv_nsec = 20000000 };
	_buf_ struct buf left = BUF_INIT;
	struct sink_state all;
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	while (!sink_set_done(sinks) && clock_ms() < until)
		if (sigtimedwait(&ends, NULL, &tick) > 0)
			break;
	sink_set_state(sinks, &all);
	sink_set_explain(sinks, &left);
	spool_clean(spool, NULL);
	printf("%" PRIu64 " events delivered, %" PRIu64 " refused\n%s", all.delivered, all.refused,
	       left.at);
	return left.len ? STATUS_UNDELIVERED : 0;
}

static int replay(int dir, const struct delivery_config *c, const struct deliver_options *d)
{
	struct sink_run_options o = { .dir = dir, .since = d->since };
	struct sink_set sinks = { 0 };
	struct error e = { 0 };
	int lock = -1, result;
	uint64_t moved;
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	if (spool_lock(&lock, dir, &e) < 0 || spool_open(&o.spool, dir, &c->limits, &e) < 0)
		return trouble(&e);
	if (spool_share_gather(o.spool, dir, &moved, &e) < 0) {
		trouble(&e);
		e = (struct error){ 0 };
	}
	if (sink_set_try(c, &e) < 0 || sink_set_start(&sinks, c, &o, &e) < 0)
		return trouble(&e);
	result = wait_for_sinks(&sinks, o.spool, d->flush_ms);
	if (result && fflush(stdout) == 0)
		_exit(result); /* a sink may be waiting for a receiver that does not answer */
	sink_set_end(&sinks, o.spool);
	spool_close(o.spool);
	close(lock);
	return result;
}

/* ---- the command ---- */

static int run_in(const char *command, int dir, const struct deliver_options *d)
{
	if (strcmp(command, "status") == 0)
		return status(dir);
	if (strcmp(command, "verify") == 0)
		return verify(dir);
	if (strcmp(command, "export") == 0)
		return export(dir, d->since);
	return forget(dir, d->sinks[0]);
}

/* The spool, then the directories below it (spool_share.h). The worst of their statuses. */
static int run_in_all(const char *command, int dir, const struct deliver_options *d)
{
	bool forgets = strcmp(command, "forget") == 0, names = !forgets && *command != 'e';
	int worst = run_in(command, dir, d);

	for (unsigned n = SPOOL_SHARE_FIRST; n <= SPOOL_SHARE_LAST; n++) {
		_close_ int share = spool_share_open(dir, n);
		int one;

		if (share < 0)
			continue;
		if (names)
			printf("directory %u, of a process that ran at the same time as another:\n",
			       n);
		one = run_in(command, share, d);
		worst = forgets ? (one < worst ? one : worst) : (one > worst ? one : worst);
	}
	if (forgets && worst == 1) {
		fprintf(stderr, "wormsign spool: there is no sink %s\n", d->sinks[0]);
		return STATUS_TROUBLE;
	}
	return worst;
}

static int run(const char *command, int dir, const struct deliver_options *d,
	       const struct delivery_config *c)
{
	if (strcmp(command, "replay") == 0)
		return replay(dir, c, d);
	if (strcmp(command, "forget") == 0 && (d->sink_count != 1 || !spool_name_ok(d->sinks[0]))) {
		fputs("wormsign spool: forget wants one --sink=NAME, as status shows it\n", stderr);
		return STATUS_TROUBLE;
	}
	return run_in_all(command, dir, d);
}

static bool is_command(const char *name)
{
	static const char *const names[] = { "status", "verify", "export", "forget", "replay" };

	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	if (name)
		fprintf(stderr, "wormsign spool: there is no command '%s'\n", name);
	fputs("Try 'wormsign spool --help'.\n", stderr);
	return false;
}

/* An option that the command has no use for is not what its caller means. */
static bool goes_together(const struct deliver_options *d)
{
	const char *command = d->rest[0], *idle = NULL;
	bool replay = strcmp(command, "replay") == 0;

	if (d->listen)
		idle = "listen";
	else if (d->spool && d->rest[1])
		idle = "spool";
	else if (d->config && !replay)
		idle = "config";
	else if (d->flush_ms && !replay)
		idle = "flush";
	else if (d->since && !replay && strcmp(command, "export") != 0)
		idle = "since";
	else if (d->sink_count && !replay && strcmp(command, "forget") != 0)
		idle = "sink";
	if (idle)
		fprintf(stderr,
			"wormsign spool: --%s does not go with %s%s\n"
			"Try 'wormsign spool --help'.\n",
			idle, command, d->spool && d->rest[1] ? " DIRECTORY" : "");
	return !idle;
}

int deliver_spool(int argc, char **argv)
{
	struct json_form_errors errors = JSON_FORM_ERRORS("");
	struct deliver_options d = { 0 };
	struct delivery_config c;
	struct sandbox_user owner;
	struct error e = { 0 };
	_close_ int dir = -1;
	int result = deliver_options_parse(&d, argc, argv);

	if (result >= 0)
		return result;
	if (!is_command(d.rest[0]) || !goes_together(&d))
		return STATUS_TROUBLE;
	delivery_config_init(&c);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sink_http_start();
	if (strcmp(d.rest[0], "replay") == 0)
		deliver_configure(&c, &d, &errors);
	if (errors.count) {
		fprintf(stderr, "%s\n", errors.text.at);
		result = STATUS_TROUBLE;
	} else {
		dir = spool_place_open(d.rest[1] ?: d.spool ?: c.spool ?: SPOOL_DEFAULT_DIR, &owner,
				       &e);
		result = dir < 0 || sandbox_drop(&owner, &e) < 0 || sandbox_enter(&e) < 0
				 ? trouble(&e)
				 : run(d.rest[0], dir, &d, &c);
	}
	if (fflush(stdout) != 0 && !result)
		result = STATUS_TROUBLE;
	buf_free(&errors.text);
	delivery_config_free(&c);
	return result;
}
