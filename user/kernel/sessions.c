// SPDX-License-Identifier: GPL-2.0-only
/* sessions.c - see sessions.h. */
#include "kernel/sessions.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "kernel/loader_internal.h"
#include "kernel/sock_destroy.h"

static int enter_places(struct loader *l, const struct ws_session *s)
{
	for (uint32_t i = 0; i < s->place_count && i < WS_PLACES_MAX; i++) {
		struct ws_place_key key = { .session = s->id, .id = s->places[i].id };

		if (bpf_map_update_elem(bpf_map__fd(l->skel->maps.places), &key,
					&s->places[i].places, BPF_NOEXIST))
			return -errno;
	}
	return 0;
}

/* Remove the session's entries from a table whose keys begin with the session's id. */
static void leave(const struct bpf_map *map, uint64_t session)
{
	union {
		uint64_t session;
		char whole[512]; /* the longest that a key can be */
	} key, next;
	int fd = bpf_map__fd(map);

	for (bool more = !bpf_map_get_next_key(fd, NULL, &next); more;) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (key.session == session)
			bpf_map_delete_elem(fd, &key);
	}
}

int loader_made_before(struct loader *l, uint64_t session, const char *name,
		       const struct ws_made *made)
{
	struct ws_name_key key = { .session = session };

	if (strlen(name) >= sizeof(key.name))
		return -ENAMETOOLONG;
	strcpy(key.name, name);
	return bpf_map_update_elem(bpf_map__fd(l->skel->maps.made_before), &key, made, BPF_ANY)
		       ? -errno
		       : 0;
}

static int attach_to_cgroup(struct loader *l, struct session_links *s, int cgroup_fd,
			    struct error *e)
{
	for (size_t i = 0; i < hook_count; i++) {
		struct bpf_program *p = loader_program(l, &hooks[i]);
		struct bpf_link *link;

		if (hooks[i].attach != HOOK_CGROUP || !bpf_program__autoload(p))
			continue;
		link = bpf_program__attach_cgroup(p, cgroup_fd);
		if (!link)
			return error_set(e, -errno, "attach %s to the session's cgroup: %s",
					 hooks[i].section, strerror(errno));
		s->links[s->count++] = link;
	}
	return 0;
}

int loader_session_begin(struct loader *l, const struct ws_session *s, int cgroup_fd,
			 struct error *e)
{
	struct session_links *new = calloc(1, sizeof(*new));
	int err = 0;

	if (!new)
		return error_set(e, -ENOMEM, "out of memory");
	new->id = s->id;
	new->next = l->sessions;
	l->sessions = new;
	new->links = calloc(hook_count, sizeof(*new->links));
	if (!new->links)
		err = -ENOMEM;
	else if (bpf_map_update_elem(bpf_map__fd(l->skel->maps.sessions), &s->id, s, BPF_NOEXIST))
		err = -errno;
	else
		err = enter_places(l, s);
	if (err)
		error_set(e, err, "enter the session: %s", strerror(-err));
	else if (cgroup_fd >= 0)
		err = attach_to_cgroup(l, new, cgroup_fd, e);
	if (err)
		loader_session_end(l, s->id);
	return err;
}

int loader_session_update(struct loader *l, const struct ws_session *s)
{
	if (bpf_map_update_elem(bpf_map__fd(l->skel->maps.sessions), &s->id, s, BPF_EXIST))
		return -errno;
	return enter_places(l, s);
}

int loader_destroy_sockets(struct loader *l)
{
	int map = bpf_map__fd(l->skel->maps.dropped), left = 0;
	uint64_t cookie, next;

	for (bool more = !bpf_map_get_next_key(map, NULL, &next); more;) {
		struct ws_dropped d;

		cookie = next;
		more = !bpf_map_get_next_key(map, &cookie, &next);
		if (bpf_map_lookup_elem(map, &cookie, &d))
			continue;
		if (sock_destroy(cookie, &d))
			left++;
		else
			bpf_map_delete_elem(map, &cookie);
	}
	return left;
}

