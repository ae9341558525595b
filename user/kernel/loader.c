// SPDX-License-Identifier: GPL-2.0-only
/* loader.c - the life of the kernel side, see loader.h. */
#include "loader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "decide.h"
#include "features.h"
#include "fill.h"
#include "hooks.h"
#include "loader_self.h"
#include "sockets.h"
#include "uprobes.h"
#include "wormsign.skel.h"

struct session_links {
	uint64_t id;
	struct bpf_link **links;
	size_t count;
	struct session_links *next;
};

struct loader {
	struct wormsign_bpf *skel;
	enum ws_backend backend;
	struct bpf_link **links; /* by row of hooks[] */
	struct hook_state *states;
	struct bpf_link *tasks;
	int identify;
	struct session_links *sessions;
	struct uprobes tls;
	struct ws_mask any_exe;
	uint32_t ops; /* that a rule in force is about */
};

static bool speak;

static int on_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return speak ? vfprintf(stderr, format, args) : 0;
}

static struct bpf_program *program_of(const struct loader *l, const struct hook *h)
{
	return bpf_object__find_program_by_name(l->skel->obj, h->function);
}

/* Is row h of use on this backend and kernel? Fills the state's reason when not. */
static bool wanted(const struct loader *l, const struct hook *h, const struct features *f, struct hook_state *s)
{
	s->name = h->name;
	s->ops = h->ops;
	s->program = h->section;
	if ((h->backend == HOOK_DENY && l->backend != WS_BACKEND_DENY) ||
	    (h->backend == HOOK_WATCH && l->backend != WS_BACKEND_WATCH)) {
		snprintf(s->why, sizeof(s->why), "belongs to the other backend");
		return false;
	}
	if (h->by_rule && !(h->ops & l->ops)) {
		snprintf(s->why, sizeof(s->why), "no rule in force is about it");
		return false;
	}
	if (h->needs && !features_has(h->needs)) {
		snprintf(s->why, sizeof(s->why), "this kernel has no %.100s", h->needs);
		return false;
	}
	if (h->needs_task_storage_in_cgroup && !f->task_storage_in_cgroup) {
		snprintf(s->why, sizeof(s->why), "cgroup programs may not use task storage on this kernel");
		return false;
	}
	return true;
}

static uint32_t ops_in_force(const struct ws_policy *p)
{
	uint32_t ops = 0;

	for (unsigned op = 0; op < WS_OP_MAX; op++)
		for (unsigned actor = 0; actor < WS_ACTOR_MAX; actor++)
			if (!ws_mask_empty(&p->by_op[op][actor]))
				ops |= 1u << op;
	return ops;
}

/*
 * Where the kernel calls BPF programs as an LSM, the programs for security_NAME are loaded as such. fmod_ret and fentry
 * programs have a guard against recursion: on a preemptible kernel a task that runs one and is preempted makes the
 * kernel skip it for whoever runs on that CPU meanwhile. LSM programs have none since 6.2.
 */
