// SPDX-License-Identifier: GPL-2.0-only
/* admission.c - see admission.h. */
#include "kernel/admission.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/loader_internal.h"
#include "kernel/sessions.h"

struct admission {
	struct ring_buffer *doorbell;
	struct loader *loader;
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
	a->loader = l;
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

void admission_leave_poll(struct admission *a)
{
	ring_buffer__free(a->doorbell);
	a->doorbell = NULL;
}

int admission_poll_fd(const struct admission *a)
{
	return ring_buffer__epoll_fd(a->doorbell);
}

int admission_list(struct admission *a,
		   void (*each)(void *arg, uint32_t pid, const struct ws_held *h), void *arg)
{
	int err = a->doorbell ? ring_buffer__consume(a->doorbell) : 0, n = 0;
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

bool admission_judges_ahead(const struct loader *l)
{
	return bpf_program__fd(l->skel->progs.judge_ahead) >= 0;
}

void admission_judge_ahead(const struct admission *a, struct ws_ahead *ask)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = ask, .ctx_size_in = sizeof(*ask));

	ask->answer = 0;
	ask->condemned = 0;
	if (bpf_prog_test_run_opts(bpf_program__fd(a->loader->skel->progs.judge_ahead), &o))
		ask->answer = 0;
}

int admission_task_of(const struct admission *a, int pidfd, struct ws_task_fields *ret)
{
	const struct bpf_map *tasks = a->loader->skel->maps.tasks;
	_free_ char *value = calloc(1, bpf_map__value_size(tasks));

	if (!value)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(tasks), &pidfd, value))
		return errno == ENOENT ? 0 : -errno;
	memcpy(ret, value, sizeof(*ret));
	return ret->actor == WS_ACTOR_PACKAGE;
}

int admission_package_of(const struct admission *a, int pidfd, struct admission_package *ret)
{
	struct ws_session session;
	struct ws_scope scope;
	int err = admission_task_of(a, pidfd, &ret->task);

	if (err <= 0)
		return err;
	err = loader_scope_read(a->loader, ret->task.scope, &scope);
	err = err ?: loader_session_read(a->loader, ret->task.session, &session);
	if (err < 0)
		return err;
	for (unsigned i = 0; i < WS_MASK_WORDS; i++)
		ret->rules.w[i] = session.enabled.w[i] & scope.package.w[i] & ret->task.exe.w[i];
	ret->labels = scope.labels;
	ret->session_labels = session.labels;
	ret->mode = session.mode;
	return 1;
}
