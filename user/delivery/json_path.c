// SPDX-License-Identifier: GPL-2.0-only
/* json_path.c - see json_path.h. */
#include "delivery/json_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NAME 64

/* The first name of path, without what stands in brackets; where the next one begins. */
static const char *first_name(char ret[MOST_NAME], const char *path, const char **ret_brackets)
{
	size_t len = strcspn(path, ".["), end = strcspn(path, ".");

	snprintf(ret, MOST_NAME, "%.*s", (int)len, path);
	*ret_brackets = path[len] == '[' ? path + len : "";
	return path[end] ? path + end + 1 : NULL;
}

json_t *json_path_get(const json_t *v, const char *path)
{
	while (path && v) {
		char name[MOST_NAME];
		const char *brackets;

		path = first_name(name, path, &brackets);
		v = json_object_get(v, name);
	}
	return (json_t *)v;
}

/* The member, made if it is missing. */
static json_t *member(json_t *object, const char *name, json_t *(*make)(void))
{
	json_t *v = json_object_get(object, name);

	if (!v && json_object_set_new(object, name, make()) == 0)
		v = json_object_get(object, name);
	return v;
}

/* The element of a list that the brackets name. */
static json_t *element(json_t *list, const char *brackets)
{
	size_t size = json_array_size(list), i = size;

	if (brackets[1] != ']')
		i = strtoul(brackets + 1, NULL, 10);
	if (i >= size) {
		json_array_append_new(list, json_object());
		i = size;
	}
	return json_array_get(list, i);
}

void json_path_set(json_t *root, const char *path, json_t *value)
{
	while (root && value) {
		char name[MOST_NAME];
		const char *brackets, *next = first_name(name, path, &brackets);

		if (*brackets && !next) {
			json_array_append_new(member(root, name, json_array), value);
			return;
		}
		if (!next) {
			if (json_object_get(root, name))
				json_decref(value);
			else
				json_object_set_new(root, name, value);
			return;
		}
		root = *brackets ? element(member(root, name, json_array), brackets)
				 : member(root, name, json_object);
		path = next;
	}
}
