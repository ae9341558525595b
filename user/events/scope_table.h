/* SPDX-License-Identifier: GPL-2.0-only */
/* scope_table.h - the scripts of a session by their scope's number: whose they are, and what was
 * counted of them. */
#ifndef WORMSIGN_SCOPE_TABLE_H
#define WORMSIGN_SCOPE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "wire.h"

#define SCOPE_MOST 65536 /* scopes kept; later ones are counted, not named */

struct scope {
	uint64_t id;
	uint32_t actor;
	uint32_t manager; /* kind; index into managers[] */
	uint32_t pid;
	bool told; /* its record came; otherwise only the number is known */
	char *name, *declared, *version, *event, *directory; /* never NULL, may be "" */
	uint64_t execs;
};

struct scope_table;

struct scope_table *scope_table_new(void);
void scope_table_free(struct scope_table *t);
/* Enter what a record tells; NULL: no memory, or full. */
struct scope *scope_table_add(struct scope_table *t, const struct ws_rec_scope *r);
/* The scope of this number, entered nameless when it is not known yet. NULL: 0, no memory, or full.
 */
struct scope *scope_table_get(struct scope_table *t, uint64_t id);
struct scope *scope_table_find(const struct scope_table *t, uint64_t id);
/* In the order of their appearance. */
size_t scope_table_count(const struct scope_table *t);
struct scope *scope_table_at(const struct scope_table *t, size_t index);
/* Scopes that could not be entered. */
uint64_t scope_table_left_out(const struct scope_table *t);

/* What its directory is called, else what it calls itself; may be "". */
const char *scope_name(const struct scope *s);
/* Append "core-js@2.6.12 (postinstall)", "my-app@1.0.0, this project (prepare)". Not escaped. */
void scope_title(struct buf *out, const struct scope *s);
/* The same for whoever acted: a script by its number, or "the package manager", "the command". */
void scope_who(struct buf *out, const struct scope_table *t, uint64_t id, unsigned actor);
/* Append "core-js@2.6.12". Not escaped. */
void scope_package(struct buf *out, const struct scope *s);
/* Append the package URL "pkg:npm/%40scope/name@1.0"; nothing when it has no name. */
void scope_purl(struct buf *out, const struct scope *s);
/* "npm", "pypi"; NULL when the manager is not known. */
const char *scope_ecosystem(const struct scope *s);

#endif
