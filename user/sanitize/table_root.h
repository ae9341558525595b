/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table_root.h - the outermost object of a table of rules/data/ that is one list:
 *
 *   { "table": "credential-options", "note": "...", "commands": [ ... ] }
 */
#ifndef WORMSIGN_TABLE_ROOT_H
#define WORMSIGN_TABLE_ROOT_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

/* name: for messages. list: the key of the list, which has at least one member. -EINVAL with e when
 * the text is not JSON, or not this table. The caller has the reference. */
int table_root_read(json_t **ret, const char *name, const char *text, size_t len, const char *table,
		    const char *list, struct error *e);

#endif