int loader_session_end(struct loader *l, uint64_t id)
{
	loader_destroy_sockets(l); /* before the hooks that drop their packets are detached */
	for (struct session_links **at = &l->sessions; *at; at = &(*at)->next) {
		struct session_links *s = *at;

		if (s->id != id)
			continue;
		*at = s->next;
		for (size_t i = 0; i < s->count; i++)
			bpf_link__destroy(s->links[i]);
		free(s->links);
		free(s);
		/* the small ones; a walk over the others takes a millisecond: see forget.h */
		leave(l->skel->maps.made_before, id);
		leave(l->skel->maps.homes, id);
		return bpf_map_delete_elem(bpf_map__fd(l->skel->maps.sessions), &id) ? -errno : 0;
	}
	return -ENOENT;
}

int loader_session_read(struct loader *l, uint64_t id, struct ws_session *ret)
{
	return bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.sessions), &id, ret) ? -errno : 0;
}

int loader_session_reports(struct loader *l, uint64_t id, struct ws_reported **ret,
			   size_t *ret_count)
{
	int map = bpf_map__fd(l->skel->maps.reports);
	_free_ struct ws_reported *list = NULL;
	size_t count = 0, room = 0;
	struct ws_report_key next;

	for (bool more = !bpf_map_get_next_key(map, NULL, &next); more;) {
		struct ws_reported one = { .key = next };

		more = !bpf_map_get_next_key(map, &one.key, &next);
		if (one.key.session != id || one.key.class == WS_REPORT_TOTAL ||
		    (one.key.rule & WS_REPORT_OBJECT))
			continue;
		if (bpf_map_lookup_elem(map, &one.key, &one.report))
			return -errno;
		if (count == room) {
			struct ws_reported *more_room;

			room = room ? room * 2 : 64;
			more_room = realloc(list, room * sizeof(*list));
			if (!more_room)
				return -ENOMEM;
			list = more_room;
		}
		list[count++] = one;
	}
	*ret = list;
	list = NULL;
	*ret_count = count;
	return 0;
}

static int change(struct loader *l, struct ws_session_change *ctx)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = ctx, .ctx_size_in = sizeof(*ctx));

	if (bpf_prog_test_run_opts(bpf_program__fd(l->skel->progs.change_session), &o))
		return -errno;
	return ctx->ok ? 0 : -ENOENT;
}

int loader_session_condemn(struct loader *l, uint64_t id)
{
	struct ws_session_change ctx = { .session = id, .what = WS_CHANGE_CONDEMN };

	return change(l, &ctx);
}

int loader_session_notice(struct loader *l, uint64_t id, const struct ws_id *directory)
{
	struct ws_session_change ctx = { .session = id,
					 .what = WS_CHANGE_NOTICE,
					 .id = *directory };

	return change(l, &ctx);
}

int loader_session_place(struct loader *l, uint64_t id, const struct ws_id *directory,
			 enum ws_place place)
{
	struct ws_session_change ctx = {
		.session = id,
		.what = WS_CHANGE_PLACE,
		.places = WS_PLACE_BIT(place) | (place == WS_PLACE_HOME ? WS_PLACES_TILDE : 0),
		.id = *directory,
	};

	return change(l, &ctx);
}

int loader_enter(struct loader *l, int pidfd, uint64_t session)
{
	struct ws_task_fields t = { .session = session, .actor = WS_ACTOR_JOB, .exe = l->any_exe };
	size_t size = bpf_map__value_size(l->skel->maps.tasks);
	_free_ char *value = calloc(1, size);
	struct timespec now;

	if (!value || size < sizeof(t))
		return -ENOMEM;
	clock_gettime(CLOCK_MONOTONIC, &now);
	t.started = now.tv_sec * 1000000000ull + now.tv_nsec;
	memcpy(value, &t, sizeof(t));
	return bpf_map_update_elem(bpf_map__fd(l->skel->maps.tasks), &pidfd, value, BPF_ANY)
		       ? -errno
		       : 0;
}

uint64_t loader_session_of(struct loader *l, int pidfd)
{
	int map = bpf_map__fd(l->skel->maps.tasks);
	_free_ char *value = calloc(1, bpf_map__value_size(l->skel->maps.tasks));
	struct ws_task_fields t;

	if (!value)
		return UINT64_MAX;
	if (bpf_map_lookup_elem(map, &pidfd, value))
		return 0;
	memcpy(&t, value, sizeof(t));
	return t.session;
}
