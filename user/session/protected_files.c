// SPDX-License-Identifier: GPL-2.0-only
/* protect.c - from the tables' patterns to identities in the kernel. */
#include "protect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* Names looked at for one pattern: enough for a large ~/.password-store, not for a home. */
#define MOST_NAMES 8192

struct found {
	struct ws_id id;
	struct ws_mask mask;
};

struct gather {
	struct loader *loader;
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

/* Several patterns may name one file: enter it once, with what all of them say. */
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
		r = loader_protect(g->loader, &f->id, &f->mask);
		if (r < 0)
			return error_set(g->e, r, "a protected file cannot be entered: %s",
					 strerror(-r));
	}
	*ret_files = files;
	return 0;
}

int protect(struct loader *l, const struct tables *t, const struct session_places *p,
	    struct protect_result *ret, struct error *e)
{
	struct gather g = { .loader = l, .e = e };
	struct expand x = { .most = MOST_NAMES };
	_free_ const char **homes = calloc(p->count + 1, sizeof(*homes));
	int r = 0;

	if (!homes)
		return error_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].place == WS_PLACE_HOME)
			homes[x.home_count++] = p->at[i].path;
	x.homes = homes;
	for (size_t i = 0; r == 0 && i < t->identity_count; i++) {
		g.mask = &t->identities[i].mask;
		r = expand(&x, t->identities[i].pattern, gather_one, &g);
	}
	if (r == 0)
		r = enter(&g, &ret->files);
	x.homes = NULL;
	ret->looked = x;
	free(g.at);
	return r < 0 ? error_set(e, r, "out of memory") : 0;
}