static int prefer_lsm(struct bpf_program *p, const struct hook *h, struct hook_state *s)
{
	static const char prefix[] = "security_";
	static const char *const other_names[][2] = {{"bprm_check", "bprm_check_security"}, {"create_user_ns", "userns_create"}};
	char function[96];
	const char *name;
	int err;

	if (!h->needs || strncmp(h->needs, prefix, sizeof(prefix) - 1) != 0 || h->backend != HOOK_DENY)
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

static int choose_hooks(struct loader *l, const struct features *f, struct error *e)
{
	struct bpf_program *each;

	bpf_object__for_each_program(each, l->skel->obj)
		bpf_program__set_autoload(each, false);
	for (size_t i = 0; i < hook_count; i++) {
		struct bpf_program *p = program_of(l, &hooks[i]);
		bool on = wanted(l, &hooks[i], f, &l->states[i]);

		if (!p)
			return error_set(e, -ENOENT, "no program %s in this build", hooks[i].function);
		if (on) {
			bpf_program__set_autoload(p, true);
			if (f->lsm && prefer_lsm(p, &hooks[i], &l->states[i]))
				return error_set(e, -EOPNOTSUPP, "hook %s: libbpf makes no LSM program of it",
						 hooks[i].name);
			l->states[i].backend = l->backend;
		} else if (!hooks[i].optional && (hooks[i].backend == HOOK_BOTH ||
						(hooks[i].backend == HOOK_DENY) == (l->backend == WS_BACKEND_DENY)))
			return error_set(e, -EOPNOTSUPP, "hook %s: %s", hooks[i].name, l->states[i].why);
	}
	return 0;
}

static int attach_hooks(struct loader *l, struct error *e)
{
	for (size_t i = 0; i < hook_count; i++) {
		struct bpf_program *p = program_of(l, &hooks[i]);

		if (!l->states[i].backend || (hooks[i].attach != HOOK_AUTO && hooks[i].attach != HOOK_RAW))
			continue;
		if (hooks[i].attach == HOOK_RAW)
			l->links[i] = bpf_program__attach_raw_tracepoint(p, strchr(hooks[i].section, '/') + 1);
		else if (bpf_program__type(p) == BPF_PROG_TYPE_LSM) /* its section says another: libbpf 1.2 attaches no such */
			l->links[i] = bpf_program__attach_lsm(p);
		else
			l->links[i] = bpf_program__attach(p);
		if (l->links[i])
			continue;
		if (!hooks[i].optional)
			return error_set(e, -errno, "attach %s: %s", hooks[i].section, strerror(errno));
		l->states[i].backend = WS_BACKEND_NONE;
		snprintf(l->states[i].why, sizeof(l->states[i].why), "attach: %s", strerror(errno));
	}
	return 0;
}

static int load_error(int err, struct error *e)
{
	if (features_locked_down())
		return error_set(e, err,
				 "the kernel is locked down (confidentiality), no BPF program may read its memory: boot with "
				 "lockdown=integrity");
	if (err == -EPERM)
		return error_set(e, err, "the kernel refused the programs (EPERM): a container without CAP_BPF and CAP_PERFMON?");
	return error_set(e, err, "the kernel refused the programs: %s; WORMSIGN_DEBUG=1 shows its reasons", strerror(-err));
}

int loader_open(struct loader **ret, const struct tables *t, const struct loader_options *o, struct error *e)
{
	__attribute__((cleanup(loader_freep))) struct loader *l = calloc(1, sizeof(*l));
	struct features f;
	int err;

	if (!l)
		return error_set(e, -ENOMEM, "out of memory");
	speak = o->debug || getenv("WORMSIGN_DEBUG");
	libbpf_set_print(on_libbpf);
	err = features_probe(&f, e);
	if (err)
		return err;
	l->backend = o->backend ? o->backend : f.fmod_ret ? WS_BACKEND_DENY : WS_BACKEND_WATCH;
	if (l->backend == WS_BACKEND_DENY && !f.fmod_ret)
		return error_set(e, -EOPNOTSUPP, "the deny backend is not to be had here: %s", f.fmod_ret_why);
	l->identify = -1;
	l->any_exe = t->policy.any_exe;
	l->ops = ops_in_force(&t->policy);
	l->links = calloc(hook_count, sizeof(*l->links));
	l->states = calloc(hook_count, sizeof(*l->states));
	l->skel = wormsign_bpf__open();
	if (!l->links || !l->states || !l->skel)
		return error_set(e, -errno, "open the kernel side: %s", strerror(errno));
	l->skel->rodata->ws_backend = l->backend;
	err = choose_hooks(l, &f, e);
	if (err)
		return err;
	l->tls.multi = f.uprobe_multi;
	uprobes_prepare(&l->tls, l->skel->progs.tls_write);
	err = fill_sizes(l->skel, t);
	if (err)
		return error_set(e, err, "size the tables: %s", strerror(-err));
	err = wormsign_bpf__load(l->skel);
	if (err)
		return load_error(err, e);
	err = fill_tables(l->skel, t, e);
	if (err)
		return err;
	err = attach_hooks(l, e);
	if (err)
		return err;
	l->identify = bpf_program__fd(l->skel->progs.identify);
	l->tasks = bpf_program__attach_iter(l->skel->progs.list_tasks, NULL);
	if (!l->tasks)
		return error_set(e, -errno, "attach the task iterator: %s", strerror(errno));
	err = loader_self_test(l, e);
	if (err)
		return err;
	*ret = TAKE_PTR(l);
	return 0;
}

void loader_free(struct loader *l)
{
	if (!l)
		return;
	while (l->sessions)
		loader_session_end(l, l->sessions->id);
	uprobes_let_go(&l->tls);
	bpf_link__destroy(l->tasks);
	for (size_t i = 0; l->links && i < hook_count; i++)
		bpf_link__destroy(l->links[i]);
	uprobes_wait_gone(&l->tls);
	wormsign_bpf__destroy(l->skel);
	free(l->links);
	free(l->states);
	free(l);
}

enum ws_backend loader_backend(const struct loader *l)
{
	return l->backend;
}

/* ---- sessions ---- */

static int enter_places(struct loader *l, const struct ws_session *s)
{
	for (uint32_t i = 0; i < s->place_count && i < WS_PLACES_MAX; i++) {
		struct ws_place_key key = {.session = s->id, .id = s->places[i].id};

		/* of two places that are one directory the first counts */
		if (bpf_map_update_elem(bpf_map__fd(l->skel->maps.places), &key, &s->places[i].place, BPF_NOEXIST) &&
		    errno != EEXIST)
			return -errno;
	}
	return 0;
}

static void leave_places(struct loader *l, uint64_t session)
{
	int map = bpf_map__fd(l->skel->maps.places);
	struct ws_place_key key, next;

	for (bool more = !bpf_map_get_next_key(map, NULL, &next); more;) {
		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
		if (key.session == session)
			bpf_map_delete_elem(map, &key);
	}
}

int loader_session_begin(struct loader *l, const struct ws_session *s, int cgroup_fd, struct error *e)
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
	if (err) {
		loader_session_end(l, s->id);
		return error_set(e, err, "enter the session: %s", strerror(-err));
	}
	for (size_t i = 0; cgroup_fd >= 0 && i < hook_count; i++) {
		struct bpf_program *p = program_of(l, &hooks[i]);
		struct bpf_link *link;

		if (hooks[i].attach != HOOK_CGROUP || !bpf_program__autoload(p))
			continue;
		link = bpf_program__attach_cgroup(p, cgroup_fd);
		if (!link) {
			err = -errno;
			loader_session_end(l, s->id);
			return error_set(e, err, "attach %s to the session's cgroup: %s", hooks[i].section, strerror(-err));
		}
		new->links[new->count++] = link;
	}
	return 0;
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
		if (sockets_destroy(cookie, &d))
			left++;
		else
			bpf_map_delete_elem(map, &cookie);
	}
	return left;
}

