// SPDX-License-Identifier: GPL-2.0-only
/* loader.c - see loader.h. */
#include "kernel/loader.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "decide.h"
#include "kernel/features.h"
#include "kernel/loader_internal.h"
#include "kernel/maps.h"
#include "kernel/objects.h"
#include "kernel/sessions.h"

static bool debug; /* libbpf has one printing function for all instances */

static int on_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return debug ? vfprintf(stderr, format, args) : 0;
}

/* ---- which hooks ---- */

/* Whether row h is of use on this backend and kernel; if not, s->why says why. */
static bool wanted(const struct loader *l, const struct hook *h, const struct features *f,
		   struct hook_state *s)
{
	s->name = h->name;
	s->ops = h->ops;
	s->program = h->section;
	if ((h->backend == HOOK_DENY && l->backend != WS_BACKEND_DENY) ||
	    (h->backend == HOOK_WATCH && l->backend != WS_BACKEND_WATCH)) {
		snprintf(s->why, sizeof(s->why), "belongs to the other backend");
		return false;
	}
	if (h->jobs && !l->begun.options.jobs) {
		snprintf(s->why, sizeof(s->why), "only the agent recognises jobs");
		return false;
	}
	if (h->by_rule && !(h->ops & l->ops)) {
		snprintf(s->why, sizeof(s->why), "no rule is about it");
		return false;
	}
	if (h->needs && !features_has(h->needs)) {
		snprintf(s->why, sizeof(s->why), "this kernel has no %.100s", h->needs);
		return false;
	}
	if (h->needs_task_storage_in_cgroup && !f->task_storage_in_cgroup) {
		snprintf(s->why, sizeof(s->why),
			 "cgroup programs may not use task storage on this kernel");
		return false;
	}
	return true;
}

/* The operations that some rule is about. */
static uint32_t ops_of_rules(const struct ws_policy *p)
{
	uint32_t ops = 0;

	for (unsigned op = 0; op < WS_OP_MAX; op++)
		for (unsigned actor = 0; actor < WS_ACTOR_MAX; actor++)
			if (!ws_mask_empty(&p->by_op[op][actor]))
				ops |= 1u << op;
	return ops;
}

/*
 * Where the kernel calls BPF programs as an LSM, load the program for security_NAME as such.
 * fmod_ret and fentry programs have a guard against recursion: when a task is preempted in such a
 * program, the kernel skips the program for other tasks on that CPU. Since 6.2, LSM programs have
 * no such guard.
 */
static int prefer_lsm(struct bpf_program *p, const struct hook *h, struct hook_state *s)
{
	static const char prefix[] = "security_";
	static const char *const other_names[][2] = { { "bprm_check", "bprm_check_security" },
						      { "create_user_ns", "userns_create" } };
	char function[96];
	const char *name;
	int err;

	if (!h->needs || strncmp(h->needs, prefix, sizeof(prefix) - 1) != 0 ||
	    h->backend != HOOK_DENY)
		return 0;
	name = h->needs + sizeof(prefix) - 1;
	for (size_t i = 0; i < ARRAY_SIZE(other_names); i++)
		if (!strcmp(name, other_names[i][0]))
			name = other_names[i][1];
	snprintf(function, sizeof(function), "bpf_lsm_%s", name);
	if (!features_has(function))
		return 0;
	err = bpf_program__set_type(p, BPF_PROG_TYPE_LSM);
	err = err ?: bpf_program__set_expected_attach_type(p, BPF_LSM_MAC);
	err = err ?: bpf_program__set_attach_target(p, 0, name);
	snprintf(s->lsm, sizeof(s->lsm), "lsm/%.80s", name);
	s->program = s->lsm;
	return err;
}

static void load_no_program(struct wormsign_bpf *skel)
{
	struct bpf_program *each;

	bpf_object__for_each_program(each, skel->obj)
		bpf_program__set_autoload(each, false);
}

