// SPDX-License-Identifier: GPL-2.0-only
/* scope_table.c - the scripts of a session, by the number of their scope. */
#include "events/scope_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "events/decode.h"
#include "events/package_dir.h"
#include "sanitize/redact_text.h"

struct scope_table {
	struct scope **at; /* in the order of appearance */
	size_t count, room;
	uint32_t *slots; /* open addressing: index into `at` + 1; 0: free */
	size_t slot_count;
	uint64_t left_out;
};

/* What string members point to when they are empty; not freed. */
static char nothing[] = "";

struct scope_table *scope_table_new(void)
{
	return calloc(1, sizeof(struct scope_table));
}

static void set(char **field, char *value)
{
	if (*field != nothing)
		free(*field);
	*field = value ? value : nothing;
}

static void free_scope(struct scope *s)
{
	set(&s->name, NULL);
	set(&s->declared, NULL);
	set(&s->version, NULL);
	set(&s->event, NULL);
	set(&s->directory, NULL);
	set(&s->checksum, NULL);
	free(s);
}

void scope_table_free(struct scope_table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		free_scope(t->at[i]);
	free(t->at);
	free(t->slots);
	free(t);
}

static uint32_t *slot_of(const struct scope_table *t, uint64_t id)
{
	size_t i = (id * 0x9e3779b97f4a7c15ULL) >> 32;

	for (;; i++) {
		uint32_t *slot = &t->slots[i & (t->slot_count - 1)];

		if (!*slot || t->at[*slot - 1]->id == id)
			return slot;
	}
}

struct scope *scope_table_find(const struct scope_table *t, uint64_t id)
{
	uint32_t *slot = t->slot_count ? slot_of(t, id) : NULL;

	return slot && *slot ? t->at[*slot - 1] : NULL;
}

/* Double the room of the list and of its slots, of which at most half are ever used. */
static bool grow(struct scope_table *t)
{
	size_t room = t->room ? t->room * 2 : 64;
	struct scope **at = realloc(t->at, room * sizeof(*at));
	uint32_t *slots;

	if (!at)
		return false;
	t->at = at;
	slots = calloc(room * 2, sizeof(*slots));
	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->slot_count = room * 2;
	t->room = room;
	for (size_t i = 0; i < t->count; i++)
		*slot_of(t, t->at[i]->id) = i + 1;
	return true;
}

struct scope *scope_table_get(struct scope_table *t, uint64_t id)
{
	struct scope *s = id ? scope_table_find(t, id) : NULL;

	if (s || !id)
		return s;
	if (t->count >= SCOPE_TABLE_MAX || (t->count == t->room && !grow(t)) ||
	    !(s = calloc(1, sizeof(*s)))) {
		t->left_out++;
		return NULL;
	}
	s->id = id;
	s->name = s->declared = s->version = s->event = s->directory = s->checksum = nothing;
	t->at[t->count++] = s;
	*slot_of(t, id) = t->count;
	return s;
}

/* Redacted here, where it is known whether the kernel truncated the text: a truncated secret is not
 * recognised later. */
static char *text_of(const char *bytes, size_t room)
{
	_buf_ struct buf b = BUF_INIT;
	size_t len = strnlen(bytes, room);

	redact_text(&b, bytes, len, len + 1 >= room);
	return buf_take(&b);
}

/* The name that pip has given to the directory: that of the requirement. */
static void name_of_directory(struct scope *s)
{
	char name[PACKAGE_DIR_NAME], version[PACKAGE_DIR_NAME];

	if (scope_name(s)[0] ||
	    !package_dir_name(name, version, s->directory, scope_build(s)->holder))
		return;
	set(&s->name, text_of(name, sizeof(name)));
	if (!s->version[0])
		set(&s->version, text_of(version, sizeof(version)));
}

struct scope *scope_table_add(struct scope_table *t, const struct ws_rec_scope *r)
{
	struct scope *s = scope_table_get(t, r->scope.id);
	_buf_ struct buf dir = BUF_INIT;

	if (!s)
		return NULL;
	s->known = true;
	s->actor = r->scope.actor;
	s->manager = r->scope.manager;
	s->pid = r->scope.pid;
	s->earlier = r->scope.earlier;
	set(&s->name, text_of(r->scope.name, sizeof(r->scope.name)));
	set(&s->declared, text_of(r->scope.declared, sizeof(r->scope.declared)));
	set(&s->version, text_of(r->scope.version, sizeof(r->scope.version)));
	set(&s->event, text_of(r->scope.event, sizeof(r->scope.event)));
	if (!(r->head.flags & WS_F_PATH_UNREAD)) {
		decode_path(&dir, r->dir, r->dir_len, r->head.flags & WS_F_PATH_CUT);
		set(&s->directory, buf_take(&dir));
	}
	if (scope_build(s)) {
		name_of_directory(s);
		/* cargo takes the name from the registry, and else from Cargo.toml */
		s->claimed = s->actor == WS_ACTOR_PACKAGE &&
			     strstr(s->directory, "/git/checkouts/") != NULL;
		return s;
	}
	s->claimed = s->actor == WS_ACTOR_PACKAGE && scope_name(s)[0] && s->directory[0] &&
		     !strstr(s->directory, "/node_modules/");
	return s;
}

