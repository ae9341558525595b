// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_no_secret.c - a secret of the session in every string that the watched side chooses, in
 * every kind of event: neither the log nor the terminal shows it, nor six bytes of it.
 */
#define _GNU_SOURCE /* asprintf */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "json_schema.h"
#include "records.h"
#include "sanitize/escape.h"
#include "sanitize/known_secrets.h"
#include "session/observer.h"
#include "some_rules.h"

#define MS 1000000ULL

/* As a cloud's secret key: with slashes, so that paths break it into components. */
static const char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYqq/qqqqKEY";

/* The ways in which a script can write it. In a NUL-ended string, with no NUL of its own. */
static struct buf plain, percent, base64, escaped, hex;
static const struct {
	struct buf *text;
	size_t leak; /* so many bytes in a row are a leak: six or seven of the secret */
} forms[] = { { &plain, 6 }, { &percent, 10 }, { &base64, 10 }, { &escaped, 24 }, { &hex, 12 } };

static void make_forms(void)
{
	plain = percent = base64 = escaped = hex = (struct buf)BUF_INIT;
	buf_adds(&plain, secret);
	for (const char *c = secret; *c; c++) {
		buf_addf(&percent, isalnum((unsigned char)*c) ? "%c" : "%%%02x", *c);
		buf_addf(&escaped, "\\x%02x", *c);
		buf_addf(&hex, "%02x", *c);
	}
	/* of "me:" and the secret */
	buf_adds(&base64, "bWU6d0phbHJYVXRuRkVNSS9LN01ERU5HK2JQeFJmaUNZcXEvcXFxcUtFWQ==");
}

static void free_forms(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		buf_free(forms[i].text);
}

static bool holds(const char *text, size_t len, const char *piece, size_t piece_len)
{
	for (size_t i = 0; i + piece_len <= len; i++)
		if (strncasecmp(text + i, piece, piece_len) == 0)
			return true;
	return false;
}

/* No piece of any form may be in the text. */
static void check(const char *where, const char *text, size_t len)
{
	for (size_t f = 0; f < ARRAY_SIZE(forms); f++)
		for (size_t i = 0; i + forms[f].leak <= forms[f].text->len; i++) {
			const char *piece = forms[f].text->at + i;

			if (holds(text, len, piece, forms[f].leak))
				fail_msg("%s: %.*s in %.*s", where, (int)forms[f].leak, piece,
					 (int)len, text);
		}
}

static void check_event(const char *where, json_t *value)
{
	_buf_ struct buf text = BUF_INIT;
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(value)) {
		check(where, json_string_value(value), json_string_length(value));
		escape_undo(&text, json_string_value(value), json_string_length(value));
		check(where, text.at, text.len);
	}
	json_object_foreach(value, key, member)
		check_event(key, member);
	json_array_foreach(value, i, member)
		check_event(where, member);
}

/* ---- one session ---- */

static char dir[] = "/tmp/test_no_secret.XXXXXX";

struct session {
	struct observer *o;
	char *log;
	int out[2];
};

static void give(struct session *s, const void *rec)
{
	observer_record(s->o, rec);
}

static void start(struct session *s, const char *value)
{
	_buf_ struct buf long_word = BUF_INIT;
	char *command[] = { "npm", NULL, NULL, NULL };
	struct observer_options options = { .rules = some_rules(false),
					    .session = RECORDS_SESSION,
					    .mode = WS_MODE_ENFORCE,
					    .backend = WS_BACKEND_WATCH,
					    .verbose = true,
					    .start = { .command = command,
						       .cwd = value,
						       .home = value,
						       .user = value,
						       .rules_dirs = value } };
	struct error e = { 0 };

	buf_addf(&long_word, "https://h/?k=%s&x=1", value);
	command[1] = (char *)value;
	command[2] = long_word.at;
	assert_true(asprintf(&s->log, "%s/log", dir) > 0);
	unlink(s->log);
	options.log_path = s->log;
	assert_int_equal(pipe(s->out), 0);
	fcntl(s->out[0], F_SETFL, O_NONBLOCK);
	fcntl(s->out[1], F_SETPIPE_SZ, 1 << 20);
	options.terminal = s->out[1];
	assert_int_equal(observer_open(&s->o, &options, &e), 0);
}

