/* SPDX-License-Identifier: GPL-2.0-only */
/* json_path.h - members of nested objects by one text: "process.parent.pid". */
#ifndef WORMSIGN_JSON_PATH_H
#define WORMSIGN_JSON_PATH_H

#include <jansson.h>

/* The member, borrowed; NULL: there is none. */
json_t *json_path_get(const json_t *v, const char *path);
/*
 * Set the member, unless there is one, and make the objects on the way. "a[0].b" is in the first
 * element of a list, "a[].b" in a new one. value is taken; NULL does nothing.
 */
void json_path_set(json_t *root, const char *path, json_t *value);

#endif
