// SPDX-License-Identifier: GPL-2.0-only
/* ci_report.c - see ci_report.h. */
#include "report/ci_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "sanitize/escape.h"

static const char *text_of(const json_t *event, const char *object, const char *name)
{
	const json_t *in = object ? json_object_get(event, object) : event;

	return json_string_value(json_object_get(in, name)) ?: "";
}

/* A string of the log, which is redacted, as a part of a line on a terminal. */
static void add_line(struct buf *out, const char *text)
{
	_buf_ struct buf bytes = BUF_INIT;

	escape_undo(&bytes, text, strlen(text));
	escape(out, bytes.at, bytes.len, ESCAPE_TERMINAL);
}

/* The value of a workflow command: `%` and line ends are written as %NN. */
static void add_value(struct buf *out, const char *line)
{
	for (; *line; line++) {
		if (*line == '%' || *line == '\r' || *line == '\n')
			buf_addf(out, "%%%02X", (unsigned char)*line);
		else
			buf_addc(out, *line);
	}
}

/* Neither Markdown nor HTML: ASCII that is no letter, digit or blank is written as a character
 * reference. */
static void add_markdown(struct buf *out, const char *line)
{
	for (; *line; line++) {
		unsigned char c = (unsigned char)*line;

		if ((c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
		    (c >= '{' && c <= '~'))
			buf_addf(out, "&#%u;", c);
		else
			buf_addc(out, *line);
	}
}

static bool stops(const json_t *event)
{
	const char *verdict = text_of(event, "wormsign", "verdict"),
		   *effect = text_of(event, "wormsign", "effect");

	return strcmp(text_of(event, "wormsign", "mode"), "enforce") == 0 &&
	       (strcmp(verdict, "deny") == 0 || strcmp(verdict, "kill") == 0 ||
		strcmp(verdict, "stop") == 0) &&
	       strcmp(effect, "none") != 0;
}

void ci_report_add(struct ci_report *r, const json_t *event)
{
	_buf_ struct buf line = BUF_INIT;
	const char *rule = text_of(event, "rule", "id");
	bool stopped = stops(event);

	if (strcmp(text_of(event, "event", "kind"), "alert") != 0)
		return;
	*(stopped ? &r->stopped : &r->alerts) += 1;
	if (r->rows == CI_REPORT_ROWS)
		return;
	r->rows++;
	add_line(&line, text_of(event, NULL, "message"));
	if (rule[0]) {
		buf_adds(&line, " (rule ");
		add_line(&line, rule);
		buf_adds(&line, ")");
	}
	buf_addf(&r->text, "wormsign: %s: %s\n", stopped ? "stopped" : "alert", line.at);
	if (r->rows <= CI_REPORT_COMMANDS) {
		buf_addf(&r->commands, "::%s title=Wormsign::", stopped ? "error" : "warning");
		add_value(&r->commands, line.at);
		buf_addc(&r->commands, '\n');
	}
	buf_addf(&r->markdown, "- %s: ", stopped ? "**stopped**" : "alert");
	add_markdown(&r->markdown, line.at);
	buf_addc(&r->markdown, '\n');
}

void ci_report_left(struct ci_report *r, const char *words, uint64_t more)
{
	_buf_ struct buf line = BUF_INIT;

	escape(&line, words, strlen(words), ESCAPE_TERMINAL);
	r->left += 1 + (unsigned)more;
	buf_addf(&r->text, "wormsign: left for the next job: %s", line.at);
	buf_adds(&r->markdown, "- left for the next job: ");
	add_markdown(&r->markdown, line.at);
	if (more) {
		buf_addf(&r->text, " and %" PRIu64 " more", more);
		buf_addf(&r->markdown, " and %" PRIu64 " more", more);
	}
	buf_addc(&r->text, '\n');
	buf_addc(&r->markdown, '\n');
}

void ci_report_sum(const struct ci_report *r, struct buf *text, struct buf *markdown,
		   const char *log)
{
	unsigned left_out = r->stopped + r->alerts - r->rows;

	if (left_out) {
		buf_addf(text, "wormsign: and %u more\n", left_out);
	}
	buf_addf(text,
		 "wormsign: %u stopped, %u other alerts, %u left for the next job; the log is ",
		 r->stopped, r->alerts, r->left);
	add_line(text, log);
	buf_addc(text, '\n');
	buf_addf(markdown,
		 "### Wormsign: %u stopped, %u other alerts, %u left for the next job\n\n",
		 r->stopped, r->alerts, r->left);
}

void ci_report_free(struct ci_report *r)
{
	buf_free(&r->text);
	buf_free(&r->commands);
	buf_free(&r->markdown);
}