static int choose_hooks(struct loader *l, const struct features *f, struct error *e)
{
	load_no_program(l->skel);
	load_no_program(l->second);
	for (size_t i = 0; i < hook_count; i++) {
		struct bpf_program *p = loader_program(l, &hooks[i]);
		bool on = wanted(l, &hooks[i], f, &l->states[i]);

		if (!p)
			return error_set(e, -ENOENT, "this build has no program %s",
					 hooks[i].function);
		if (on) {
			bpf_program__set_autoload(p, true);
			if (f->lsm && prefer_lsm(p, &hooks[i], &l->states[i]))
				return error_set(e, -EOPNOTSUPP,
						 "hook %s: libbpf cannot make it an LSM program",
						 hooks[i].name);
			l->states[i].backend = l->backend;
		} else if (!hooks[i].optional &&
			   (hooks[i].backend == HOOK_BOTH ||
			    (hooks[i].backend == HOOK_DENY) == (l->backend == WS_BACKEND_DENY)))
			return error_set(e, -EOPNOTSUPP, "hook %s: %s", hooks[i].name,
					 l->states[i].why);
	}
	return 0;
}

/* Give programs the one that they let judge (bpf/lib/due.bpf.h). */
static int enter_judge(struct loader *l, struct error *e)
{
	int judge = bpf_program__fd(l->skel->progs.watch_judge);
	uint32_t at = 0;

	if (l->backend == WS_BACKEND_WATCH &&
	    bpf_map_update_elem(bpf_map__fd(l->skel->maps.judges), &at, &judge, BPF_ANY))
		return error_set(e, -errno, "enter the program that judges: %s", strerror(errno));
	return 0;
}

static struct bpf_link *attach(struct bpf_program *p, const struct hook *h)
{
	if (h->attach == HOOK_RAW)
		return bpf_program__attach_raw_tracepoint(p, strchr(h->section, '/') + 1);
	/* Its section names another type, and libbpf 1.2 goes by the section. */
	if (bpf_program__type(p) == BPF_PROG_TYPE_LSM)
		return bpf_program__attach_lsm(p);
	return bpf_program__attach(p);
}

static int attach_hooks(struct loader *l, struct error *e)
{
	for (size_t i = 0; i < hook_count; i++) {
		struct bpf_program *p = loader_program(l, &hooks[i]);

		if (!l->states[i].backend ||
		    (hooks[i].attach != HOOK_AUTO && hooks[i].attach != HOOK_RAW))
			continue;
		l->links[i] = attach(p, &hooks[i]);
		if (l->links[i])
			continue;
		if (!hooks[i].optional)
			return error_set(e, -errno, "attach %s: %s", hooks[i].section,
					 strerror(errno));
		l->states[i].backend = WS_BACKEND_NONE;
		snprintf(l->states[i].why, sizeof(l->states[i].why), "attach: %s", strerror(errno));
	}
	return 0;
}

void loader_rest(struct loader *l)
{
	for (size_t i = 0; i < hook_count; i++) {
		if (!hooks[i].everywhere)
			continue;
		bpf_link__destroy(l->links[i]);
		l->links[i] = NULL;
	}
}

int loader_wake(struct loader *l, struct error *e)
{
	for (size_t i = 0; i < hook_count; i++) {
		if (!hooks[i].everywhere || !l->states[i].backend || l->links[i])
			continue;
		l->links[i] = attach(loader_program(l, &hooks[i]), &hooks[i]);
		if (!l->links[i])
			return error_set(e, -errno, "attach %s: %s", hooks[i].section,
					 strerror(errno));
	}
	return 0;
}

static int load_error(int err, struct error *e)
{
	if (features_locked_down())
		return error_set(e, err,
				 "the kernel is locked down (confidentiality), no BPF program may "
				 "read its memory: boot with "
				 "lockdown=integrity");
	if (err == -EPERM)
		return error_set(e, err,
				 "the kernel refused the programs (EPERM): a container without "
				 "CAP_BPF and CAP_PERFMON?");
	return error_set(e, err,
			 "the kernel refused the programs: %s; WORMSIGN_DEBUG=1 shows its reasons",
			 strerror(-err));
}

/* ---- life ---- */

static int choose_backend(struct loader *l, const struct loader_options *o, struct error *e)
{
	const struct features *f = &l->features;

	l->backend = o->backend ? o->backend : f->fmod_ret ? WS_BACKEND_DENY : WS_BACKEND_WATCH;
	if (l->backend == WS_BACKEND_DENY && !f->fmod_ret)
		return error_set(e, -EOPNOTSUPP, "the deny backend is unavailable here: %s",
				 f->fmod_ret_why);
	return 0;
}

