// SPDX-License-Identifier: GPL-2.0-only
/* table_root.c - see table_root.h. */
#include "sanitize/table_root.h"

#include <errno.h>
#include <string.h>

static int check(json_t *root, const char *name, const char *table, const char *list,
		 struct error *e)
{
	const char *its = json_string_value(json_object_get(root, "table")), *key;
	json_t *value;

	if (!its || strcmp(its, table) != 0)
		return error_set(e, -EINVAL, "%s: /table: must be \"%s\"", name, table);
	json_object_foreach(root, key, value)
		if (strcmp(key, "table") != 0 && strcmp(key, "note") != 0 && strcmp(key, list) != 0)
			return error_set(e, -EINVAL, "%s: /%s: unknown key", name, key);
	if (!json_array_size(json_object_get(root, list)))
		return error_set(e, -EINVAL, "%s: /%s: must be an array with at least one member",
				 name, list);
	return 0;
}

int table_root_read(json_t **ret, const char *name, const char *text, size_t len, const char *table,
		    const char *list, struct error *e)
{
	json_error_t json;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &json);
	int err;

	if (!root)
		return error_set(e, -EINVAL, "%s:%d: %s", name, json.line, json.text);
	err = check(root, name, table, list, e);
	if (err < 0)
		json_decref(root);
	else
		*ret = root;
	return err;
}
