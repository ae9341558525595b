// SPDX-License-Identifier: GPL-2.0-only
/* test_rule_read.c - objects read by a table of keys: what lands in the struct, and where an error
 * is said to be. */
#include "policy/rule_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/names.h"

struct thing {
	char *text, *lines, *word;
	enum ws_action action;
	uint32_t ops;
	struct strings list;
};

static void thing_done(struct thing *t)
{
	free(t->text);
	free(t->lines);
	free(t->word);
	strings_done(&t->list);
}

/* Refuses what has an x in it; kind is the number of characters at most. */
static int check(struct reader *rd, const char *text, unsigned kind)
{
	if (strchr(text, 'x') || strlen(text) > kind)
		return reader_wrong(rd, "`%s` is bad", text);
	return 0;
}

static int read_list(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_strings(rd, v, FIELD(struct strings, base, k), check, k->kind);
}

static int read_inner(struct reader *rd, const struct key *k, json_t *v, void *base);

#define AT(field) offsetof(struct thing, field)

static const struct key keys[] = {
	{ "text", read_text, AT(text), .required = true },
	{ "lines", read_text, AT(lines), .kind = TEXT_LINES },
	{ "word", read_word, AT(word), .kind = 0 },
	{ "action", read_enum, AT(action), .names = action_name },
	{ "on", read_bits, AT(ops), .names = op_name },
	{ "list", read_list, AT(list), .kind = 3 },
	{ "inner", read_inner, 0, .kind = 0 },
};

static const struct key two_needed[] = {
	{ "text", read_text, AT(text), .required = true },
	{ "word", read_word, AT(word), .required = true },
};

static int read_inner(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	CLEANUP(thing_done) struct thing inner = { 0 };

	(void)k;
	(void)base;
	return read_object(rd, keys, ARRAY_SIZE(keys), v, &inner);
}

static int read_thing(struct thing *t, const char *text, const char *file, struct error *e)
{
	_json_ json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
	struct reader rd = { .file = file, .e = e };

	assert_non_null(v);
	*t = (struct thing){ 0 };
	return read_object(&rd, keys, ARRAY_SIZE(keys), v, t);
}

