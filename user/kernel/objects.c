// SPDX-License-Identifier: GPL-2.0-only
/* objects.c - see objects.h. */
#include "kernel/objects.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "wormsign.skel.h"

/* Make the map that map and other describe, the same one of two objects, and give it to both. */
static int make_map(struct bpf_map *map, struct bpf_map *other, int btf)
{
	LIBBPF_OPTS(bpf_map_create_opts, o, .map_flags = bpf_map__map_flags(map),
		    .map_extra = bpf_map__map_extra(map));
	_close_ int fd = -1;
	int err;

	/* The kernel takes the types of some maps only, and needs them for those in tasks. */
	if (bpf_map__btf_value_type_id(map) && !bpf_map__is_internal(map)) {
		o.btf_fd = btf;
		o.btf_key_type_id = bpf_map__btf_key_type_id(map);
		o.btf_value_type_id = bpf_map__btf_value_type_id(map);
	}
	fd = bpf_map_create(bpf_map__type(map), bpf_map__name(map), bpf_map__key_size(map),
			    bpf_map__value_size(map), bpf_map__max_entries(map), &o);
	if (fd < 0)
		return -errno;
	err = bpf_map__reuse_fd(map, fd);
	return err ?: bpf_map__reuse_fd(other, fd);
}

int objects_make_maps(struct wormsign_bpf *first, struct wormsign_bpf *second)
{
	struct bpf_map *other = NULL, *map;
	const void *types;
	_close_ int btf = -1;
	uint32_t size;
	int err;

	types = btf__raw_data(bpf_object__btf(first->obj), &size);
	btf = types ? bpf_btf_load(types, size, NULL) : -1;
	if (btf < 0)
		return -errno;
	/* both are made of the same file, so their maps come in the same order */
	bpf_object__for_each_map(map, first->obj) {
		other = bpf_object__next_map(second->obj, other);
		if (!other)
			return -ENOENT;
		/* the rules give the size of these two; constants are each object's own */
		if (map == first->maps.rows || map == first->maps.sets ||
		    (bpf_map__map_flags(map) & BPF_F_RDONLY_PROG))
			continue;
		err = make_map(map, other, btf);
		if (err)
			return err;
	}
	return 0;
}

struct loading {
	struct wormsign_bpf *skel;
	int err;
};

static void *load(void *arg)
{
	struct loading *l = arg;

	l->err = bpf_object__load(l->skel->obj);
	return NULL;
}

int objects_load(struct wormsign_bpf *first, struct wormsign_bpf *second)
{
	struct loading a = { .skel = first }, b = { .skel = second };
	pthread_t thread;
	int err = pthread_create(&thread, NULL, load, &b);

	load(&a);
	if (err)
		load(&b);
	else
		pthread_join(thread, NULL);
	return a.err ?: b.err;
}