/* In linux/bpf.h since 6.7, and in libbpf since 1.3; what we are built with may be older. */
enum { CGROUP_UNIX_CONNECT = 49, CGROUP_UNIX_SENDMSG = 50 };

static void prepare_unix(struct wormsign_bpf *skel)
{
	bpf_program__set_type(skel->progs.watch_connect_unix, BPF_PROG_TYPE_CGROUP_SOCK_ADDR);
	bpf_program__set_type(skel->progs.watch_sendmsg_unix, BPF_PROG_TYPE_CGROUP_SOCK_ADDR);
	bpf_program__set_expected_attach_type(skel->progs.watch_connect_unix,
					      (enum bpf_attach_type)CGROUP_UNIX_CONNECT);
	bpf_program__set_expected_attach_type(skel->progs.watch_sendmsg_unix,
					      (enum bpf_attach_type)CGROUP_UNIX_SENDMSG);
}

/* Choose what is loaded of both objects. */
static int prepare(struct loader *l, const struct tables *t, struct error *e)
{
	int err;

	l->any_exe = t->policy.any_exe;
	l->ops = ops_of_rules(&t->policy);
	err = choose_hooks(l, &l->features, e);
	if (err)
		return err;
	prepare_unix(l->skel);
	prepare_unix(l->second);
	l->tls.multi = l->features.uprobe_multi;
	uprobes_prepare(&l->tls, l->skel->progs.tls_write);
	uprobes_prepare(&l->tls, l->skel->progs.tls_end);
	err = maps_size(l->skel, l->second, t);
	return err ? error_set(e, err, "make the tables: %s", strerror(-err)) : 0;
}

/* Open both objects, and make the maps whose sizes do not depend on the rules. */
static int make_maps(struct loader *l, struct error *e)
{
	int err;

	l->skel = wormsign_bpf__open();
	l->second = wormsign_bpf__open();
	if (!l->skel || !l->second)
		return error_set(e, -errno, "open the BPF object: %s", strerror(errno));
	l->skel->rodata->ws_backend = l->second->rodata->ws_backend = l->backend;
	err = objects_make_maps(l->skel, l->second);
	return err ? load_error(err, e) : 0;
}

static void *begin(void *arg)
{
	struct loader *l = arg;
	struct beginning *b = &l->begun;

	b->err = features_probe(&l->features, &b->why);
	b->err = b->err ?: choose_backend(l, &b->options, &b->why);
	b->err = b->err ?: make_maps(l, &b->why);
	return NULL;
}

int loader_begin(struct loader **ret, const struct loader_options *o, struct error *e)
{
	CLEANUP(loader_freep) struct loader *l = calloc(1, sizeof(*l));

	if (!l)
		return error_set(e, -ENOMEM, "out of memory");
	l->identify = -1;
	l->links = calloc(hook_count, sizeof(*l->links));
	l->states = calloc(hook_count, sizeof(*l->states));
	if (!l->links || !l->states)
		return error_set(e, -ENOMEM, "out of memory");
	debug = o->debug || getenv("WORMSIGN_DEBUG");
	libbpf_set_print(on_libbpf);
	l->begun.options = *o;
	l->begun.running = !pthread_create(&l->begun.thread, NULL, begin, l);
	if (!l->begun.running)
		begin(l);
	*ret = TAKE_PTR(l);
	return 0;
}

static void wait_begun(struct loader *l)
{
	if (l->begun.running)
		pthread_join(l->begun.thread, NULL);
	l->begun.running = false;
}

/* A skeleton maps its own globals, which are not those that the programs use: both objects have the
 * maps of a third (objects.h). */
static int map_globals(struct loader *l, struct error *e)
{
	void *to = mmap(NULL, sizeof(*l->globals), PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_map__fd(l->skel->maps.bss), 0);

	if (to == MAP_FAILED)
		return error_set(e, -errno, "map the programs' globals: %s", strerror(errno));
	l->globals = to;
	return 0;
}

