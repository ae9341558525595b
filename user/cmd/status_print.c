// SPDX-License-Identifier: GPL-2.0-only
/* status_print.c - see status_print.h. */
#include "cmd/status_print.h"

#include <inttypes.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "events/record_names.h"
#include "policy/names.h"

#define NS 1000000000ULL

static const char *const stopped_names[] = { NULL, "user", "root", "delivery" };

/* ---- text ---- */

static void add_age(struct buf *out, uint64_t ns)
{
	uint64_t s = ns / NS;

	if (s < 120)
		buf_addf(out, "%" PRIu64 " s", s);
	else if (s < 7200)
		buf_addf(out, "%" PRIu64 " min", s / 60);
	else if (s < 48 * 3600)
		buf_addf(out, "%" PRIu64 " h", s / 3600);
	else
		buf_addf(out, "%" PRIu64 " days", s / 86400);
}

static void add_time(struct buf *out, uint64_t at, bool json)
{
	time_t seconds = (time_t)(at / NS);
	char text[40] = "?";
	struct tm tm;

	if (json ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), json ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d %H:%M:%S",
			 &tm);
	buf_adds(out, text);
}

static uint64_t lost_of(const struct agent_part *p)
{
	uint64_t sum = p->missed;

	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		sum += p->lost[i];
	return sum;
}

static void add_losses(struct buf *out, const struct agent_part *p)
{
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		if (p->lost[i])
			buf_addf(out, "  lost: %" PRIu64 " %s\n", p->lost[i], lost_meaning(i));
	if (p->missed)
		buf_addf(out, "  lost: %" PRIu64 " runs of hooks\n", p->missed);
	if (!lost_of(p))
		buf_adds(out, "  nothing was lost\n");
}

static void add_part(struct buf *out, const struct agent_part *p, uint64_t now)
{
	buf_adds(out, p->draining ? "Replaced by a reload, with its sessions since "
				  : "Watching since ");
	add_time(out, p->since, false);
	buf_adds(out, " (");
	add_age(out, now > p->since ? now - p->since : 0);
	buf_addf(out, "), backend %s, %" PRIu32 " rules of %s\n", backend_name(p->backend) ?: "?",
		 p->rules, p->rules_dirs);
	if (p->not_admitted[0])
		buf_addf(out, "  scripts get the secrets of their environment: %s\n",
			 p->not_admitted);
	add_losses(out, p);
}

static void add_user(struct buf *out, uint32_t uid)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		buf_addf(out, "%-12s", user->pw_name);
	else
		buf_addf(out, "%-12" PRIu32, uid);
}

static void add_verdicts(struct buf *out, const struct agent_session *s)
{
	const char *comma = "";

	for (unsigned i = WS_ACTION_MAX - 1; i > WS_ALLOW; i--)
		if (s->verdicts[i]) {
			buf_addf(out, "%s%s %" PRIu64, comma, action_name(i), s->verdicts[i]);
			comma = ", ";
		}
	if (!*comma)
		buf_adds(out, "no verdict");
	if (s->lost)
		buf_addf(out, ", %" PRIu64 " records lost", s->lost);
	if (s->mode == WS_MODE_AUDIT)
		buf_adds(out, ", audit mode");
	if (s->stopped)
		buf_addf(out, ", ended by its %s",
			 s->stopped == AGENT_STOPPED_BY_USER ? "user" : "operator");
}

static void add_session(struct buf *out, const struct agent_session *s, uint64_t now)
{
	uint64_t until = s->ended ?: now;

	buf_addf(out, "%016" PRIx64 " ", s->id);
	add_user(out, s->uid);
	buf_addf(out, " %-8" PRId32 " ", s->client);
	add_time(out, s->began, false);
	buf_adds(out, s->ended ? " ran " : " runs ");
	add_age(out, until > s->began ? until - s->began : 0);
	buf_adds(out, ": ");
	add_verdicts(out, s);
	buf_addc(out, '\n');
}

void status_print_text(struct buf *out, const struct control_status *s, uint64_t now)
{
	size_t running = 0;

	for (size_t i = 0; i < s->part_count; i++)
		add_part(out, &s->parts[i], now);
	for (size_t i = 0; i < s->session_count; i++)
		running += !s->sessions[i].ended;
	buf_addf(out, "%zu session%s run%s, %zu that ended %s remembered\n", running,
		 running == 1 ? "" : "s", running == 1 ? "s" : "", s->session_count - running,
		 s->session_count - running == 1 ? "is" : "are");
	if (s->session_count)
		buf_addf(out, "\n%-16s %-12s %-8s %s\n", "SESSION", "USER", "CLIENT", "SINCE");
	for (size_t i = 0; i < s->session_count; i++)
		add_session(out, &s->sessions[i], now);
}

/* ---- JSON ---- */

static json_t *json_time(uint64_t at)
{
	_buf_ struct buf text = BUF_INIT;

	if (!at)
		return json_null();
	add_time(&text, at, true);
	return json_string(text.at);
}

static json_t *json_part(const struct agent_part *p)
{
	json_t *lost = json_object();

	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		json_object_set_new(lost, lost_name(i), json_integer((json_int_t)p->lost[i]));
	json_object_set_new(lost, "hooks", json_integer((json_int_t)p->missed));
	return json_pack("{s:s, s:o, s:b, s:s?, s:i, s:s, s:o, s:s?}", "version", p->version,
			 "since", json_time(p->since), "draining", (int)p->draining, "backend",
			 backend_name(p->backend), "rules", (int)p->rules, "rules_dirs",
			 p->rules_dirs, "lost", lost, "not_admitted",
			 p->not_admitted[0] ? p->not_admitted : NULL);
}

static json_t *json_session(const struct agent_session *s)
{
	json_t *verdicts = json_object();
	char id[17];

	snprintf(id, sizeof(id), "%016" PRIx64, s->id);
	for (unsigned i = WS_ALLOW + 1; i < WS_ACTION_MAX; i++)
		json_object_set_new(verdicts, action_name(i),
				    json_integer((json_int_t)s->verdicts[i]));
	return json_pack("{s:s, s:I, s:i, s:o, s:o, s:s?, s:s?, s:o, s:I, s:I, s:o, s:o}",
			 "session", id, "uid", (json_int_t)s->uid, "client", s->client, "began",
			 json_time(s->began), "ended", json_time(s->ended), "mode",
			 mode_name(s->mode), "stopped_by", stopped_names[s->stopped], "verdicts",
			 verdicts, "lost", (json_int_t)s->lost, "leftovers",
			 (json_int_t)s->leftovers, "residue",
			 s->residue_known ? json_integer((json_int_t)s->residue) : json_null(),
			 "residue_complete",
			 s->residue_known ? json_boolean(s->residue_known == 1) : json_null());
}

void status_print_json(struct buf *out, const struct control_status *s)
{
	_json_ json_t *root = NULL;
	_free_ char *text = NULL;
	json_t *parts = json_array(), *sessions = json_array();

	for (size_t i = 0; i < s->part_count; i++)
		json_array_append_new(parts, json_part(&s->parts[i]));
	for (size_t i = 0; i < s->session_count; i++)
		json_array_append_new(sessions, json_session(&s->sessions[i]));
	root = json_pack("{s:o, s:o}", "parts", parts, "sessions", sessions);
	text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
	if (text)
		buf_addf(out, "%s\n", text);
	else
		out->failed = true;
}
