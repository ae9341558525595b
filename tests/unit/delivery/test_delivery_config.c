// SPDX-License-Identifier: GPL-2.0-only
/* test_delivery_config.c - a configuration with everything, and every fault at once. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "event_kind.h"
#include "delivery/delivery_config.h"

static char top[64];

static char *file(const char *name, const char *text, mode_t mode)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/config.XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static void good(void **state)
{
	struct json_form_errors errors = JSON_FORM_ERRORS("c");
	struct delivery_config c;
	char text[512];

	(void)state;
	file("token", "Bearer abc\n", 0600);
	snprintf(
		text, sizeof(text),
		"{\"spool\":\"/s\",\"event_age\":\"2d\",\"sinks\":[{\"name\":\"a\",\"type\":"
		"\"loki\",\"target\":\"https://h\",\"authorization_file\":\"%s/token\",\"timeout\":"
		"\"5s\"},{\"name\":\"b\",\"type\":\"file\",\"target\":\"/x\"}]}",
		top);
	delivery_config_read(&c, file("c", text, 0644), true, &errors);
	assert_string_equal(errors.text.at, "");
	assert_int_equal(c.sinks.count, 2);
	assert_int_equal(c.limits.event_age, 2 * 86400);
	assert_int_equal(delivery_config_sink(&c, 0)->timeout_ms, 5000);
	assert_int_equal(delivery_config_sink(&c, 1)->timeout_ms, 30000);
	delivery_config_load(&c, &errors);
	assert_string_equal(errors.text.at, "");
	assert_string_equal(delivery_config_sink(&c, 0)->authorization.at, "Bearer abc");
	delivery_config_choose(&c, (char *[]){ "b", "file=/y" }, 2, &errors);
	assert_string_equal(errors.text.at, "");
	assert_int_equal(c.sinks.count, 2);
	assert_string_equal(delivery_config_sink(&c, 0)->name, "b");
	assert_int_equal(strncmp(delivery_config_sink(&c, 1)->name, "file-", 5), 0);
	delivery_config_choose(&c, (char *[]){ "a" }, 1, &errors);
	assert_non_null(strstr(errors.text.at, "--sink=a: no sink has this name"));
	delivery_config_free(&c);
	buf_free(&errors.text);
}

static void faults(void **state)
{
	static const char *const says[] = {
		"/unsaved_after: has no effect: \"unsaved\" is \"count\"",
		"/sinks/5: proxy has no effect on a sink of type relp",
		"/sinks/5: authorization_file has no effect on a sink of type relp",
		"/sinks/5: ca_file has no effect: what is sent to relp://h:1 is not encrypted",
		"/sinks/6: rotate_age has no effect on a sink of type webhook",
		"/sinks/6: acknowledge has no effect on a sink of type webhook",
		"/sinks/7: proxy is http://HOST:PORT or https://HOST:PORT; a user and",
		"/sinks/8: authorization_file needs https://",
		"/sinks/9: proxy_authorization_file needs proxy",
		"/sinks/10: proxy is http://HOST:PORT or https://HOST:PORT; a user and",
		"/sinks/0: there is no sink of type \"elastik\"; there are: file, elastic, ",
		"/sinks/1: the name of a sink may hold only letters",
		"/sinks/1: the target of syslog is tcp://HOST:PORT",
		"/sinks/2: the URL must name a host, and hold no user and password",
		"/sinks/3: /sinks/2 has the name c, too",
		"/sinks/3: cert_file and key_file go together",
		"/sinks/4: \"target\" is missing",
	};
	struct json_form_errors errors = JSON_FORM_ERRORS("c");
	struct delivery_config c;

	(void)state;
	delivery_config_read(
		&c,
		file("c",
		     "{\"unsaved\":\"count\",\"unsaved_after\":\"1s\",\"sinks\":["
		     "{\"name\":\"a\",\"type\":\"elastik\",\"target\":\"x\"},"
		     "{\"name\":\"a b\",\"type\":\"syslog\",\"target\":\"x\"},"
		     "{\"name\":\"c\",\"type\":\"otlp\",\"target\":\"https://u:p@h/\"},"
		     "{\"name\":\"c\",\"type\":\"relp\",\"target\":\"relps://h:1\",\"cert_file\":"
		     "\"/x\"},{\"name\":\"d\",\"type\":\"file\"},"
		     "{\"name\":\"e\",\"type\":\"relp\",\"target\":\"relp://h:1\",\"proxy\":"
		     "\"http://h\",\"authorization_file\":\"/x\",\"ca_file\":\"/x\"},"
		     "{\"name\":\"f\",\"type\":\"webhook\",\"target\":\"https://h\","
		     "\"rotate_age\":\"1d\",\"acknowledge\":\"required\"},"
		     "{\"name\":\"g\",\"type\":\"loki\",\"target\":\"https://h\",\"proxy\":"
		     "\"socks5://h:1\"},"
		     /* in clear to another machine, whatever the target is */
		     "{\"name\":\"h\",\"type\":\"loki\",\"target\":\"http://localhost\","
		     "\"proxy\":\"http://h:1\",\"authorization_file\":\"/x\"},"
		     "{\"name\":\"i\",\"type\":\"loki\",\"target\":\"https://h\","
		     "\"proxy_authorization_file\":\"/x\"},"
		     "{\"name\":\"j\",\"type\":\"loki\",\"target\":\"https://h\",\"proxy\":"
		     "\"http://u:p@h\"}]}",
		     0644),
		true, &errors);
	for (size_t i = 0; i < ARRAY_SIZE(says); i++)
		if (!strstr(errors.text.at, says[i]))
			assert_string_equal(errors.text.at, says[i]);
	assert_int_equal(errors.count, ARRAY_SIZE(says));
	delivery_config_free(&c);
	buf_free(&errors.text);
}