int loader_load(struct loader *l, const struct tables *t, struct error *e)
{
	int err;

	wait_begun(l);
	if (l->begun.err)
		return error_set(e, l->begun.err, "%s", l->begun.why.text);
	err = prepare(l, t, e);
	if (err)
		return err;
	err = objects_load(l->skel, l->second);
	if (err)
		return load_error(err, e);
	if ((err = maps_fill(l->skel, t, e)) || (err = map_globals(l, e)) ||
	    (err = enter_judge(l, e)) || (err = attach_hooks(l, e)))
		return err;
	l->identify = bpf_program__fd(l->skel->progs.identify);
	l->tasks = bpf_program__attach_iter(l->skel->progs.list_tasks, NULL);
	return l->tasks ? 0 : error_set(e, -errno, "attach the task iterator: %s", strerror(errno));
}

void loader_free(struct loader *l)
{
	if (!l)
		return;
	wait_begun(l);
	while (l->sessions)
		loader_session_end(l, l->sessions->id);
	loader_unwatch_tls(l);
	bpf_link__destroy(l->tasks);
	for (size_t i = 0; l->links && i < hook_count; i++)
		bpf_link__destroy(l->links[i]);
	uprobes_wait_detached(&l->tls);
	if (l->globals)
		munmap(l->globals, sizeof(*l->globals));
	wormsign_bpf__destroy(l->second);
	wormsign_bpf__destroy(l->skel);
	free(l->links);
	free(l->states);
	free(l);
}

enum ws_backend loader_backend(const struct loader *l)
{
	return l->backend;
}

/* ---- TLS and scopes ---- */

int loader_watch_tls(struct loader *l, const char *file)
{
	/* the first three parameters of each are (connection, buffer, length); none calls another
	 * one of them, and gnutls_record_send() is gnutls_record_send2() */
	static const char *const functions[] = { "SSL_write",
						 "SSL_write_ex",
						 "SSL_write_ex2",
						 "SSL_write_early_data",
						 "gnutls_record_send2",
						 "gnutls_record_send_range",
						 "gnutls_record_send_early_data" },
				 *const ends[] = { "SSL_free", "SSL_clear", "gnutls_deinit" };

	uprobes_attach(&l->tls, l->skel->progs.tls_end, file, ends, ARRAY_SIZE(ends));
	return uprobes_attach(&l->tls, l->skel->progs.tls_write, file, functions,
			      ARRAY_SIZE(functions));
}

void loader_unwatch_tls(struct loader *l)
{
	uprobes_detach(&l->tls);
}

int loader_scope_read(struct loader *l, uint64_t scope, struct ws_scope *ret)
{
	return bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.scopes), &scope, ret) ? -errno : 0;
}

/* ---- identity ---- */

static int run_identify(struct loader *l, struct ws_identify *ctx)
{
	/* the kernel writes the answer back into ctx_in: the context of a syscall program */
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = ctx, .ctx_size_in = sizeof(*ctx));

	return bpf_prog_test_run_opts(l->identify, &o) ? -errno : 0;
}

int loader_own_pid(struct loader *l, uint32_t *ret)
{
	struct ws_identify ctx = { .fd = UINT32_MAX };
	int err = run_identify(l, &ctx);

	if (!err)
		*ret = ctx.pid;
	return err;
}

int loader_identify(struct loader *l, int fd, struct ws_id *ret)
{
	struct ws_identify ctx = { .fd = fd };
	int err = run_identify(l, &ctx);

	if (err)
		return err;
	if (!ctx.ok)
		return -EBADF;
	*ret = ctx.id;
	return 0;
}

int loader_know(struct loader *l, uint64_t session, const struct ws_id *id,
		const struct ws_known *known)
{
	int map = bpf_map__fd(l->skel->maps.identities);
	const struct ws_place_key key = { .session = session, .id = *id };
	struct ws_known all, before;

	all = *known;
	if (!bpf_map_lookup_elem(map, &key, &before)) {
		ws_mask_or(&all.match, &before.match);
		/* what was found out of a file of another size is out of date */
		if (ws_mask_empty(&known->except))
			all.size = before.size;
		if (all.size == before.size)
			ws_mask_or(&all.except, &before.except);
	}
	if (bpf_map_update_elem(map, &key, &all, BPF_ANY))
		return -errno;
	__atomic_fetch_add(&l->globals->ws_places_version, 1, __ATOMIC_SEQ_CST);
	return 0;
}

