// SPDX-License-Identifier: GPL-2.0-only
/* test_config.c - the configuration: defaults, every member, and all errors at once. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/config.h"
#include "agent/job_watch.h"
#include "agent/protocol.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

static struct buf errors = BUF_INIT;

static int read_text(struct config *c, const char *text)
{
	tree_add(tree_top, "wormsign.json", text);
	buf_reset(&errors);
	return config_read(c, tree_path(tree_top, "wormsign.json"), &errors);
}

/* What is shown is a configuration that says the same. */
static void shows_what_it_reads(const struct config *c)
{
	CLEANUP(config_free) struct config again = { 0 };
	_buf_ struct buf shown = BUF_INIT, second = BUF_INIT;

	config_show(&shown, c);
	if (read_text(&again, shown.at))
		fail_msg("%s of %s", errors.at, shown.at);
	config_show(&second, &again);
	assert_string_equal(shown.at, second.at);
}

static void defaults(void **state)
{
	CLEANUP(config_free) struct config c = { 0 };

	(void)state;
	assert_int_equal(read_text(&c, "{}"), 0);
	assert_string_equal(c.socket, AGENT_SOCKET);
	assert_null(c.group);
	assert_int_equal(c.rules.count, 0);
	assert_int_equal(c.backend, WS_BACKEND_NONE);
	assert_false(c.allow_audit);
	assert_true(c.allow_places);
	assert_int_equal(c.jobs.count, 0); /* no job is watched that nobody asked for */
	assert_false(c.job_audit);
	assert_true(c.job_readable);
	assert_string_equal(c.job_logs, JOB_LOG_DIR);
	assert_int_equal(c.sessions, 256);
	assert_int_equal(c.sessions_per_user, 64);
	shows_what_it_reads(&c);
}

static void every_member(void **state)
{
	CLEANUP(config_free) struct config c = { 0 };

	(void)state;
	assert_int_equal(
		read_text(&c, "{\"socket\": \"/s\", \"group\": \"ci\", \"rules\": [\"/a\", "
			      "\"/b\"], \"keep_env\": [\"TOKEN\"], \"backend\": \"watch\", "
			      "\"allow\": {\"audit\": "
			      "true, \"places\": false}, \"jobs\": {\"watch\": [\"github\", "
			      "\"jenkins\"], \"runners\": [\"/r\"], \"audit\": true, \"logs\": "
			      "\"/l\", \"readable\": false}, \"limits\": {\"sessions\": 9, "
			      "\"sessions_per_user\": 3}}"),
		0);
	assert_string_equal(c.socket, "/s");
	assert_string_equal(c.group, "ci");
	assert_int_equal(c.rules.count, 2);
	assert_string_equal(c.rules.at[1], "/b");
	assert_int_equal(c.backend, WS_BACKEND_WATCH);
	assert_true(c.allow_audit);
	assert_false(c.allow_places);
	assert_int_equal(c.jobs.count, 2);
	assert_string_equal(c.jobs.at[1], "jenkins");
	assert_string_equal(c.runners.at[0], "/r");
	assert_true(c.job_audit);
	assert_string_equal(c.job_logs, "/l");
	assert_false(c.job_readable);
	assert_int_equal(c.sessions, 9);
	assert_int_equal(c.sessions_per_user, 3);
	shows_what_it_reads(&c);
}

static void says(const char *text, const char *what)
{
	struct config c = { 0 };

	assert_int_equal(read_text(&c, text), -EINVAL);
	assert_null(c.socket);
	if (!strstr(errors.at, what))
		fail_msg("%s is not in: %s", what, errors.at);
}

