// SPDX-License-Identifier: GPL-2.0-only
/* maps.c - see maps.h. */
#include "kernel/maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "kernel/syscall_numbers.h"
#include "wormsign.skel.h"

#define ABI_CALLS \
	512 /* numbers of one ABI in the map of system calls; the 32-bit ABI comes second */

/* Give two objects one array with room for `count` elements, as `map` and `other` describe it. */
static int make_array(struct bpf_map *map, struct bpf_map *other, size_t count)
{
	/* a mapping is filled by one copy */
	LIBBPF_OPTS(bpf_map_create_opts, o, .map_flags = bpf_map__map_flags(map) | BPF_F_MMAPABLE);
	_close_ int fd = bpf_map_create(bpf_map__type(map), bpf_map__name(map),
					bpf_map__key_size(map), bpf_map__value_size(map),
					count ?: 1, &o);
	int err;

	if (fd < 0)
		return -errno;
	err = bpf_map__reuse_fd(map, fd);
	return err ?: bpf_map__reuse_fd(other, fd);
}

int maps_size(struct wormsign_bpf *first, struct wormsign_bpf *second, const struct tables *t)
{
	int err = make_array(first->maps.rows, second->maps.rows, t->row_count);

	return err ?: make_array(first->maps.sets, second->maps.sets, t->set_count);
}

/* Write n elements of `size` bytes, a multiple of 8, to an array of make_array(). */
static int fill_mapped(const struct bpf_map *map, const void *values, size_t n, size_t size)
{
	void *to;

	if (!n)
		return 0;
	to = mmap(NULL, n * size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (to == MAP_FAILED)
		return -errno;
	memcpy(to, values, n * size);
	munmap(to, n * size);
	return 0;
}

/* Write n elements of `size` bytes to an array, many of them with each system call. */
static int fill_array(const struct bpf_map *map, const void *values, size_t n, size_t size)
{
	uint32_t keys[1024];

	for (size_t at = 0; at < n;) {
		uint32_t count = n - at < 1024 ? n - at : 1024;

		for (uint32_t i = 0; i < count; i++)
			keys[i] = at + i;
		if (bpf_map_update_batch(bpf_map__fd(map), keys, (const char *)values + at * size,
					 &count, NULL))
			return -errno;
		at += count;
	}
	return 0;
}

static int fill_calls(const struct bpf_map *map, const struct syscall_row *rows, size_t n,
		      uint32_t base)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t key = base + rows[i].number;

		if (rows[i].number < 0 || rows[i].number >= ABI_CALLS)
			return -ERANGE;
		if (bpf_map_update_elem(bpf_map__fd(map), &key, &rows[i].kind, BPF_ANY))
			return -errno;
	}
	return 0;
}

static int fill_addresses(struct wormsign_bpf *skel, const struct tables *t)
{
	for (size_t i = 0; i < t->lpm4_count; i++)
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.lpm4), &t->lpm4[i].key,
					&t->lpm4[i].mask, BPF_ANY))
			return -errno;
	for (size_t i = 0; i < t->lpm6_count; i++)
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.lpm6), &t->lpm6[i].key,
					&t->lpm6[i].mask, BPF_ANY))
			return -errno;
	for (size_t i = 0; i < t->port_count; i++) {
		uint32_t port = t->ports[i].port;

		if (bpf_map_update_elem(bpf_map__fd(skel->maps.ports), &port, &t->ports[i].mask,
					BPF_ANY))
			return -errno;
	}
	return 0;
}

int maps_fill(struct wormsign_bpf *skel, const struct tables *t, struct error *e)
{
	uint32_t zero = 0;
	int err;

	if (bpf_map_update_elem(bpf_map__fd(skel->maps.policy), &zero, &t->policy, BPF_ANY))
		return error_set(e, -errno, "write the policy: %s", strerror(errno));
	err = fill_array(skel->maps.rules, t->rules, WS_RULES_MAX, sizeof(t->rules[0]));
	if (!err)
		err = fill_mapped(skel->maps.rows, t->rows, t->row_count, sizeof(t->rows[0]));
	if (!err)
		err = fill_mapped(skel->maps.sets, t->sets, t->set_count, sizeof(t->sets[0]));
	if (!err)
		err = fill_addresses(skel, t);
	if (!err)
		err = fill_calls(skel->maps.syscalls, syscalls_native, syscalls_native_count, 0);
	if (!err)
		err = fill_calls(skel->maps.syscalls, syscalls_compat, syscalls_compat_count,
				 ABI_CALLS);
	return err ? error_set(e, err, "write the tables: %s", strerror(-err)) : 0;
}