int loader_session_end(struct loader *l, uint64_t id)
{
	loader_destroy_sockets(l); /* while the hooks still drop what they would send */
	for (struct session_links **at = &l->sessions; *at; at = &(*at)->next) {
		struct session_links *s = *at;

		if (s->id != id)
			continue;
		*at = s->next;
		for (size_t i = 0; i < s->count; i++)
			bpf_link__destroy(s->links[i]);
		free(s->links);
		free(s);
		leave_places(l, id);
		return bpf_map_delete_elem(bpf_map__fd(l->skel->maps.sessions), &id) ? -errno : 0;
	}
	return -ENOENT;
}

int loader_session_read(struct loader *l, uint64_t id, struct ws_session *ret)
{
	return bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.sessions), &id, ret) ? -errno : 0;
}

int loader_session_condemn(struct loader *l, uint64_t id)
{
	struct ws_session s;
	int err = loader_session_read(l, id, &s);

	if (err)
		return err;
	/* the counters that hooks add meanwhile are lost with this write; the session is over anyway */
	s.flags |= WS_SESSION_CONDEMNED;
	return bpf_map_update_elem(bpf_map__fd(l->skel->maps.sessions), &id, &s, BPF_EXIST) ? -errno : 0;
}

int loader_enter(struct loader *l, int pidfd, uint64_t session)
{
	struct ws_task_fields t = {.session = session, .actor = WS_ACTOR_JOB, .exe = l->any_exe};
	size_t size = bpf_map__value_size(l->skel->maps.tasks);
	_free_ char *value = calloc(1, size);
	struct timespec now;

	if (!value || size < sizeof(t))
		return -ENOMEM;
	clock_gettime(CLOCK_MONOTONIC, &now);
	t.started = now.tv_sec * 1000000000ull + now.tv_nsec;
	memcpy(value, &t, sizeof(t));
	return bpf_map_update_elem(bpf_map__fd(l->skel->maps.tasks), &pidfd, value, BPF_ANY) ? -errno : 0;
}

