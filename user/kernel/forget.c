// SPDX-License-Identifier: GPL-2.0-only
/* forget.c - see forget.h. */
#include "kernel/forget.h"

#include <bpf/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/loader_internal.h"

#define KEY_MAX 512 /* bytes; the longest key is that of `homes` */

struct table {
	const struct bpf_map *map;
	/* Whether the entry is of a session, or a scope, that is gone. */
	bool (*ended)(struct loader *l, const struct table *t, const void *key);
};

static bool has(const struct bpf_map *map, uint64_t id, void *value)
{
	return bpf_map_lookup_elem(bpf_map__fd(map), &id, value) == 0;
}

static bool session_ended(struct loader *l, uint64_t id)
{
	struct ws_session s;

	return !has(l->skel->maps.sessions, id, &s);
}

/* A table whose key begins with the session. */
static bool by_session(struct loader *l, const struct table *t, const void *key)
{
	(void)t;
	return session_ended(l, *(const uint64_t *)key);
}

/* A table whose value begins with the session. */
static bool value_ended(struct loader *l, const struct table *t, const void *key)
{
	uint64_t value[8] = { 0 };

	return bpf_map__value_size(t->map) <= sizeof(value) &&
	       bpf_map_lookup_elem(bpf_map__fd(t->map), key, value) == 0 &&
	       session_ended(l, value[0]);
}

static bool scope_ended(struct loader *l, const struct table *t, const void *key)
{
	struct ws_scope s;

	return has(t->map, *(const uint64_t *)key, &s) && session_ended(l, s.session);
}

/* A table whose key begins with the scope. Comes after the table of scopes. */
static bool by_scope(struct loader *l, const struct table *t, const void *key)
{
	struct ws_scope s;

	(void)t;
	return !has(l->skel->maps.scopes, *(const uint64_t *)key, &s);
}

static size_t forget_in(struct loader *l, const struct table *t)
{
	uint64_t key[KEY_MAX / 8], next[KEY_MAX / 8];
	int fd = bpf_map__fd(t->map);
	size_t n = 0;

	if (bpf_map__key_size(t->map) > KEY_MAX)
		return 0;
	for (bool more = !bpf_map_get_next_key(fd, NULL, next); more;) {
		memcpy(key, next, sizeof(key));
		more = !bpf_map_get_next_key(fd, key, next);
		if (t->ended(l, t, key) && !bpf_map_delete_elem(fd, key))
			n++;
	}
	return n;
}

size_t loader_forget_ended(struct loader *l)
{
	const struct table tables[] = {
		{ l->skel->maps.places, by_session },
		{ l->skel->maps.created, by_session },
		{ l->skel->maps.identities, by_session },
		{ l->skel->maps.linked, by_session },
		{ l->skel->maps.reports, by_session },
		{ l->skel->maps.listeners, value_ended },
		{ l->skel->maps.held, value_ended },
		{ l->skel->maps.started_last, value_ended },
		{ l->skel->maps.scope_of_dir, by_session },
		{ l->skel->maps.families, by_session },
		{ l->skel->maps.links, by_session },
		{ l->skel->maps.tool_scopes, by_session },
		{ l->skel->maps.written, by_session },
		{ l->skel->maps.tool_written, by_session },
		{ l->skel->maps.earlier_scopes, by_session },
		{ l->skel->maps.taken_processes, value_ended },
		{ l->skel->maps.scopes, scope_ended },
		{ l->skel->maps.counters, by_scope },
		{ l->skel->maps.destinations, by_scope },
		{ l->skel->maps.writer_scopes, by_scope },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		n += forget_in(l, &tables[i]);
	return n;
}
