// SPDX-License-Identifier: GPL-2.0-only
/* verdict_sum.c - see verdict_sum.h. */
#include "session/verdict_sum.h"

#include <string.h>

#include "base/buf.h"
#include "events/decode.h"
#include "events/verdict_text.h"
#include "sanitize/redact_text.h"
#include "session/path_below.h"

/* tally_key.what */
enum { COUNT_SEARCH, COUNT_SEARCHED };

void verdict_sum_free(struct verdict_sum *s)
{
	findings_free(&s->findings);
	tally_free(&s->tally);
}

void verdict_sum_strengthen(struct verdict_sum *s, enum ws_mode mode, enum ws_action action)
{
	if (mode == WS_MODE_AUDIT && action > WS_ALERT)
		action = WS_ALERT;
	if (action > s->strongest)
		s->strongest = action;
}

bool verdict_sum_withheld(const struct ws_rec_verdict *r)
{
	return r->effect != WS_EFFECT_UNAVAILABLE && r->mode != WS_MODE_AUDIT;
}

static const char *rest_below(const char *path, const char *dir)
{
	return dir[0] == '/' && dir[1] ? path_below(path, dir) : NULL;
}

/* A path with its last component as "*": the files of a directory are one kind of sample. */
static void add_directory(struct buf *out, const char *before, const char *path)
{
	const char *slash = strrchr(path, '/');

	buf_adds(out, before);
	redact_text(out, path, slash ? (size_t)(slash - path) : 0, false);
	buf_adds(out, "/*");
}

/* What a verdict was about, by class: of the home its first directory, below the command's own and
 * elsewhere the directory; what is hidden elsewhere by name. */
static void add_sample(struct buf *out, const struct ws_rec_verdict *r, const char *home,
		       const char *cwd)
{
	_buf_ struct buf path = BUF_INIT;
	const char *rest;

	if (r->to.family) {
		decode_address(out, &r->to);
		return;
	}
	if (!verdict_path(&path, r))
		return;
	rest = rest_below(path.at, cwd);
	if (rest && rest[0] && r->place != WS_PLACE_HOME) {
		add_directory(out, ".", rest);
		return;
	}
	rest = rest_below(path.at, home);
	if (rest) {
		buf_addc(out, '~');
		if (rest[0])
			redact_text(out, rest, 1 + strcspn(rest + 1, "/"), false);
	} else if (r->action == WS_HIDE) {
		redact_text(out, path.at, path.len, false);
	} else {
		add_directory(out, "", path.at);
	}
}

/* Add n to the counter of verdicts with this action. */
static void count(struct verdict_sum *s, enum ws_action action, bool withheld, uint64_t n)
{
	if (action >= WS_DENY)
		s->counts.verdicts += n;
	else if (action == WS_HIDE && withheld)
		s->counts.hidden += n;
	else if (action == WS_HIDE)
		s->counts.shown += n;
	else
		s->counts.alerts += n;
}

void verdict_sum_alert(struct verdict_sum *s, const struct ws_head *who, uint32_t rule,
		       enum ws_mode mode, const char *tried)
{
	struct finding finding = { .scope = who->scope,
				   .actor = who->actor,
				   .rule = rule,
				   .action = WS_ALERT,
				   .mode = mode };

	finding.tried = (char *)tried; /* it is copied */
	findings_add(&s->findings, &finding);
	s->counts.alerts++;
	verdict_sum_strengthen(s, mode, WS_ALERT);
}

/* A package that looks for many different things in the home that were none of its business: each
 * accuses nobody, all of them are worth a look. */
static bool completes_search(struct verdict_sum *s, const struct ws_rec_verdict *r)
{
	struct tally_key object = { .scope = r->head.scope,
				    .what = COUNT_SEARCH,
				    .object = tally_hash(r->path.bytes, r->path.len) };
	struct tally_key total = { .scope = r->head.scope, .what = COUNT_SEARCHED };

	if (r->place != WS_PLACE_HOME || r->head.actor != WS_ACTOR_PACKAGE ||
	    tally_add(&s->tally, object) > 1 || tally_add(&s->tally, total) != SEARCH_MOST)
		return false;
	verdict_sum_alert(s, &r->head, FINDING_SEARCH, r->mode, "look for many files of the home");
	return true;
}

bool verdict_sum_add(struct verdict_sum *s, const struct ws_rec_verdict *r)
{
	_buf_ struct buf tried = BUF_INIT, sample = BUF_INIT;
	struct finding finding = {
		.scope = r->head.scope,
		.actor = r->head.actor,
		.rule = r->rule,
		.action = r->action,
		.mode = r->mode,
		.effect = r->effect,
		.class = r->class,
		.reported = r->head.flags & WS_F_REPORTED,
		.stops = verdict_kills(r) || (r->mode == WS_MODE_AUDIT && r->action >= WS_KILL),
	};

	count(s, finding.reported && r->action >= WS_DENY ? WS_ALERT : r->action,
	      verdict_sum_withheld(r), 1);
	s->carried_out += r->action >= WS_DENY && r->mode == WS_MODE_ENFORCE;
	verdict_sum_strengthen(s, r->mode, r->action);
	verdict_tried(&tried, r, s->home, NULL);
	finding.tried = tried.at;
	add_sample(&sample, r, s->home, s->cwd);
	finding.sample = sample.len ? sample.at : NULL;
	findings_add(&s->findings, &finding);
	return r->action == WS_HIDE && completes_search(s, r);
}

uint64_t verdict_sum_fold(struct verdict_sum *s, const struct ws_reported *r,
			  const struct finding **ret_finding, const char **ret_sample)
{
	uint64_t n = r->report.count > r->report.reported ? r->report.count - r->report.reported
							  : 0;
	const struct finding *f = n ? findings_fold(&s->findings, &r->key, n, ret_sample) : NULL;

	if (!f)
		return 0;
	*ret_finding = f;
	s->counts.folded += n;
	count(s, f->action, f->effect != WS_EFFECT_UNAVAILABLE && f->mode != WS_MODE_AUDIT, n);
	return n;
}

void verdict_sum_end(struct verdict_sum *s, const struct session_end *end)
{
	uint64_t n = 0;

	for (unsigned action = WS_DENY; action < WS_ACTION_MAX; action++) {
		n += end->verdicts[action];
		if (end->verdicts[action])
			verdict_sum_strengthen(s, WS_MODE_ENFORCE, action);
	}
	s->counts.unreported = n > s->carried_out ? n - s->carried_out : 0;
}
