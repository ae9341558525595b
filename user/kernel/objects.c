// SPDX-License-Identifier: GPL-2.0-only
/* objects.c - see objects.h. */
#include "kernel/objects.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>

#include "wormsign.skel.h"

int objects_share_maps(struct wormsign_bpf *to, const struct wormsign_bpf *from)
{
	struct bpf_map *of = NULL, *map;
	int err;

	/* both are made of the same file, so their maps come in the same order */
	bpf_object__for_each_map(map, to->obj) {
		of = bpf_object__next_map(from->obj, of);
		if (!of)
			return -ENOENT;
		err = bpf_map__fd(of) < 0 ? 0 : bpf_map__reuse_fd(map, bpf_map__fd(of));
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
