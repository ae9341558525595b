// SPDX-License-Identifier: GPL-2.0-only
/* json_schema.c - as much of JSON Schema as user/event.schema.json uses, for tests. */
#include "json_schema.h"

#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct check {
	const json_t *root;
	char *why;
	size_t size;
};

static int check(struct check *c, const json_t *schema, const json_t *value, const char *at);

static int wrong(struct check *c, const char *at, const char *format, ...)
{
	va_list ap;
	int n = snprintf(c->why, c->size, "%s: ", at);

	va_start(ap, format);
	vsnprintf(c->why + n, c->size - (size_t)n, format, ap);
	va_end(ap);
	return -1;
}

static bool has_type(const char *type, const json_t *v)
{
	if (strcmp(type, "object") == 0)
		return json_is_object(v);
	if (strcmp(type, "array") == 0)
		return json_is_array(v);
	if (strcmp(type, "string") == 0)
		return json_is_string(v);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(v);
	if (strcmp(type, "number") == 0)
		return json_is_number(v);
	return false;
}

static int check_ref(struct check *c, const char *ref, const json_t *value, const char *at)
{
	const json_t *defs = json_object_get(c->root, "$defs"), *def;

	if (strncmp(ref, "#/$defs/", 8) != 0)
		return wrong(c, at, "schema: $ref %s", ref);
	def = json_object_get(defs, ref + 8);
	return def ? check(c, def, value, at) : wrong(c, at, "schema: no %s", ref);
}

static int check_pattern(struct check *c, const char *pattern, const json_t *value, const char *at)
{
	regex_t re;
	int r;

	if (!json_is_string(value))
		return 0;
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		return wrong(c, at, "schema: pattern %s", pattern);
	r = regexec(&re, json_string_value(value), 0, NULL, 0);
	regfree(&re);
	return r ? wrong(c, at, "'%s' does not match %s", json_string_value(value), pattern) : 0;
}

static int check_any(struct check *c, const json_t *list, const json_t *value, const char *at)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)list, i, one)
		if (check(c, one, value, at) == 0)
			return 0;
	return -1; /* why: of the last one */
}

static int check_object(struct check *c, const json_t *schema, const json_t *value, const char *at)
{
	json_t *properties = json_object_get(schema, "properties");
	json_t *others = json_object_get(schema, "additionalProperties");
	json_t *required = json_object_get(schema, "required"), *member, *name;
	const char *key;
	size_t i;

	json_array_foreach(required, i, name)
		if (!json_object_get(value, json_string_value(name)))
			return wrong(c, at, "has no '%s'", json_string_value(name));
	json_object_foreach((json_t *)value, key, member) {
		json_t *sub = json_object_get(properties, key);
		char below[512];

		snprintf(below, sizeof(below), "%s/%s", at, key);
		if (!sub && json_is_false(others))
			return wrong(c, below, "is not in the schema");
		if (!sub && json_is_object(others))
			sub = others;
		if (sub && check(c, sub, member, below))
			return -1;
	}
	return 0;
}

static int check(struct check *c, const json_t *schema, const json_t *value, const char *at)
{
	const char *keyword;
	json_t *arg, *item;
	size_t i;

	json_object_foreach((json_t *)schema, keyword, arg) {
		if (strcmp(keyword, "type") == 0) {
			if (!has_type(json_string_value(arg), value))
				return wrong(c, at, "is no %s", json_string_value(arg));
		} else if (strcmp(keyword, "$ref") == 0) {
			if (check_ref(c, json_string_value(arg), value, at))
				return -1;
		} else if (strcmp(keyword, "const") == 0) {
			if (!json_equal(arg, value))
				return wrong(c, at, "is not the constant");
		} else if (strcmp(keyword, "enum") == 0) {
			bool found = false;

			json_array_foreach(arg, i, item)
				found |= json_equal(item, value);
			if (!found)
				return wrong(c, at, "is not one of the list: %s",
					     json_is_string(value) ? json_string_value(value)
								   : "?");
		} else if (strcmp(keyword, "pattern") == 0) {
			if (check_pattern(c, json_string_value(arg), value, at))
				return -1;
		} else if (strcmp(keyword, "minimum") == 0) {
			if (json_number_value(value) < json_number_value(arg))
				return wrong(c, at, "is too small");
		} else if (strcmp(keyword, "anyOf") == 0) {
			if (check_any(c, arg, value, at))
				return -1;
		} else if (strcmp(keyword, "items") == 0) {
			char below[512];

			json_array_foreach((json_t *)value, i, item) {
				snprintf(below, sizeof(below), "%s/%zu", at, i);
				if (check(c, arg, item, below))
					return -1;
			}
		} else if (strcmp(keyword, "properties") == 0) {
			if (json_is_object(value) && check_object(c, schema, value, at))
				return -1;
		} else if (strcmp(keyword, "additionalProperties") == 0) {
			if (!json_object_get(schema, "properties") && json_is_object(value) &&
			    check_object(c, schema, value, at))
				return -1;
		} else if (strcmp(keyword, "required") == 0) {
			if (!json_object_get(schema, "properties") &&
			    check_object(c, schema, value, at))
				return -1;
		} else if (strcmp(keyword, "description") && strcmp(keyword, "title") &&
			   strcmp(keyword, "$schema") && strcmp(keyword, "$defs")) {
			return wrong(c, at, "schema: this test knows no '%s'", keyword);
		}
	}
	return 0;
}

int json_schema_check(const json_t *schema, const json_t *value, char *why, size_t size)
{
	struct check c = { .root = schema, .why = why, .size = size };

	return check(&c, schema, value, "");
}
