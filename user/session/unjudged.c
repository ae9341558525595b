// SPDX-License-Identifier: GPL-2.0-only
/* unjudged.c - see unjudged.h. */
#include "session/unjudged.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "events/decode.h"
#include "policy/other_managers.h"
#include "sanitize/redact_text.h"
#include "session/path_below.h"

#define MODULES "/node_modules/"

static void free_list(struct unjudged_list *l)
{
	while (l->count)
		free(l->at[--l->count]);
}

void unjudged_free(struct unjudged *u)
{
	free_list(&u->managers);
	free_list(&u->programs);
}

/* Enter a text. Returns the list's own copy, NULL: it is full. */
static const char *enter(struct unjudged_list *l, struct buf *text)
{
	char *copy;

	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->at[i], text->at) == 0)
			return l->at[i];
	if (l->count == UNJUDGED_MAX) {
		l->more++;
		return NULL;
	}
	copy = strdup(text->at);
	if (copy)
		l->at[l->count++] = copy;
	return copy;
}

/*
 * Whether a path leads into a node_modules that is not the project's: neither below the directory
 * of the command (but for hidden directories: ~/.npm/_npx where that is the home), nor in one above
 * it (a monorepo's root). In a prefix's lib/node_modules are the programs that the machine has.
 */
static bool is_elsewhere(const char *path, const char *modules, const char *cwd)
{
	_buf_ struct buf dir = BUF_INIT;
	const char *rest = path_below(path, cwd), *hidden;

	if (path[0] != '/' || (modules - path >= 4 && memcmp(modules - 4, "/lib", 4) == 0))
		return false;
	if (rest) {
		hidden = strstr(rest, "/.");
		return hidden && hidden < modules;
	}
	buf_add(&dir, path, (size_t)(modules - path));
	return dir.len && !path_below(cwd, dir.at);
}

/* Append the package or the program that a path below a node_modules belongs to. */
static void add_name(struct buf *out, const char *path)
{
	const char *name = path, *end;

	for (const char *next; (next = strstr(name, MODULES));)
		name = next + strlen(MODULES);
	if (strncmp(name, ".bin/", 5) == 0)
		name += 5;
	end = strchrnul(name, '/');
	if (name[0] == '@' && *end)
		end = strchrnul(end + 1, '/');
	redact_text(out, name, (size_t)(end - name), false);
}

const char *unjudged_exec(struct unjudged *u, const struct ws_rec_exec *r, const char *cwd)
{
	const char *at = r->argv.bytes, *end = at + r->argv.len, *word, *program, *command;
	_buf_ struct buf text = BUF_INIT;
	size_t len;

	if (r->manager || (r->head.actor != WS_ACTOR_JOB && r->head.actor != WS_ACTOR_PROJECT))
		return NULL;
	program = other_manager_of(r->argv.bytes, r->argv.len, &command);
	if (program) {
		buf_addf(&text, "%s%s%s", program, command[0] ? " " : "", command);
		enter(&u->managers, &text);
		return NULL;
	}
	/* the program itself, or the file that an interpreter (env first) is given */
	for (unsigned i = 0; i < 3 && (at = decode_word(at, end, &word, &len)); i++) {
		_buf_ struct buf path = BUF_INIT;
		const char *modules;

		buf_add(&path, word, len);
		modules = path.len ? strstr(path.at, MODULES) : NULL;
		if (!modules)
			continue;
		if (!is_elsewhere(path.at, modules, cwd))
			return NULL;
		add_name(&text, path.at);
		return text.len ? enter(&u->programs, &text) : NULL;
	}
	return NULL;
}

void unjudged_list_text(struct buf *out, const struct unjudged_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		buf_addf(out, "%s%s", i ? ", " : "", l->at[i]);
	if (l->more)
		buf_addf(out, " and %" PRIu64 " more", l->more);
}