/* Every kind of record, with the value in each of its strings. */
static void records(struct session *s, const char *value)
{
	static struct ws_rec_exec exec;
	static struct ws_rec_verdict verdict;
	struct actor npm = { 10, 5, 100 * MS, 0, WS_ACTOR_MANAGER, value };
	struct actor node = { 12, 10, 300 * MS, 7, WS_ACTOR_PACKAGE, value };
	struct actor gone = { 13, 99, 350 * MS, 7, WS_ACTOR_PACKAGE, value };
	struct ws_rec_scope scope;
	struct ws_rec_exit exit;
	struct ws_rec_net net;
	_buf_ struct buf path = BUF_INIT, words = BUF_INIT;

	buf_addf(&path, "/home/ci/%s", value);
	buf_addf(&words, "node|%s|sh -c \"x %s y\"|--x=%s", value, value, value);
	record_exec(&exec, &npm, 110 * MS, path.at, words.at);
	give(s, &exec);
	record_scope(&scope, &node, 310 * MS, value, value, value);
	strcpy(scope.scope.declared, "x-");
	strncat(scope.scope.declared, value, 100);
	give(s, &scope);
	record_exec(&exec, &node, 320 * MS, path.at, words.at);
	give(s, &exec);
	exec.argv.len = 20 + strlen(value) / 2; /* within the value */
	exec.head.flags |= WS_F_ARGV_CUT;
	give(s, &exec);
	for (uint32_t op = 1; op < WS_OP_MAX; op++) {
		record_verdict(&verdict, op % 2 ? &node : &gone, (400 + op) * MS, op, RULE_SECRET,
			       op % 3 ? WS_KILL : WS_ALERT, WS_EFFECT_KILLED_BEFORE, path.at);
		verdict.path2_valid = 1;
		verdict.path2.len = wire_path(verdict.path2.bytes, path.at);
		verdict.argv_valid = 1;
		verdict.argv.len = wire_words(verdict.argv.bytes, words.at);
		verdict.target_pid = npm.pid;
		give(s, &verdict);
	}
	record_net(&net, &node, 500 * MS, "192.0.2.1", 443);
	give(s, &net);
	record_death(&exit, &node, 510 * MS, 500 * MS);
	give(s, &exit);
	record_exit(&exit, &npm, 520 * MS);
	give(s, &exit);
}

static void leftover(struct session *s, const char *value)
{
	struct session_leftover l = {
		.pid = 12, .scope = 7, .actor = WS_ACTOR_PACKAGE, .labels = 1
	};

	strncpy(l.comm, value, sizeof(l.comm) - 1);
	observer_leftover(s->o, &l);
	l.pid = 777; /* nothing is known of it */
	observer_leftover(s->o, &l);
}

static char *all_of(int fd)
{
	char *text = calloc(1, 1 << 20);
	ssize_t n = read(fd, text, (1 << 20) - 1);

	assert_true(n > 0);
	return text;
}

/* Each kind of event that the schema knows was in the log. */
static void check_kinds(json_t *seen)
{
	json_t *schema = json_load_file("user/event.schema.json", 0, NULL), *kinds = NULL, *kind;
	size_t i;

	/* the second are those of the log; the first are delivery's own */
	assert_int_equal(json_unpack(json_array_get(json_object_get(schema, "anyOf"), 1),
				     "{s:{s:{s:{s:{s:o}}}}}", "properties", "event", "properties",
				     "action", "enum", &kinds),
			 0);
	assert_true(json_array_size(kinds) >= 8);
	json_array_foreach(kinds, i, kind)
		if (!json_object_get(seen, json_string_value(kind)))
			fail_msg("no event of kind %s", json_string_value(kind));
	json_decref(schema);
}

static void check_log(const char *path)
{
	FILE *f = fopen(path, "re");
	json_t *seen = json_object();
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	assert_non_null(f);
	while ((n = getline(&line, &room, f)) > 0) {
		json_t *e = json_loads(line, 0, NULL);

		assert_non_null(e);
		check("log", line, n);
		check_event("event", e);
		json_object_set_new(
			seen,
			json_string_value(json_object_get(json_object_get(e, "event"), "action")),
			json_true());
		json_decref(e);
	}
	check_kinds(seen);
	json_decref(seen);
	free(line);
	fclose(f);
}

static void in_no_output(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(forms); f++) {
		static const struct session_end end = { .coverage.deny = 1u << WS_OP_READ };
		struct residue found = { 0 };
		struct session s = { 0 };
		char *shown;

		start(&s, forms[f].text->at);
		records(&s, forms[f].text->at);
		leftover(&s, forms[f].text->at);
		assert_int_equal(residue_add(&found, 0, true, forms[f].text->at), 0);
		assert_int_equal(residue_add(&found, RESIDUE_SOCKET, true, forms[f].text->at), 0);
		observer_residue(s.o, &found);
		assert_int_equal(observer_finish(s.o, &end), 0);
		residue_free(&found);
		shown = all_of(s.out[0]);
		check("terminal", shown, strlen(shown));
		assert_non_null(strstr(shown, REDACTED));
		check_log(s.log);
		free(shown);
		observer_free(s.o);
		close(s.out[0]);
		close(s.out[1]);
		unlink(s.log);
		free(s.log);
	}
}

/* Control: without the set of known secrets, the value is everywhere. */
static void the_test_can_fail(void **state)
{
	struct session s = { 0 };
	char *shown;

	(void)state;
	known_secrets_close();
	start(&s, secret);
	records(&s, secret);
	shown = all_of(s.out[0]);
	assert_true(holds(shown, strlen(shown), secret, strlen(secret)));
	free(shown);
	observer_free(s.o);
	close(s.out[0]);
	close(s.out[1]);
	unlink(s.log);
	free(s.log);
}

static int begin(void **state)
{
	struct error e = { 0 };

	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	make_forms();
	if (!mkdtemp(dir) || known_secrets_open(&e) < 0)
		return -1;
	known_secrets_add(secret, strlen(secret));
	return 0;
}

static int end(void **state)
{
	(void)state;
	known_secrets_close();
	free_forms();
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_no_output),
		cmocka_unit_test(the_test_can_fail),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
