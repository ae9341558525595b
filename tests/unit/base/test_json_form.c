// SPDX-License-Identifier: GPL-2.0-only
/* test_json_form.c - each kind of value, and every error at once. */
#include <string.h>

#include "base/cleanup.h"
#include "base/json_form.h"
#include "cmocka_all.h"

struct item {
	char *name;
	uint64_t count;
};

struct sample {
	char *text, *path;
	bool flag;
	uint64_t bytes, ms, count;
	int choice;
	struct item one;
	struct json_form_list list;
};

static const char *const colours[] = { "red", "green", NULL };

static const struct json_form_key item_keys[] = {
	{ "name", JSON_FORM_TEXT, .offset = offsetof(struct item, name), .required = true },
	{ "count", JSON_FORM_COUNT, .offset = offsetof(struct item, count), .least = 1, .most = 9 },
};

static const struct json_form_key keys[] = {
	{ "text", JSON_FORM_TEXT, .offset = offsetof(struct sample, text) },
	{ "path", JSON_FORM_PATH, .offset = offsetof(struct sample, path) },
	{ "flag", JSON_FORM_BOOL, .offset = offsetof(struct sample, flag) },
	{ "bytes", JSON_FORM_BYTES, .offset = offsetof(struct sample, bytes) },
	{ "timeout", JSON_FORM_MS, .offset = offsetof(struct sample, ms) },
	{ "count", JSON_FORM_COUNT, .offset = offsetof(struct sample, count) },
	{ "colour", JSON_FORM_CHOICE, .offset = offsetof(struct sample, choice),
	  .choices = colours },
	{ "one", JSON_FORM_OBJECT, .offset = offsetof(struct sample, one), .of = item_keys,
	  .of_count = 2 },
	{ "list", JSON_FORM_LIST, .offset = offsetof(struct sample, list), .of = item_keys,
	  .of_count = 2, .of_size = sizeof(struct item) },
};

static size_t read_sample(const char *text, struct sample *s, char *ret_errors, size_t room)
{
	struct json_form_errors e = JSON_FORM_ERRORS("f.json");
	_json_ json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
	size_t count;

	assert_non_null(v);
	*s = (struct sample){ .count = 7 };
	json_form_read(&e, "", v, keys, ARRAY_SIZE(keys), s);
	snprintf(ret_errors, room, "%s", e.text.at);
	count = e.count;
	buf_free(&e.text);
	return count;
}

static void values(void **state)
{
	struct sample s;
	char errors[512];

	(void)state;
	assert_int_equal(read_sample("{\"text\":\"a b\",\"path\":\"/x\",\"flag\":true,"
				     "\"bytes\":\"3 KiB\",\"timeout\":\"2m\",\"colour\":\"green\","
				     "\"one\":{\"name\":\"n\"},"
				     "\"list\":[{\"name\":\"a\",\"count\":9},{\"name\":\"b\"}]}",
				     &s, errors, sizeof(errors)),
			 0);
	assert_string_equal(s.text, "a b");
	assert_string_equal(s.path, "/x");
	assert_true(s.flag);
	assert_int_equal(s.bytes, 3072);
	assert_int_equal(s.ms, 120000);
	assert_int_equal(s.count, 7); /* the default */
	assert_int_equal(s.choice, 1);
	assert_string_equal(s.one.name, "n");
	assert_int_equal(s.list.count, 2);
	assert_int_equal(((struct item *)s.list.at)[0].count, 9);
	json_form_free(keys, ARRAY_SIZE(keys), &s);
	assert_null(s.text);
	assert_int_equal(read_sample("{\"bytes\":4096}", &s, errors, sizeof(errors)), 0);
	assert_int_equal(s.bytes, 4096);
}

static void all_errors(void **state)
{
	static const struct {
		const char *text, *says;
	} table[] = {
		{ "[]", "f.json: /: must be an object" },
		{ "{\"txet\":\"a\"}", "f.json: /txet: unknown key; did you mean \"text\"?" },
		{ "{\"a/b\":1}", "f.json: /a~1b: unknown key; there are: text, path, flag" },
		{ "{\"text\":\"\"}", "/text: must be text" },
		{ "{\"text\":\"a\\nb\"}", "/text: holds a control character" },
		{ "{\"path\":\"x\"}", "/path: must be an absolute path, and is \"x\"" },
		{ "{\"flag\":1}", "/flag: must be true or false" },
		{ "{\"bytes\":\"3 KB\"}", "/bytes: must be a size" },
		{ "{\"bytes\":-1}", "/bytes: must be a size" },
		{ "{\"bytes\":\"99999999999999 GiB\"}", "/bytes: must be a size" },
		{ "{\"timeout\":30}", "/timeout: must be a time with a unit" },
		{ "{\"timeout\":\"s\"}", "/timeout: must be a time with a unit" },
		{ "{\"count\":\"1\"}", "/count: must be a whole number" },
		{ "{\"colour\":\"blue\"}", "/colour: must be one of \"red\", \"green\"" },
		{ "{\"one\":{}}", "/one: \"name\" is missing" },
		{ "{\"list\":[]}", "/list: must be a list of at least one object" },
		{ "{\"list\":[{\"name\":\"a\",\"count\":10}]}", "/list/0/count: must be 1 to 9" },
	};
	struct sample s;
	char errors[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(read_sample(table[i].text, &s, errors, sizeof(errors)), 1);
		if (!strstr(errors, table[i].says))
			assert_string_equal(errors, table[i].says);
		json_form_free(keys, ARRAY_SIZE(keys), &s);
	}
	assert_int_equal(read_sample("{\"x\":1,\"flag\":2,\"list\":[{\"nmae\":\"a\"}]}", &s, errors,
				     sizeof(errors)),
			 4);
	json_form_free(keys, ARRAY_SIZE(keys), &s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(all_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
