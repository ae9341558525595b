// SPDX-License-Identifier: GPL-2.0-only
/* test_ci_report.c - alerts of a log as lines, workflow commands and Markdown; what a package chose
 * stays a part of one line. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "report/ci_report.h"

static void add(struct ci_report *r, const char *verdict, const char *effect, const char *message)
{
	json_t *event = json_pack("{s:{s:s}, s:s, s:{s:s}, s:{s:s, s:s, s:s}}", "event", "kind",
				  "alert", "message", message, "rule", "id", "aws-credentials",
				  "wormsign", "mode", "enforce", "verdict", verdict, "effect",
				  effect);

	assert_non_null(event);
	ci_report_add(r, event);
	json_decref(event);
}

static void counts(void **state)
{
	struct ci_report r = CI_REPORT_INIT;
	json_t *other = json_pack("{s:{s:s}, s:s}", "event", "kind", "event", "message", "exec");
	json_t *audit = json_pack("{s:{s:s}, s:s, s:{s:s, s:s, s:s}}", "event", "kind", "alert",
				  "message", "x", "wormsign", "mode", "audit", "verdict", "kill",
				  "effect", "none");
	struct buf text = BUF_INIT, head = BUF_INIT;
	(void)state;

	ci_report_add(&r, other);
	assert_int_equal(r.rows, 0);
	add(&r, "kill", "killed-before", "a@1 tried to read x");
	add(&r, "deny", "refused", "b@1 tried to read x");
	add(&r, "alert", "none", "c@1 tried to read x");
	add(&r, "kill", "none", "d@1 tried to read x");
	ci_report_add(&r, audit);
	assert_int_equal(r.stopped, 2);
	assert_int_equal(r.alerts, 3);
	assert_string_equal(r.commands.at,
			    "::error title=Wormsign::a@1 tried to read x (rule aws-credentials)\n"
			    "::error title=Wormsign::b@1 tried to read x (rule aws-credentials)\n"
			    "::warning title=Wormsign::c@1 tried to read x (rule aws-credentials)\n"
			    "::warning title=Wormsign::d@1 tried to read x (rule aws-credentials)\n"
			    "::warning title=Wormsign::x\n");
	assert_non_null(strstr(r.text.at, "wormsign: stopped: a@1 tried"));
	assert_non_null(strstr(r.text.at, "wormsign: alert: c@1 tried"));
	ci_report_sum(&r, &text, &head, "/l/x.jsonl");
	assert_string_equal(text.at,
			    "wormsign: 2 stopped, 3 other alerts, 0 left for the next job; "
			    "the log is /l/x.jsonl\n");
	assert_non_null(strstr(head.at, "### Wormsign: 2 stopped, 3 other alerts, 0 left "
					"for the next job\n"));
	buf_free(&text);
	buf_free(&head);
	ci_report_free(&r);
	json_decref(other);
	json_decref(audit);
}

static void many(void **state)
{
	struct ci_report r = CI_REPORT_INIT;
	struct buf text = BUF_INIT, head = BUF_INIT;
	size_t commands = 0;
	(void)state;

	for (unsigned i = 0; i < CI_REPORT_ROWS + 7; i++)
		add(&r, "kill", "refused", "x");
	for (const char *p = r.commands.at; (p = strstr(p, "::error ")); p++)
		commands++;
	assert_int_equal(commands, CI_REPORT_COMMANDS);
	assert_int_equal(r.stopped, CI_REPORT_ROWS + 7);
	ci_report_sum(&r, &text, &head, "l");
	assert_non_null(strstr(text.at, "and 7 more"));
	buf_free(&text);
	buf_free(&head);
	ci_report_free(&r);
}

/* No line begins with anything but our own words, and there is one line for each alert. */
static void check_lines(const struct buf *b, const char *begin)
{
	const char *line = b->at;

	for (size_t n = 0; *line; n++) {
		assert_int_equal(n, 0);
		assert_memory_equal(line, begin, strlen(begin));
		line = strchr(line, '\n');
		assert_non_null(line);
		line++;
	}
}

static void hostile(void **state)
{
	static const char *const names[] = {
		"x\n::error::forged",	   "x\r\n::set-env name=A::b", "::add-path::/tmp",
		"x%0A::error::forged",	   "##[add-path]/tmp",	       "x\\x0a::stop-commands::t",
		"x\x1b[2K\x1b]0;t\x07y",   "<img src=x onerror=y>",    "`code` [l](http://x) | a",
		"\xe2\x80\xae reversed",   "# heading\n- list",	       "--- group",
		"x\xc2\x85::error::c1 nl", "x\xe2\x80\xa8::error::ls", "&lt;script&gt;",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ci_report r = CI_REPORT_INIT;

		add(&r, "kill", "refused", names[i]);
		check_lines(&r.text, "wormsign: stopped: ");
		check_lines(&r.commands, "::error title=Wormsign::");
		check_lines(&r.markdown, "- **stopped**: ");
		assert_null(strchr(r.text.at, '\r'));
		assert_null(strchr(r.text.at, '\x1b'));
		assert_null(strstr(r.text.at, "##["));
		assert_null(strstr(r.commands.at, "%0A"));
		assert_null(strstr(r.commands.at, "##["));
		for (const char *p = r.markdown.at + 15; *p; p++)
			if (strchr("<>`[]*_|\\!~(){}", *p))
				fail_msg("'%c' in %s", *p, r.markdown.at);
		ci_report_free(&r);
	}
}

/* What a job calls its files is no markup, no command and no line of its own. */
static void left(void **state)
{
	struct ci_report r = CI_REPORT_INIT;
	_buf_ struct buf text = BUF_INIT, head = BUF_INIT;

	(void)state;
	ci_report_left(&r, "program in PATH ~/bin/[x](y)\n::error::z\033[31m|<b>", 0);
	ci_report_left(&r, "git hook a", 7);
	assert_int_equal(r.left, 9);
	assert_string_equal(r.commands.at, "");
	assert_string_equal(r.text.at, "wormsign: left for the next job: program in PATH "
				       "~/bin/[x](y)\\x0a::error::z\\x1b[31m|<b>\n"
				       "wormsign: left for the next job: git hook a and 7 more\n");
	assert_null(strpbrk(r.markdown.at + 1, "[]()|<>`*_~"));
	ci_report_sum(&r, &text, &head, "l");
	assert_non_null(strstr(head.at, "9 left for the next job"));
	ci_report_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(many),
		cmocka_unit_test(hostile),
		cmocka_unit_test(left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