static void test_good(void **state)
{
	CLEANUP(thing_done) struct thing t = { 0 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(read_thing(&t,
				    "{\"text\":\"a b\",\"lines\":\"a\\nb\",\"word\":\"a-1\","
				    "\"action\":\"kill\",\"on\":[\"read\",\"bpf\"],"
				    "\"list\":[\"a\",\"bcd\"],\"inner\":{\"text\":\"y\"}}",
				    "f", &e),
			 0);
	assert_string_equal(t.text, "a b");
	assert_string_equal(t.lines, "a\nb");
	assert_string_equal(t.word, "a-1");
	assert_int_equal(t.action, WS_KILL);
	assert_int_equal(t.ops, 1u << WS_OP_READ | 1u << WS_OP_BPF);
	assert_int_equal(t.list.count, 2);
	assert_string_equal(t.list.at[1], "bcd");
	assert_string_equal(e.text, "");
}

#define TEXT "{\"text\":\"a\","

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "7", "f: /: must be an object" },
		{ "{}", "f: /: `text` is missing" },
		{ TEXT "\"no\":1}", "f: /no: unknown key, must be one of: text, lines, word, "
				    "action, on, list, inner" },
		{ "{\"text\":1}", "f: /text: must be a string" },
		{ "{\"text\":\"\"}", "f: /text: must not be empty" },
		{ "{\"text\":\"a\\nb\"}", "f: /text: must not contain control characters" },
		{ "{\"text\":\"\\u001b\"}", "f: /text: must not contain control characters" },
		{ TEXT "\"lines\":\"\\r\"}", "f: /lines: must not contain control characters" },
		{ TEXT "\"word\":\"A\"}", "f: /word: must be 1 to 64 lower-case" },
		{ TEXT "\"word\":null}", "f: /word: must be 1 to 64 lower-case" },
		{ TEXT "\"action\":\"none\"}", "f: /action: unknown name `none`, must be one of: "
					       "allow, alert, hide, deny, kill, "
					       "stop" },
		{ TEXT "\"action\":1}", "f: /action: must be a string, one of: allow, alert" },
		{ TEXT "\"on\":\"read\"}", "f: /on: must be a list of at least one name" },
		{ TEXT "\"on\":[]}", "f: /on: must be a list of at least one name" },
		{ TEXT "\"on\":[\"read\",\"fly\"]}", "f: /on/1: unknown name `fly`" },
		{ TEXT "\"on\":[\"read\",\"bpf\",\"read\"]}", "f: /on/2: `read` is listed twice" },
		{ TEXT "\"list\":[]}", "f: /list: must be a list of at least one string" },
		{ TEXT "\"list\":{}}", "f: /list: must be a list of at least one string" },
		{ TEXT "\"list\":[\"a\",1]}", "f: /list/1: must be a string" },
		{ TEXT "\"list\":[\"a\",\"x\"]}", "f: /list/1: `x` is bad" },
		{ TEXT "\"list\":[\"abcd\"]}", "f: /list/0: `abcd` is bad" },
		{ TEXT "\"list\":[\"a\",\"b\",\"a\"]}", "f: /list/2: `a` is listed twice" },
		{ TEXT "\"list\":[\"a\",\"b\",\"b\"]}", "f: /list/2: `b` is listed twice" },
		{ TEXT "\"inner\":{\"text\":\"a\",\"on\":[\"read\",7]}}",
		  "f: /inner/on/1: must be a string, one of: exec" },
		{ TEXT "\"inner\":{\"word\":\"a\"}}", "f: /inner: `text` is missing" },
		/* the pointer goes back up behind what is right */
		{ "{\"inner\":{\"text\":\"a\",\"list\":[\"a\",\"b\"]},\"on\":[]}",
		  "f: /on: must be" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		CLEANUP(thing_done) struct thing t;
		struct error e = { 0 };

		if (read_thing(&t, table[i].text, "f", &e) != -EINVAL ||
		    strncmp(e.text, table[i].want, strlen(table[i].want)) != 0)
			fail_msg("%s: %s", table[i].text, e.text);
	}
}

static void test_every_needed_key(void **state)
{
	_json_ json_t *v = json_loads("{\"text\":\"a\"}", 0, NULL);
	CLEANUP(thing_done) struct thing t = { 0 };
	struct error e = { 0 };
	struct reader rd = { .e = &e };

	(void)state;
	assert_int_equal(read_object(&rd, two_needed, ARRAY_SIZE(two_needed), v, &t), -EINVAL);
	assert_string_equal(e.text, "/: `word` is missing");
}

static void test_without_a_file(void **state)
{
	CLEANUP(thing_done) struct thing t;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(read_thing(&t, "{\"text\":1}", NULL, &e), -EINVAL);
	assert_string_equal(e.text, "/text: must be a string");
}

static void test_pointer(void **state)
{
	struct reader rd = { .file = "f" };
	size_t one = reader_enter(&rd, "/%s", "a"), two = reader_enter(&rd, "/%d", 7);

	(void)state;
	assert_string_equal(rd.pointer, "/a/7");
	reader_leave(&rd, two);
	assert_string_equal(rd.pointer, "/a");
	reader_leave(&rd, one);
	assert_string_equal(rd.pointer, "");
	for (int i = 0; i < 1000; i++) /* cut, not written past the end */
		reader_enter(&rd, "/%d", i);
	assert_int_equal(strlen(rd.pointer), sizeof(rd.pointer) - 1);
}

static void test_words(void **state)
{
	char longest[66];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[65] = '\0';
	assert_false(reader_is_word(longest));
	longest[64] = '\0';
	assert_true(reader_is_word(longest));
	assert_true(reader_is_word("a-b9"));
	assert_true(reader_is_word("9"));
	assert_false(reader_is_word(""));
	assert_false(reader_is_word("-a"));
	assert_false(reader_is_word("a b"));
	assert_false(reader_is_word("a/b"));
	assert_false(reader_is_word("a_b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_every_needed_key),
		cmocka_unit_test(test_without_a_file),
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