/* A credential by a pipe; nothing else that is open is taken for one. */
static void by_descriptor(void **state)
{
	static const struct {
		const char *written; /* NULL: the descriptor is a file */
		const char *says;    /* NULL: no error */
	} cases[] = {
		{ "Bearer abc\n", NULL }, { "", "/sinks/0/authorization_file: /dev/fd/" },
		{ "", ": is empty" },	  { "a\nb\n", "must hold one line" },
		{ NULL, ": is no pipe" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_form_errors errors = JSON_FORM_ERRORS("c");
		struct delivery_config c;
		char text[512];
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		if (cases[i].written)
			assert_true(write(fds[1], cases[i].written, strlen(cases[i].written)) >= 0);
		close(fds[1]);
		if (!cases[i].written) {
			close(fds[0]);
			fds[0] = open(file("token", "Bearer abc", 0600), O_RDONLY);
		}
		snprintf(text, sizeof(text),
			 "{\"sinks\":[{\"name\":\"a\",\"type\":\"loki\",\"target\":\"https://h\","
			 "\"authorization_file\":\"/dev/fd/%d\"}]}",
			 fds[0]);
		delivery_config_read(&c, file("c", text, 0644), true, &errors);
		assert_int_equal(errors.count, 0);
		delivery_config_load(&c, &errors);
		if (cases[i].says)
			assert_non_null(strstr(errors.text.at ?: "", cases[i].says));
		else
			assert_string_equal(delivery_config_sink(&c, 0)->authorization.at,
					    "Bearer abc");
		if (cases[i].written) /* it is closed: nobody else reads it */
			assert_true(fcntl(fds[0], F_GETFD) < 0);
		else
			close(fds[0]);
		if (!cases[i].says) {
			delivery_config_load(&c, &errors);
			assert_non_null(strstr(errors.text.at, "is not open"));
		}
		delivery_config_free(&c);
		buf_free(&errors.text);
	}
}

/* Kinds and rules that exist; a rule that a tuning takes out is one, too. */
static void filters(void **state)
{
	static const char *const says[] = {
		"/sinks/0/kinds/1: unknown name; did you mean \"session-end\"?",
		"/sinks/0/kinds/2: unknown name; there are: session-start, scope, exec, ",
		"/sinks/0/kinds/3: is listed twice",
		"/sinks/0/kinds/4: must be text",
		"/sinks/1/kinds: must be a list of at least one text",
		"/sinks/1/rules: must be a list of at least one text",
		"/sinks/2/rules/4: is listed twice",
		"/sinks/2/rules/1: unknown rule; did you mean \"cloud-credentials\"?",
		"/sinks/2/rules/2: unknown rule; did you mean \"home-search\"?",
	};
	struct json_form_errors errors = JSON_FORM_ERRORS("c");
	const struct sink_settings *s;
	struct delivery_config c;
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "%s/rules", top);
	assert_int_equal(mkdir(text, 0755), 0);
	file("rules/off.json",
	     "{\"tune\":\"git-push\",\"enabled\":false,\"reason\":\"r\",\"expires\":"
	     "\"2099-01-01\"}",
	     0644);
	snprintf(text, sizeof(text),
		 "{\"rules\":[\"%s/rules\"],\"sinks\":[{\"name\":\"a\",\"type\":\"file\","
		 "\"target\":\"/x\",\"kinds\":[\"verdict\",\"gap\"],\"rules\":[\"git-push\","
		 "\"outlive\",\"engine-guard\",\"ssh-keys\"]}]}",
		 top);
	delivery_config_read(&c, file("c", text, 0644), true, &errors);
	assert_string_equal(errors.text.at, "");
	s = delivery_config_sink(&c, 0);
	assert_int_equal(s->kinds, event_kind("verdict") | event_kind("gap"));
	assert_int_equal(s->rules.count, 4);
	assert_string_equal(((char **)s->rules.at)[3], "ssh-keys");
	delivery_config_free(&c);
	delivery_config_read(
		&c,
		file("c",
		     "{\"sinks\":[{\"name\":\"a\",\"type\":\"file\",\"target\":\"/x\",\"kinds\":["
		     "\"gap\",\"sesion-end\",\"alert\",\"gap\",1]},{\"name\":\"b\",\"type\":"
		     "\"file\",\"target\":\"/x\",\"kinds\":\"gap\",\"rules\":[]},{\"name\":\"c\","
		     "\"type\":\"file\",\"target\":\"/x\",\"rules\":[\"ssh-keys\","
		     "\"cloud-credential\",\"home-serach\",\"ssh-authorized-keys\",\"ssh-keys\"]}]"
		     "}",
		     0644),
		true, &errors);
	for (size_t i = 0; i < ARRAY_SIZE(says); i++)
		if (!strstr(errors.text.at, says[i]))
			assert_string_equal(errors.text.at, says[i]);
	assert_int_equal(errors.count, ARRAY_SIZE(says));
	delivery_config_free(&c);
	buf_free(&errors.text);
}