const struct build *scope_build(const struct scope *s)
{
	return s->known && s->manager < manager_count ? managers[s->manager].build : NULL;
}

bool scope_is_nameless(const struct scope *s)
{
	return scope_build(s) && s->directory[0] && (!scope_name(s)[0] || !s->version[0]);
}

void scope_says(struct scope *s, const char *name, const char *version)
{
	if (!scope_name(s)[0] && name[0]) {
		set(&s->declared, text_of(name, strlen(name) + 2));
		s->from_files = true;
	}
	/* a version of another package's is none */
	if (!s->version[0] && version[0] && package_dir_same(scope_name(s), name))
		set(&s->version, text_of(version, strlen(version) + 2));
}

void scope_fetched(struct scope *s, const char *name)
{
	if (s->fetched)
		return;
	s->fetched = true;
	set(&s->name, strdup(name));
	set(&s->declared, NULL);
	set(&s->version, NULL);
	set(&s->checksum, NULL); /* of the one that is running it */
}

void scope_checksum(struct scope *s, const char *checksum)
{
	set(&s->checksum, strdup(checksum));
}

size_t scope_table_count(const struct scope_table *t)
{
	return t->count;
}

struct scope *scope_table_at(const struct scope_table *t, size_t index)
{
	return t->at[index];
}

uint64_t scope_table_left_out(const struct scope_table *t)
{
	return t->left_out;
}

/* ---- names ---- */

const char *scope_name(const struct scope *s)
{
	return s->name[0] ? s->name : s->declared;
}

void scope_package(struct buf *out, const struct scope *s)
{
	const char *name = scope_name(s);

	if (!name[0]) {
		buf_adds(out, s->actor == WS_ACTOR_PROJECT ? "this project" : "an unknown package");
		return;
	}
	buf_adds(out, name);
	if (s->version[0])
		buf_addf(out, "@%s", s->version);
}

void scope_title(struct buf *out, const struct scope *s)
{
	scope_package(out, s);
	if (s->fetched)
		buf_adds(out, ", not of this project");
	else if (s->actor == WS_ACTOR_PROJECT && scope_name(s)[0])
		buf_adds(out, ", this project");
	if (s->actor == WS_ACTOR_TOOL)
		buf_addf(out, s->event[0] ? " (tool of %s)" : " (tool)", s->event);
	else if (s->event[0])
		buf_addf(out, " (%s)", s->event);
	if (s->earlier)
		buf_addf(out, " [put there in session %016" PRIx64 "]", s->earlier);
	if (s->claimed)
		buf_adds(out, " [a git clone; the name is its own claim]");
	else if (s->from_files && s->actor == WS_ACTOR_PACKAGE)
		buf_adds(out, " [the name is its own claim]");
}

void scope_who(struct buf *out, const struct scope_table *t, uint64_t id, unsigned actor)
{
	const struct scope *s = id && t ? scope_table_find(t, id) : NULL;

	if (s)
		scope_title(out, s);
	else if (actor == WS_ACTOR_PACKAGE || actor == WS_ACTOR_PROJECT)
		buf_adds(out, "an unknown script");
	else if (actor == WS_ACTOR_TOOL)
		buf_adds(out, "a tool of an unknown package");
	else
		buf_adds(out, actor == WS_ACTOR_SHELL	  ? "code that the package manager runs"
			      : actor == WS_ACTOR_MANAGER ? "the package manager"
							  : "the command");
}

const char *scope_ecosystem(const struct scope *s)
{
	return s->known && s->manager < manager_count ? managers[s->manager].ecosystem : NULL;
}

/* Percent-encode as package URLs demand. slash: '/' separates, and stays. */
static void add_percent(struct buf *out, const char *s, bool slash)
{
	for (; *s; s++) {
		unsigned char c = *s;

		if (ascii_alnum(c) || strchr("-._~", c) || (slash && c == '/'))
			buf_addc(out, *s);
		else
			buf_addf(out, "%%%02X", c);
	}
}

void scope_purl(struct buf *out, const struct scope *s)
{
	const char *type = scope_ecosystem(s);

	if (!type || !scope_name(s)[0])
		return;
	buf_addf(out, "pkg:%s/", type);
	if (strcmp(type, "pypi") == 0) { /* the type's own rule: lower case, no underscores */
		for (const char *c = scope_name(s); *c; c++)
			add_percent(out, (char[]){ *c == '_' ? '-' : ascii_lower(*c), '\0' }, true);
	} else {
		add_percent(out, scope_name(s), true);
	}
	if (s->version[0]) {
		buf_addc(out, '@');
		add_percent(out, s->version, false);
	}
}