static void errors_by_pointer(void **state)
{
	(void)state;
	says("{\"sockets\": 1}", "/sockets: there is no such member; do you mean \"socket\"?");
	says("{\"limits\": {\"session\": 1}}", "/limits/session: there is no such member; do you");
	says("{\"elephant\": 1}", "/elephant: there is no such member\n");
	says("{\"audit\": true}", "/audit: there is no such member\n"); /* it is one of /allow */
	says("{\"a_name_that_is_longer_than_any_name_of_ours_could_be\": 1}", "no such member\n");
	says("{\"socket\": \"relative\"}", "/socket: must be an absolute path");
	says("{\"socket\": \"/a\\u0000b\"}", "");
	says("{\"group\": \"\"}", "/group: must be a string, and not empty");
	says("{\"rules\": \"/a\"}", "/rules: must be a list of absolute paths");
	says("{\"rules\": [\"/a\", \"b\"]}", "/rules: item 1 must be an absolute path");
	says("{\"keep_env\": [\"A=B\"]}", "/keep_env: item 0 must be a name of a variable");
	says("{\"keep_env\": 1}", "/keep_env: must be a list of names");
	says("{\"backend\": \"best\"}", "/backend: must be \"deny\" or \"watch\"");
	says("{\"allow\": []}", "/allow: must be an object");
	says("{\"allow\": {\"audit\": 1}}", "/allow/audit: must be true or false");
	says("{\"jobs\": {\"watch\": true}}", "/jobs/watch: must be a list of CI systems");
	says("{\"jobs\": {\"watch\": [\"github\", \"GitHub\"]}}",
	     "/jobs/watch: item 1 must be one of github, gitlab, ");
	says("{\"jobs\": {\"watch\": [7]}}", "/jobs/watch: item 0 must be one of");
	says("{\"jobs\": {\"watched\": []}}", "do you mean \"watch\"?");
	says("{\"limits\": {\"sessions\": 0}}", "/limits/sessions: must be a number from 1 to");
	says("{\"limits\": {\"sessions\": 1e9}}", "/limits/sessions: must be");
	says("{\"limits\": {\"sessions\": 1000000}}", "/limits/sessions: must be");
	says("{\n\n\"a\": }", "wormsign.json:3: ");
	says("{\"socket\": \"/a\", \"socket\": \"/b\"}", "duplicate");
	says("[]", "must be an object");
	says("", ":");
}

static void all_at_once(void **state)
{
	size_t lines = 0;

	(void)state;
	says("{\"a1234567\": 1, \"group\": 2, \"allow\": {\"places\": 3}, \"limits\": "
	     "{\"x7654321\": "
	     "4}}",
	     "/group: ");
	for (const char *p = errors.at; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 4);
}

static void not_there(void **state)
{
	struct config c;

	(void)state;
	buf_reset(&errors);
	assert_int_equal(config_read(&c, "/nowhere/wormsign.json", &errors), -ENOENT);
	assert_int_equal(errors.len, 0);
	assert_int_equal(config_read(&c, "/", &errors), -EINVAL);
}

static void loaded(void **state)
{
	CLEANUP(config_free) struct config c = { 0 };
	struct error e = { 0 };

	(void)state;
	buf_reset(&errors);
	assert_int_equal(config_load(&c, "/nowhere/wormsign.json", false, &errors, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nowhere/wormsign.json"));
	e.text[0] = 0;
	assert_int_equal(config_load(&c, "/nowhere/wormsign.json", true, &errors, &e), -ENOENT);
	assert_true(e.text[0]);
	/* one that others can change */
	tree_add(tree_top, "wormsign.json", "{}");
	assert_int_equal(chmod(tree_path(tree_top, "wormsign.json"), 0666), 0);
	e.text[0] = 0;
	assert_int_equal(config_load(&c, tree_path(tree_top, "wormsign.json"), true, &errors, &e),
			 -EPERM);
	assert_true(e.text[0]);
	assert_int_equal(errors.len, 0);
	e.text[0] = 0;
	assert_int_equal(config_load(&c, tree_path(tree_top, "wormsign.json"), false, &errors, &e),
			 0);
	assert_int_equal(c.sessions, 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(every_member, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(errors_by_pointer, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(all_at_once, tree_setup, tree_teardown),
		cmocka_unit_test(not_there),
		cmocka_unit_test_setup_teardown(loaded, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