int loader_protect(struct loader *l, uint64_t session, const struct ws_id *id,
		   const struct ws_mask *mask)
{
	struct ws_known known = { .match = *mask, .size = WS_ANY_SIZE };

	return loader_know(l, session, id, &known);
}

/* ---- tasks ---- */

int loader_tasks(struct loader *l, uint64_t session,
		 int (*each)(void *arg, const struct loader_task *t), void *arg)
{
	_close_ int fd = bpf_iter_create(bpf_link__fd(l->tasks));
	struct ws_listed buf[64];
	size_t have = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(fd, (char *)buf + have, sizeof(buf) - have);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return have ? -EBADMSG : 0;
		have += n;
		for (size_t i = 0; i < have / sizeof(buf[0]); i++) {
			struct loader_task t = { .pid = buf[i].pid,
						 .started = buf[i].started,
						 .session = buf[i].session,
						 .labels = buf[i].labels,
						 .scope = buf[i].scope,
						 .actor = buf[i].actor,
						 .condemned = buf[i].condemned,
						 .ending = buf[i].ending };
			int err;

			if (buf[i].session != session)
				continue;
			memcpy(t.comm, buf[i].comm, sizeof(t.comm));
			t.comm[sizeof(t.comm) - 1] = 0;
			err = each(arg, &t);
			if (err)
				return err;
		}
		n = have % sizeof(buf[0]);
		memmove(buf, (char *)buf + have - n, n);
		have = n;
	}
}

/* ---- state ---- */

int loader_alerts_fd(const struct loader *l)
{
	return bpf_map__fd(l->skel->maps.alerts);
}

int loader_telemetry_fd(const struct loader *l)
{
	return bpf_map__fd(l->skel->maps.telemetry);
}

/* How often the kernel skipped a program of skel. */
static uint64_t missed(const struct wormsign_bpf *skel)
{
	struct bpf_program *p;
	uint64_t sum = 0;

	bpf_object__for_each_program(p, skel->obj) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);

		if (bpf_program__fd(p) >= 0 &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size))
			sum += info.recursion_misses;
	}
	return sum;
}

int loader_lost(struct loader *l, uint64_t ret[WS_LOST_MAX], uint64_t *ret_missed)
{
	int map = bpf_map__fd(l->skel->maps.lost);

	for (uint32_t i = 0; i < WS_LOST_MAX; i++)
		if (bpf_map_lookup_elem(map, &i, &ret[i]))
			return -errno;
	*ret_missed = missed(l->skel) + missed(l->second);
	return 0;
}

size_t loader_hooks(const struct loader *l, const struct hook_state **ret)
{
	*ret = l->states;
	return hook_count;
}

enum op_power loader_power(const struct loader *l, enum ws_op op)
{
	enum op_power power = POWER_BLIND;

	if (op == WS_OP_OUTLIVE) /* user space finds those tasks when the command has ended */
		return POWER_KILL_AFTER;
	for (size_t i = 0; i < hook_count; i++) {
		enum op_power here = hooks[i].late & (1u << op) ? POWER_KILL_AFTER : hooks[i].power;

		if (l->states[i].backend && (hooks[i].ops & (1u << op)) && here > power)
			power = here;
	}
	return power;
}

int loader_errors(struct loader *l, struct ws_error *ret, size_t room)
{
	int map = bpf_map__fd(l->skel->maps.errors), cpus = libbpf_num_possible_cpus(), n = 0;
	_free_ uint64_t *counts = cpus > 0 ? calloc(cpus, sizeof(*counts)) : NULL;
	struct ws_error_key key, next;

	if (!counts)
		return cpus < 0 ? cpus : -ENOMEM;
	for (bool more = !bpf_map_get_next_key(map, NULL, &next); more;) {
		struct ws_error e = { .place = next.place, .error = next.error };

		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
		if (bpf_map_lookup_elem(map, &key, counts))
			return -errno;
		for (int cpu = 0; cpu < cpus; cpu++)
			e.count += counts[cpu];
		if ((size_t)n < room)
			ret[n] = e;
		n++;
	}
	return n;
}

const char *loader_libbpf_version(void)
{
	const char *text = libbpf_version_string();

	return text[0] == 'v' ? text + 1 : text;
}
