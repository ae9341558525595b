// SPDX-License-Identifier: GPL-2.0-only
/* job_starts.c - fill the table, attach the program, empty the table of stopped processes. */
#include "kernel/job_starts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/loader_internal.h"

struct job_starts {
	struct bpf_link *link, *hold;
	struct ring_buffer *doorbell;
	int execs; /* the table: owned by the loader */
};

static int ignore(void *arg, void *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return 0;
}

static int begin(struct job_starts *s, struct loader *l, const struct job_program *programs,
		 size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bpf_map_update_elem(bpf_map__fd(l->skel->maps.job_programs), &programs[i].name,
					&programs[i].program, BPF_NOEXIST))
			return -errno;
	s->execs = bpf_map__fd(l->skel->maps.job_execs);
	s->doorbell = ring_buffer__new(bpf_map__fd(l->skel->maps.job_doorbell), ignore, NULL, NULL);
	if (!s->doorbell)
		return -errno;
	s->hold = bpf_program__attach(l->skel->progs.hold_job_again);
	if (!s->hold)
		return -errno;
	s->link = bpf_program__attach(l->skel->progs.on_job_exec);
	return s->link ? 0 : -errno;
}

int job_starts_open(struct job_starts **ret, struct loader *l, const struct job_program *programs,
		    size_t count, struct error *e)
{
	struct job_starts *s = calloc(1, sizeof(*s));
	int err = s ? begin(s, l, programs, count) : -ENOMEM;

	if (err < 0) {
		job_starts_free(s);
		return error_set(e, err, "starts of jobs cannot be recognised: %s", strerror(-err));
	}
	*ret = s;
	return 0;
}

void job_starts_detach(struct job_starts *s)
{
	bpf_link__destroy(s->link);
	s->link = NULL;
}

void job_starts_free(struct job_starts *s)
{
	if (!s)
		return;
	job_starts_detach(s);
	bpf_link__destroy(s->hold);
	ring_buffer__free(s->doorbell);
	free(s);
}

int job_starts_fd(const struct job_starts *s)
{
	return ring_buffer__epoll_fd(s->doorbell);
}

void job_starts_take(struct job_starts *s,
		     void (*each)(void *arg, uint32_t pid, const struct ws_job_exec *exec),
		     void *arg)
{
	uint32_t pid, next;

	ring_buffer__consume(s->doorbell);
	for (bool more = !bpf_map_get_next_key(s->execs, NULL, &next); more;) {
		struct ws_job_exec exec;

		pid = next;
		more = !bpf_map_get_next_key(s->execs, &pid, &next);
		if (bpf_map_lookup_elem(s->execs, &pid, &exec) || exec.taken)
			continue;
		exec.taken = 1;
		if (bpf_map_update_elem(s->execs, &pid, &exec, BPF_EXIST))
			continue;
		each(arg, pid, &exec);
	}
}

void job_starts_let_go(struct loader *l, uint32_t pid)
{
	bpf_map_delete_elem(bpf_map__fd(l->skel->maps.job_execs), &pid);
}