/* ... and the kinds are those of the schema. */
static void kinds(void **state)
{
	_json_ json_t *schema = json_load_file("user/event.schema.json", 0, NULL);
	json_t *names = json_object_get(schema, "properties"), *name;
	static const char *const path[] = { "event", "properties", "action", "enum" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(path); i++)
		names = json_object_get(names, path[i]);
	assert_true(json_array_size(names));
	json_array_foreach(names, i, name)
		assert_string_equal(sink_event_kinds[i], json_string_value(name));
	assert_null(sink_event_kinds[i]);
}

static void readable_by_others(void **state)
{
	struct json_form_errors errors = JSON_FORM_ERRORS("c");
	struct delivery_config c;
	char text[512];

	(void)state;
	delivery_config_read(&c, file("c", "{}", 0666), true, &errors);
	assert_non_null(strstr(errors.text.at, "others may write it"));
	delivery_config_free(&c);
	buf_free(&errors.text);
	errors = (struct json_form_errors)JSON_FORM_ERRORS("c");
	file("token", "x", 0644);
	snprintf(text, sizeof(text),
		 "{\"sinks\":[{\"name\":\"a\",\"type\":\"loki\",\"target\":\"https://h\","
		 "\"authorization_file\":\"%s/token\"}]}",
		 top);
	delivery_config_read(&c, file("c", text, 0644), true, &errors);
	delivery_config_load(&c, &errors);
	assert_non_null(strstr(errors.text.at, "/sinks/0/authorization_file: "));
	assert_non_null(strstr(errors.text.at, "others may read it: chmod 600"));
	delivery_config_free(&c);
	buf_free(&errors.text);
	errors = (struct json_form_errors)JSON_FORM_ERRORS("c");
	delivery_config_read(&c, file("c", "{\"sinks\": [", 0644), true, &errors);
	assert_non_null(strstr(errors.text.at, "line 1, column"));
	delivery_config_free(&c);
	buf_free(&errors.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(good, setup, teardown),
		cmocka_unit_test_setup_teardown(faults, setup, teardown),
		cmocka_unit_test_setup_teardown(by_descriptor, setup, teardown),
		cmocka_unit_test_setup_teardown(filters, setup, teardown),
		cmocka_unit_test(kinds),
		cmocka_unit_test_setup_teardown(readable_by_others, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