int loader_watch_tls(struct loader *l, const char *file)
{
	/* all three take (session, buffer, length) */
	static const char *const functions[] = {"SSL_write", "SSL_write_ex", "gnutls_record_send"};

	return uprobes_attach(&l->tls, l->skel->progs.tls_write, file, functions, ARRAY_SIZE(functions));
}

int loader_scope_read(struct loader *l, uint64_t scope, struct ws_scope *ret)
{
	return bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.scopes), &scope, ret) ? -errno : 0;
}

/* ---- identity ---- */

static int ask(struct loader *l, struct ws_identify *ctx)
{
	/* the kernel writes a syscall program's context back to where it came from */
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = ctx, .ctx_size_in = sizeof(*ctx));

	return bpf_prog_test_run_opts(l->identify, &o) ? -errno : 0;
}

int loader_own_pid(struct loader *l, uint32_t *ret)
{
	struct ws_identify ctx = {.fd = UINT32_MAX};
	int err = ask(l, &ctx);

	if (!err)
		*ret = ctx.pid;
	return err;
}

int loader_identify(struct loader *l, int fd, struct ws_id *ret)
{
	struct ws_identify ctx = {.fd = fd};
	int err = ask(l, &ctx);

	if (err)
		return err;
	if (!ctx.ok)
		return -EBADF;
	*ret = ctx.id;
	return 0;
}

int loader_protect(struct loader *l, const struct ws_id *id, const struct ws_mask *mask)
{
	int map = bpf_map__fd(l->skel->maps.identities);
	struct ws_mask both = {0};

	if (!bpf_map_lookup_elem(map, id, &both))
		ws_mask_or(&both, mask);
	else
		both = *mask;
	return bpf_map_update_elem(map, id, &both, BPF_ANY) ? -errno : 0;
}

/* ---- tasks ---- */

struct listed { /* struct ws_listed of bpf/process.bpf.c */
	uint64_t started, session, scope;
	uint32_t pid, actor, condemned, pad;
	char comm[16];
};

int loader_tasks(struct loader *l, uint64_t session, int (*each)(void *arg, const struct loader_task *t), void *arg)
{
	_close_ int fd = bpf_iter_create(bpf_link__fd(l->tasks));
	struct listed buf[64];
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
			struct loader_task t = {
				.pid = buf[i].pid, .started = buf[i].started, .session = buf[i].session,
				.scope = buf[i].scope, .actor = buf[i].actor, .condemned = buf[i].condemned};
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

/* ---- readings ---- */

int loader_alerts_fd(const struct loader *l)
{
	return bpf_map__fd(l->skel->maps.alerts);
}

int loader_telemetry_fd(const struct loader *l)
{
	return bpf_map__fd(l->skel->maps.telemetry);
}

int loader_lost(struct loader *l, uint64_t ret[WS_LOST_MAX], uint64_t *ret_missed)
{
	int map = bpf_map__fd(l->skel->maps.lost);
	struct bpf_program *p;

	*ret_missed = 0;
	for (uint32_t i = 0; i < WS_LOST_MAX; i++)
		if (bpf_map_lookup_elem(map, &i, &ret[i]))
			return -errno;
	bpf_object__for_each_program(p, l->skel->obj) {
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);

		if (bpf_program__fd(p) >= 0 && !bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size))
			*ret_missed += info.recursion_misses;
	}
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

	if (op == WS_OP_OUTLIVE) /* user space sees it when the command has ended */
		return POWER_KILL_AFTER;
	for (size_t i = 0; i < hook_count; i++) {
		enum op_power here = hooks[i].late & (1u << op) ? POWER_KILL_AFTER : hooks[i].power;

		if (l->states[i].backend && (hooks[i].ops & (1u << op)) && here > power)
			power = here;
	}
	return power;
}
