// SPDX-License-Identifier: GPL-2.0-only
/* kernel_session.c - fill the record, enter the command, read the counters. */
#include "session/kernel_session.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kernel/sessions.h"
#include "session/places_enter.h"
#include "session/protected_files.h"

int kernel_session_new(struct ws_session *ret, const struct ruleset *rules, enum ws_backend backend,
		       const struct cgroup *c, struct error *e)
{
	/* a file system's times lag behind by a tick */
	struct ws_session s = { .cgroup = c->id,
				.begun = clock_ns(CLOCK_REALTIME) - 20 * 1000 * 1000 };

	if (getrandom(&s.id, sizeof(s.id), 0) < 0)
		return error_set(e, -errno, "getrandom: %s", strerror(errno));
	s.id = (s.id & INT64_MAX) | 1; /* positive for any JSON reader, and never 0 */
	for (unsigned i = 0; i < rules->count && i < WS_RULES_MAX; i++)
		if (!rules->rules[i].backend || rules->rules[i].backend == backend)
			s.enabled.w[i / 64] |= 1ULL << (i % 64);
	*ret = s;
	return 0;
}

static int identify(void *arg, int fd, struct ws_id *ret)
{
	return loader_identify(arg, fd, ret);
}

int kernel_session_places(struct ws_session *s, struct loader *l, const struct tables *t,
			  const struct places *p, const struct protected_files_limit *limit,
			  struct kernel_session_entered *ret, struct error *e)
{
	struct protected_files_result protected = { 0 };
	struct kernel_session_entered entered = { 0 };
	int err;

	err = places_enter(s, p, identify, l, &entered.left_out, e);
	err = err ?: protected_files_enter(l, s->id, t, p, limit, &protected, e);
	if (err < 0)
		return err;
	entered.files = protected.files;
	entered.files_cut = protected.looked.cut;
	*ret = entered;
	return 0;
}

int kernel_session_enter(struct loader *l, const struct ws_session *s, const struct cgroup *c,
			 pid_t pid, int pidfd, struct error *e)
{
	int err = cgroup_enter(c, pid);

	if (err < 0)
		return error_set(e, err, "the command cannot be moved to %s: %s", c->path,
				 strerror(-err));
	err = loader_enter(l, pidfd, s->id);
	if (err < 0)
		return error_set(e, err, "the command cannot be entered in the session: %s",
				 strerror(-err));
	return 0;
}

void kernel_losses_read(struct kernel_losses *ret, struct loader *l)
{
	int errors;

	*ret = (struct kernel_losses){ 0 };
	loader_lost(l, ret->lost, &ret->missed);
	errors = loader_errors(l, ret->errors, ARRAY_SIZE(ret->errors));
	ret->error_count = errors > 0 ? (size_t)errors : 0;
}

/* How often that error had happened. */
static uint64_t count_before(const struct kernel_losses *before, const struct ws_error *error)
{
	for (size_t i = 0; i < before->error_count && i < ARRAY_SIZE(before->errors); i++)
		if (before->errors[i].place == error->place &&
		    before->errors[i].error == error->error)
			return before->errors[i].count;
	return 0;
}

static void add_losses(struct session_end *ret, const struct kernel_losses *now,
		       const struct kernel_losses *before)
{
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		ret->lost[i] += now->lost[i] - before->lost[i];
	ret->missed = now->missed - before->missed;
	ret->error_count = 0;
	for (size_t i = 0; i < now->error_count && i < ARRAY_SIZE(now->errors); i++) {
		struct ws_error error = now->errors[i];

		error.count -= count_before(before, &error);
		if (error.count)
			ret->errors[ret->error_count++] = error;
	}
	if (now->error_count > ARRAY_SIZE(now->errors)) /* the rest, which were not copied */
		ret->error_count += now->error_count - ARRAY_SIZE(now->errors);
}

void kernel_session_end(struct session_end *ret, struct loader *l, const struct ws_session *s,
			const struct kernel_losses *before)
{
	struct kernel_losses now;
	struct ws_session session;

	kernel_losses_read(&now, l);
	add_losses(ret, &now, before);
	if (loader_session_read(l, s->id, &session) < 0)
		session = *s;
	memcpy(ret->verdicts, session.verdicts, sizeof(ret->verdicts));
	ret->forks = session.processes;
	ret->labels = session.labels;
	ret->unseen_tls = session.unseen_tls;
}
