// SPDX-License-Identifier: GPL-2.0-only
/* earlier.c - see earlier.h. */
#include "kernel/earlier.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide.h"
#include "kernel/loader_internal.h"

/* ---- the list ---- */

void earlier_free(struct earlier *e)
{
	for (size_t i = 0; i < e->count; i++)
		free(e->at[i].at);
	free(e->at);
	*e = (struct earlier){ 0 };
}

struct earlier_writer *earlier_add(struct earlier *e, const struct earlier_writer *w)
{
	struct earlier_writer *at;

	if (e->count == e->room) {
		size_t room = e->room ? e->room * 2 : 16;

		at = reallocarray(e->at, room, sizeof(*at));
		if (!at)
			return NULL;
		e->at = at;
		e->room = room;
	}
	at = &e->at[e->count++];
	*at = *w;
	at->at = NULL;
	at->count = at->room = 0;
	return at;
}

int earlier_add_file(struct earlier_writer *w, const struct earlier_file *f)
{
	if (w->count == w->room) {
		size_t room = w->room ? w->room * 2 : 16;
		struct earlier_file *at = reallocarray(w->at, room, sizeof(*at));

		if (!at)
			return -ENOMEM;
		w->at = at;
		w->room = room;
	}
	w->at[w->count++] = *f;
	return 0;
}

/* ---- out of the kernel ---- */

struct collecting {
	struct loader *l;
	struct earlier *e;
	struct earlier_writer writer; /* without a name */
	struct {
		uint64_t scope;
		size_t index; /* in e->at, plus 1; 0: it has no record */
	} * known;
	size_t count;
};

static void collecting_done(struct collecting *c)
{
	free(c->known);
}

/* The writer of a scope's files; several scopes can be of one package. *ret stays NULL if the scope
 * has no record any more. */
static int find_writer(struct collecting *c, uint64_t id, struct earlier_writer **ret)
{
	struct earlier_writer w = c->writer;
	struct ws_scope scope;
	size_t i;
	void *more;

	for (i = 0; i < c->count; i++)
		if (c->known[i].scope == id) {
			*ret = c->known[i].index ? &c->e->at[c->known[i].index - 1] : NULL;
			return 0;
		}
	more = reallocarray(c->known, c->count + 1, sizeof(*c->known));
	if (!more)
		return -ENOMEM;
	c->known = more;
	c->known[c->count].scope = id;
	c->known[c->count++].index = 0;
	if (loader_scope_read(c->l, id, &scope) < 0)
		return 0;
	w.named = scope.flags & WS_SCOPE_NAMED;
	memcpy(w.name, scope.name[0] ? scope.name : scope.declared, sizeof(w.name));
	memcpy(w.version, scope.version, sizeof(w.version));
	w.name[sizeof(w.name) - 1] = w.version[sizeof(w.version) - 1] = 0;
	for (i = 0; i < c->e->count; i++)
		if (c->e->at[i].named == w.named && strcmp(c->e->at[i].name, w.name) == 0 &&
		    strcmp(c->e->at[i].version, w.version) == 0)
			break;
	if (i == c->e->count && !earlier_add(c->e, &w))
		return -ENOMEM;
	c->known[c->count - 1].index = i + 1;
	*ret = &c->e->at[i];
	return 0;
}

/* Those that were written in temporary directories, or the others. */
static int collect(struct collecting *c, bool temporary)
{
	int map = bpf_map__fd(c->l->skel->maps.written), err = 0;
	struct ws_place_key key, next;

	for (bool more = !bpf_map_get_next_key(map, NULL, &next); more && err == 0;) {
		struct earlier_writer *w = NULL;
		uint64_t value;

		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
		if (key.session != c->writer.session || bpf_map_lookup_elem(map, &key, &value) ||
		    !(value & WS_WRITTEN_TMP) == temporary)
			continue;
		err = find_writer(c, value & WS_WRITTEN_SCOPE, &w);
		if (err < 0 || !w)
			continue;
		if (w->count < EARLIER_PACKAGE_MOST)
			err = earlier_add_file(
				w, &(struct earlier_file){ .id = key.id,
							   .tree = value & WS_WRITTEN_TREE });
		else
			c->e->left_out++;
	}
	return err;
}

