/* SPDX-License-Identifier: GPL-2.0-only */
/* json_schema.h - as much of JSON Schema as user/event.schema.json uses, for tests. */
#ifndef TESTS_JSON_SCHEMA_H
#define TESTS_JSON_SCHEMA_H

#include <jansson.h>
#include <stddef.h>

/* What is wrong with value, with a JSON pointer, in `why`; returns 0 when nothing is. Unknown
 * keywords are an error. */
int json_schema_check(const json_t *schema, const json_t *value, char *why, size_t size);

#endif
