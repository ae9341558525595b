/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scope_table.h - the scripts of a session, by the number of their scope: which package each
 * belongs to, and what it is called.
 */
#ifndef WORMSIGN_SCOPE_TABLE_H
#define WORMSIGN_SCOPE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "policy/managers.h"
#include "wire.h"

/* Scopes kept; later ones are only counted. */
#define SCOPE_TABLE_MAX 65536

struct scope {
	uint64_t id;
	uint32_t actor;
	uint32_t manager; /* index into managers[] */
	uint32_t pid;
	uint64_t earlier; /* the session in which its package put there what it runs; 0: none */
	bool claimed;	  /* its name is what it calls itself: the clone of a git dependency ... */
	bool from_files;  /* ... or what its own files say */
	bool fetched;	  /* see scope_fetched() */
	bool known;	  /* its record has come; otherwise only `id` is set */
	char *name, *declared, *version, *event, *directory; /* never NULL, may be "" */
	char *checksum;					     /* scope_checksum(); the same */
	uint64_t execs; /* programs it started; the caller counts them */
	int question; /* for the caller: number of its question about dependents, plus 1; 0: none */
};

struct scope_table;

struct scope_table *scope_table_new(void);
void scope_table_free(struct scope_table *t);
/* Enter what a record says. Returns NULL if out of memory, or the table is full. */
struct scope *scope_table_add(struct scope_table *t, const struct ws_rec_scope *r);
/* Mark a scope that was entered as the project's script: it is a program of this package, which
 * does not belong to the project (npx fetched it). */
void scope_fetched(struct scope *s, const char *name);
/* Note what the lockfile states of the package. */
void scope_checksum(struct scope *s, const char *checksum);
/* The scope of this number; entered without a name if it is new. NULL: as above, or id is 0. */
struct scope *scope_table_get(struct scope_table *t, uint64_t id);
/* NULL: not in the table. */
struct scope *scope_table_find(const struct scope_table *t, uint64_t id);
/* All scopes, in the order in which they appeared; index < count. */
size_t scope_table_count(const struct scope_table *t);
struct scope *scope_table_at(const struct scope_table *t, size_t index);
/* Scopes that could not be entered. */
uint64_t scope_table_left_out(const struct scope_table *t);

/* The package's name: that of its directory, else the one it declares; may be "". */
const char *scope_name(const struct scope *s);
/* Append "core-js@2.6.12 (postinstall)", "my-app@1.0.0, this project (prepare)". Not escaped. */
void scope_title(struct buf *out, const struct scope *s);
/* The same for any actor: a script by its number, or "the package manager", "the command". */
void scope_who(struct buf *out, const struct scope_table *t, uint64_t id, unsigned actor);
/* Append "core-js@2.6.12". Not escaped. */
void scope_package(struct buf *out, const struct scope *s);
/* Append the package URL "pkg:npm/%40scope/name@1.0"; nothing when it has no name. */
void scope_purl(struct buf *out, const struct scope *s);
/* How its manager builds packages; NULL: it runs lifecycle scripts, or is not known. */
const struct build *scope_build(const struct scope *s);
/* Whether nothing but the package's own files say what it is called. */
bool scope_is_nameless(const struct scope *s);
/* Enter what they say; "": nothing. */
void scope_says(struct scope *s, const char *name, const char *version);
/* The type in package URLs: "npm", "pypi"; NULL if the manager is not known. */
const char *scope_ecosystem(const struct scope *s);

#endif
