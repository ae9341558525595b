// SPDX-License-Identifier: GPL-2.0-only
/* protected_files.c - find them by the tables' patterns, merge, and enter their identities. */
#include "session/protected_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide.h"
#include "session/git_dir.h"

/* Entries to look at for one pattern: enough for a large ~/.password-store, not for a home. */
#define MOST_NAMES 8192

struct found {
	struct ws_id id;
	struct ws_mask mask;
};

struct gather {
	struct loader *loader;
	uint64_t session;
	struct found *at;
	size_t count, room;
	const struct ws_mask *mask; /* of the pattern that is looked for */
	struct error *e;
};

static int gather_one(void *arg, int fd)
{
	struct gather *g = arg;
	struct found *f;
	int r;

	if (g->count == g->room) {
		size_t room = g->room ? g->room * 2 : 256;
		struct found *at = reallocarray(g->at, room, sizeof(*at));

		if (!at)
			return error_set(g->e, -ENOMEM, "out of memory");
		g->at = at;
		g->room = room;
	}
	f = &g->at[g->count];
	r = loader_identify(g->loader, fd, &f->id);
	if (r < 0)
		return error_set(g->e, r, "the identity of a protected file cannot be found: %s",
				 strerror(-r));
	f->mask = *g->mask;
	g->count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct found *l = a, *r = b;

	if (l->id.ino != r->id.ino)
		return l->id.ino < r->id.ino ? -1 : 1;
	return l->id.dev < r->id.dev ? -1 : l->id.dev > r->id.dev;
}

/* Several patterns may match one file: enter it once, with the rules of all of them. */
static int enter(struct gather *g, size_t *ret_files)
{
	size_t files = 0;

	if (g->count)
		qsort(g->at, g->count, sizeof(*g->at), compare);
	for (size_t i = 0, next; i < g->count; i = next, files++) {
		struct found *f = &g->at[i];
		int r;

		for (next = i + 1; next < g->count && compare(f, &g->at[next]) == 0; next++)
			for (size_t w = 0; w < WS_MASK_WORDS; w++)
				f->mask.w[w] |= g->at[next].mask.w[w];
		r = loader_protect(g->loader, g->session, &f->id, &f->mask);
		if (r < 0)
			return error_set(g->e, r, "a protected file cannot be entered: %s",
					 strerror(-r));
	}
	*ret_files = files;
	return 0;
}

/*
 * A repository outside of its work tree need not be called .git (app.git, .git/modules/lib), as
 * patterns expect: its configuration and its hooks are what they would be in .git.
 */
static int gather_git(struct gather *g, const struct tables *t, const char *dir)
{
	static const char *const names[] = { "config", "hooks" };
	const char *last = strrchr(dir, '/');
	int r = 0;

	if (!last || strcmp(last, "/.git") == 0 || !git_dir_is(dir))
		return 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		_close_ int fd = -1;
		struct ws_set set = { 0 };
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", dir, names[i]) >= (int)sizeof(path))
			continue;
		fd = open(path, O_PATH | O_CLOEXEC);
		snprintf(path, sizeof(path), "/.git/%s", names[i]);
		tables_match_path(t, path, NULL, 0, &set);
		g->mask = &set.match;
		if (fd >= 0 && !ws_mask_empty(g->mask))
			r = gather_one(g, fd);
	}
	return r;
}

int protected_files_enter(struct loader *l, uint64_t session, const struct tables *t,
			  const struct places *p, const struct protected_files_limit *limit,
			  struct protected_files_result *ret, struct error *e)
{
	struct gather g = { .loader = l, .session = session, .e = e };
	struct find_files x = { .most = MOST_NAMES };
	_free_ const char **homes = calloc(p->count + 1, sizeof(*homes));
	int r = 0;

	if (!homes)
		return error_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].place == WS_PLACE_HOME)
			homes[x.home_count++] = p->at[i].path;
	x.homes = homes;
	r = find_files_list_homes(&x);
	for (size_t i = 0; r == 0 && i < t->identity_count; i++) {
		g.mask = &t->identities[i].mask;
		r = find_files(&x, t->identities[i].pattern, gather_one, &g);
	}
	for (size_t i = 0; r == 0 && i < p->count; i++)
		if (p->at[i].place == WS_PLACE_PROJECT)
			r = gather_git(&g, t, p->at[i].path);
	if (r == 0 && limit && limit->reserve)
		r = limit->reserve(limit->arg, g.count, e);
	if (r == 0)
		r = enter(&g, &ret->files);
	find_files_done(&x);
	x.homes = NULL;
	ret->looked = x;
	free(g.at);
	return r < 0 ? error_set(e, r, "out of memory") : 0;
}
