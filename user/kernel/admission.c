// SPDX-License-Identifier: GPL-2.0-only
/* admission.c - see admission.h. */
#include "kernel/admission.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "kernel/loader_internal.h"

struct admission {
	struct ring_buffer *doorbell;
	int held, let_go; /* the table and the program: owned by the loader */
};

static int ignore(void *arg, void *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return 0;
}

int admission_open(struct admission **ret, struct loader *l)
{
	struct admission *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->held = bpf_map__fd(l->skel->maps.held);
	a->let_go = bpf_program__fd(l->skel->progs.admit);
	a->doorbell = ring_buffer__new(bpf_map__fd(l->skel->maps.admissions), ignore, NULL, NULL);
	if (!a->doorbell) {
		int err = -errno;

		free(a);
		return err;
	}
	*ret = a;
	return 0;
}

void admission_close(struct admission *a)
{
	if (!a)
		return;
	ring_buffer__free(a->doorbell);
	free(a);
}

int admission_poll_fd(const struct admission *a)
{
	return ring_buffer__epoll_fd(a->doorbell);
}

int admission_list(struct admission *a,
		   void (*each)(void *arg, uint32_t pid, const struct ws_held *h), void *arg)
{
	int err = ring_buffer__consume(a->doorbell), n = 0;
	uint32_t pid, next;

	/* each() removes entries, so the next key is looked up before it is called */
	for (bool more = !bpf_map_get_next_key(a->held, NULL, &next); more;) {
		struct ws_held h;

		pid = next;
		more = !bpf_map_get_next_key(a->held, &pid, &next);
		if (bpf_map_lookup_elem(a->held, &pid, &h))
			continue;
		each(arg, pid, &h);
		n++;
	}
	return err < 0 ? err : n;
}

int admission_let_go(struct admission *a, uint32_t pid)
{
	struct ws_admit ctx = { .pid = pid };
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	if (bpf_prog_test_run_opts(a->let_go, &o))
		return -errno;
	return ctx.ok ? 0 : -ESRCH;
}