int loader_written(struct loader *l, uint64_t session, uint32_t user, uint64_t until,
		   struct earlier *ret)
{
	CLEANUP(earlier_free) struct earlier e = { 0 };
	CLEANUP(collecting_done)
	struct collecting c = {
		.l = l,
		.e = &e,
		.writer = { .session = session, .until = until, .user = user },
	};
	int err = collect(&c, false);

	err = err ?: collect(&c, true);
	if (err < 0)
		return err;
	*ret = e;
	e = (struct earlier){ 0 };
	return 0;
}

/* ---- into the kernel ---- */

static void clear(const struct bpf_map *map)
{
	char key[sizeof(struct ws_id)];
	int fd = bpf_map__fd(map);

	while (!bpf_map_get_next_key(fd, NULL, key))
		if (bpf_map_delete_elem(fd, key))
			return;
}

/* Its scope in any session, but for what is the session's. Rules on events: the kernel's. */
static int enter_writer(struct loader *l, const struct tables *t, const struct earlier_writer *w,
			uint64_t key)
{
	struct ws_scope scope = {
		.earlier = w->session,
		.actor = WS_ACTOR_PACKAGE,
		.flags = w->named ? WS_SCOPE_NAMED : 0,
	};
	struct ws_set name = { 0 };

	memcpy(scope.name, w->name, sizeof(scope.name));
	memcpy(scope.version, w->version, sizeof(scope.version));
	if (w->named)
		tables_match_name(t, w->name, &name);
	ws_met(&scope.package, &t->policy.any_package, &name.match, &name.except);
	return bpf_map_update_elem(bpf_map__fd(l->skel->maps.earlier_writers), &key, &scope,
				   BPF_ANY)
		       ? -errno
		       : 0;
}

/* A number that stays the same when the list is entered again, for sessions that run meanwhile. */
static uint64_t key_of(const struct earlier_writer *w)
{
	uint64_t hash = w->session * 0x9e3779b97f4a7c15ULL + w->named;

	for (const char *c = w->name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
	hash = (hash ^ 0x100) * 0x100000001b3ULL;
	for (const char *c = w->version; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
	return hash;
}

static int enter(struct loader *l, const struct tables *t, const struct earlier_writer *w)
{
	struct ws_earlier value = { .writer = key_of(w), .until = w->until };
	int err = enter_writer(l, t, w, value.writer);

	for (size_t i = 0; err == 0 && i < w->count; i++) {
		const struct earlier_file *f = &w->at[i];

		if (f->tree)
			__atomic_fetch_or(&l->globals->ws_moved_dirs, 1ULL << (f->id.ino & 63),
					  __ATOMIC_SEQ_CST);
		if (bpf_map_update_elem(bpf_map__fd(l->skel->maps.written_before), &f->id, &value,
					BPF_ANY))
			err = -errno;
	}
	return err;
}

int loader_enter_earlier(struct loader *l, const struct tables *t, const struct earlier *e,
			 uint64_t version)
{
	bool cleared = false;
	int err = 0;

	for (size_t i = 0; i < e->count; i++) {
		err = enter(l, t, &e->at[i]);
		/* what an older version of the list had is in there, too */
		if (err == -E2BIG && !cleared) {
			clear(l->skel->maps.written_before);
			clear(l->skel->maps.earlier_writers);
			cleared = true;
			i = SIZE_MAX; /* from the beginning */
		} else if (err < 0) {
			return err;
		}
	}
	if (e->count)
		l->globals->ws_earlier_files = l->globals->ws_written_files = 1;
	__atomic_store_n(&l->globals->ws_earlier_list, version, __ATOMIC_SEQ_CST);
	return 0;
}

uint64_t loader_earlier_version(const struct loader *l)
{
	return __atomic_load_n(&l->globals->ws_earlier_list, __ATOMIC_SEQ_CST);
}
