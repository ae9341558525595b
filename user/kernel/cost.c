// SPDX-License-Identifier: GPL-2.0-only
/* cost.c - bpf_prog_info, and /proc/self/fdinfo of each map. */
#include "kernel/cost.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "kernel/loader_internal.h"

static void programs_of(struct bpf_object *o, cost_fn each, void *arg)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, o) {
		int fd = bpf_program__fd(p);
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &len) == 0)
			each(arg, bpf_program__name(p), info.run_cnt, info.run_time_ns);
	}
}

void cost_of_programs(struct loader *l, cost_fn each, void *arg)
{
	programs_of(l->skel->obj, each, arg);
	if (l->second)
		programs_of(l->second->obj, each, arg);
}

static uint64_t bytes_of(int fd)
{
	char path[40], line[128];
	_fclose_ FILE *f = NULL;
	uint64_t n = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %" SCNu64, &n) == 1)
			break;
	return n;
}

uint64_t cost_of_maps(struct loader *l)
{
	struct bpf_map *map;
	uint64_t sum = 0;

	/* the second object has the maps of the first */
	bpf_object__for_each_map(map, l->skel->obj)
		if (bpf_map__fd(map) >= 0)
			sum += bytes_of(bpf_map__fd(map));
	return sum;
}
