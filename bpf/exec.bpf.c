/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lineage.bpf.h - what a process becomes at exec. A child of a manager's main process becomes a scope at its first
 * successful exec, from facts the manager controls: the working directory, and the environment of that very exec.
 * Latched once; a package scope never becomes anything else, whatever it runs.
 */
#ifndef WORMSIGN_LINEAGE_BPF_H
#define WORMSIGN_LINEAGE_BPF_H

#include "judge.bpf.h"

static __always_inline struct ws_scratch *ws_scratch(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* ---- automata over byte strings ---- */

struct ws_feed {
	unsigned long at, end;
	u32 automaton;
	u32 state;
	u32 unread;
	u32 pad;
	struct ws_chunk chunk;
};

static long ws_feed_step(u32 i, struct ws_feed *f)
{
	struct ws_policy *p = ws_policy();
	unsigned long left = f->end - f->at;
	u32 n = left < WS_CHUNK ? left : WS_CHUNK, state = f->state;

	if (!p || f->at >= f->end || !state)
		return 1;
	if (n > WS_CHUNK)
		n = WS_CHUNK;
	barrier_var(n);
	if (n > WS_CHUNK || bpf_probe_read_user(&f->chunk, n, (void *)f->at) < 0) {
		f->unread = 1;
		return 1;
	}
	f->state = ws_feed(&f->chunk, n, WS_DFA_ARGV, state);
	f->at += n;
	return 0;
}

/* Accept set of the running program's argv, 0: none. However long: 2 MB are 32,768 steps. */
WS_SUB u32 ws_match_argv(struct task_struct *task)
{
	struct ws_policy *p = ws_policy();
	struct ws_feed f = {};
	struct ws_row *row;

	if (!p)
		return 0;
	f.at = BPF_CORE_READ(task, mm, arg_start);
	f.end = BPF_CORE_READ(task, mm, arg_end);
	f.state = p->start[WS_DFA_ARGV];
	bpf_loop(1 << 20, ws_feed_step, &f, 0);
	row = bpf_map_lookup_elem(&rows, &f.state);
	return row && !f.unread ? row->accept : 0;
}

/* Accept set of a package name. */
WS_SUB u32 ws_match_name(struct ws_scratch *s)
{
	struct ws_policy *p = ws_policy();
	struct ws_row *row;
	u32 state;
	long n;

	if (!p)
		return 0;
	state = p->start[WS_DFA_NAME];
	n = bpf_probe_read_kernel_str(s->string, WS_NAME_MAX, s->scope.name); /* length with its NUL */
	if (n < 0)
		return 0;
	for (u32 i = 0; i < WS_NAME_MAX / WS_CHUNK; i++) {
		if (n <= 0)
			break;
		state = ws_feed((struct ws_chunk *)(s->string + i * WS_CHUNK), n < WS_CHUNK ? n : WS_CHUNK, WS_DFA_NAME,
				state);
		n -= WS_CHUNK;
	}
	row = bpf_map_lookup_elem(&rows, &state);
	return row ? row->accept : 0;
}

/* ---- the environment of an exec ---- */

struct ws_env {
	unsigned long at, end;
	struct ws_scratch *scratch;
	u32 found;
	u32 cut;
	u32 within; /* a string that was longer than the buffer: what follows is not the beginning of one */
	u32 pad;
};

#define WS_ENV_EVENT   1u
#define WS_ENV_NAME    2u
#define WS_ENV_VERSION 4u
#define WS_ENV_JSON    8u
#define WS_ENV_ALL     15u
#define WS_ENV_CUT     16u /* there was more than could be read */

#define WS_HAS_PREFIX(s, literal) ws_same((s), (literal), sizeof(literal) - 1)

static long ws_env_step(u32 i, struct ws_env *e)
{
	struct ws_scratch *s = e->scratch;
	u32 within = e->within, from;
	long n;

	if (!s || e->at >= e->end)
		return 1;
	n = bpf_probe_read_user_str(s->string, sizeof(s->string), (void *)e->at);
	if (n <= 0) {
		e->cut = 1;
		return 1;
	}
	e->within = n == sizeof(s->string);
	e->at += n - e->within;
	/* the rest of a long one is skipped in steps: a package that writes its own config must not write keys, too */
	if (within || !WS_HAS_PREFIX(s->string, "npm_"))
		return 0;
	if (!(e->found & WS_ENV_EVENT) && WS_HAS_PREFIX(s->string, "npm_lifecycle_event=")) {
		bpf_probe_read_kernel_str(s->scope.event, sizeof(s->scope.event), s->string + 20);
		e->found |= WS_ENV_EVENT;
	} else if (!(e->found & WS_ENV_NAME) && WS_HAS_PREFIX(s->string, "npm_package_name=")) {
		bpf_probe_read_kernel_str(s->scope.declared, sizeof(s->scope.declared), s->string + 17);
		e->found |= WS_ENV_NAME;
	} else if (!(e->found & WS_ENV_VERSION) && WS_HAS_PREFIX(s->string, "npm_package_version=")) {
		bpf_probe_read_kernel_str(s->scope.version, sizeof(s->scope.version), s->string + 20);
		e->found |= WS_ENV_VERSION;
	} else if (!(e->found & WS_ENV_JSON) && WS_HAS_PREFIX(s->string, "npm_package_json=")) {
		from = n > WS_JSON_END ? n - WS_JSON_END : 0;
		bpf_probe_read_kernel_str(s->json, sizeof(s->json), s->string + (from & (WS_SCRATCH_STRING - 1)));
		e->found |= WS_ENV_JSON;
	}
	return e->found == WS_ENV_ALL;
}

/* What the environment of the running program holds for scratch, which receives it: bits WS_ENV_*. */
WS_GLOBAL u32 ws_read_environment(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_env e = {};

	e.at = BPF_CORE_READ(task, mm, env_start);
	e.end = BPF_CORE_READ(task, mm, env_end);
	e.scratch = ws_scratch();
	bpf_loop(1 << 17, ws_env_step, &e, 0);
	return e.found | (e.cut || (e.at < e.end && e.found != WS_ENV_ALL) ? WS_ENV_CUT : 0);
}

static __always_inline u32 ws_hash(u32 h, const char *field, u32 size)
{
	/* all of the field, which is zero behind the text: no branch a byte */
	for (u32 i = 0; i < size; i++)
		h = (h ^ (u8)field[i]) * 16777619u;
	return h;
}

/*
 * Which script this environment was made for. The event alone would not tell: the `postinstall` of a git dependency,
 * installed by a project's own `postinstall`, is not that script's helper.
 */
WS_GLOBAL u32 ws_script_hash(void)
{
	const struct ws_scratch *s = ws_scratch();
	u32 h = 2166136261u;

	if (!s)
		return 0; /* as no script has */
	h = ws_hash(h, s->scope.event, WS_EVENT_MAX);
	h = ws_hash(h, s->scope.declared, WS_NAME_MAX);
	h = ws_hash(h, s->scope.version, WS_VERSION_MAX);
	return ws_hash(h, s->json, WS_JSON_END) | 1;
}

/* ---- the working directory of an exec ---- */

struct ws_dirs_ctx {
	struct ws_dirs *dirs; /* in scratch: the stack has no room for it */
};

static long ws_dirs_step(u32 i, struct ws_dirs_ctx *c)
{
	struct ws_dirs *w = c->dirs;
	struct inode *inode;
	struct dentry *parent, *d;
	struct mount *m;
	u32 *place;

	if (!w)
		return 1;
	d = w->d;
	m = w->m;
	if (!d || !m)
		return 1;
	if (d == BPF_CORE_READ(m, mnt.mnt_root)) {
		struct mount *above = BPF_CORE_READ(m, mnt_parent);

		if (above == m || !above)
			return 1;
		w->d = BPF_CORE_READ(m, mnt_mountpoint);
		w->m = above;
		return 0;
	}
	inode = BPF_CORE_READ(d, d_inode);
	ws_id_of(&w->key.id, inode);
	if (w->project.ino && w->key.id.ino == w->project.ino && w->key.id.dev == w->project.dev)
		w->inside = 1;
	if (!w->inside) {
		place = bpf_map_lookup_elem(&places, &w->key);
		if (place && (*place == WS_PLACE_CACHE || *place == WS_PLACE_TMP))
			w->aside = 1;
	}
	if (BPF_CORE_READ(d, d_name.len) == 12) {
		bpf_probe_read_kernel_str(w->word, sizeof(w->word), BPF_CORE_READ(d, d_name.name));
		if (WS_HAS_PREFIX(w->word, "node_modules")) {
			if (!w->modules) {
				w->name = w->child;
				w->name2 = w->grandchild;
			}
			w->modules = d;
		}
	}
	parent = BPF_CORE_READ(d, d_parent);
	if (parent == d)
		return 1;
	w->grandchild = w->child;
	w->child = d;
	w->d = parent;
	return 0;
}

/* Name of the package from the directory below node_modules: "NAME" or "@SCOPE/NAME"; false: it tells none. */
static __always_inline bool ws_name_of_dir(struct ws_scratch *s, const struct ws_dirs *w)
{
	struct dentry *name = w->name, *name2 = w->name2;
	u32 n;

	if (!name)
		return false;
	n = BPF_CORE_READ(name, d_name.len);
	if (bpf_probe_read_kernel_str(s->scope.name, sizeof(s->scope.name), BPF_CORE_READ(name, d_name.name)) <= 0)
		return false;
	if (s->scope.name[0] == '.') /* .pnpm, .store: a manager's own directory */
		return false;
	if (s->scope.name[0] != '@')
		return true;
	if (!name2 || n > WS_NAME_MAX / 2 - 2)
		return false;
	barrier_var(n); /* or clang 19 leaves the mask out, and the verifier of 6.1 has forgotten the comparison */
	n &= WS_NAME_MAX / 2 - 1;
	s->scope.name[n++] = '/';
	return bpf_probe_read_kernel_str(s->scope.name + n, WS_NAME_MAX / 2, BPF_CORE_READ(name2, d_name.name)) > 0;
}

/* ---- minting ---- */

/* Enter the scope that scratch describes; on failure the script must not run. */
static __always_inline bool ws_enter_scope(const struct ws_subject *s, struct ws_scratch *scratch, u32 *ret_flags)
{
	struct ws_own_key key = {.session = s->task->session, .own = scratch->scope.own};
	struct ws_scope *before = NULL;
	u64 *known, *next, id;
	u32 zero = 0;

	known = bpf_map_lookup_elem(&scope_of_dir, &key);
	if (known) {
		id = *known;
		before = bpf_map_lookup_elem(&scopes, &id);
	}
	if (before) {
		/* what a package did in an earlier script is remembered, its condemnation too */
		scratch->scope.labels = before->labels;
		scratch->scope.flags = before->flags;
		scratch->scope.condemned_at = before->condemned_at;
		scratch->scope.bytes_out = before->bytes_out;
		if (ws_same(before->event, scratch->scope.event, WS_EVENT_MAX)) {
			s->task->scope = id;
			return true;
		}
	}
	next = bpf_map_lookup_elem(&serial, &zero);
	if (!next)
		return false;
	id = __sync_fetch_and_add(next, 1) + 1;
	scratch->scope.id = id;
	if (bpf_map_update_elem(&scopes, &id, &scratch->scope, BPF_NOEXIST)) {
		ws_lose(WS_LOST_SCOPE);
		return false;
	}
	bpf_map_update_elem(&scope_of_dir, &key, &id, BPF_ANY);
	s->task->scope = id;
	*ret_flags = 1; /* new: tell it */
	return true;
}

WS_SUB int ws_tell_scope(const struct ws_subject *s, struct ws_scratch *scratch, u32 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_rec_scope *r = bpf_ringbuf_reserve(&alerts, sizeof(*r), 0);

	if (!r) {
		ws_lose(WS_LOST_SCOPE_RECORD);
		return 0;
	}
	ws_head(&r->head, WS_REC_SCOPE, sizeof(*r), task, s->task);
	r->head.flags = flags;
	bpf_probe_read_kernel(&r->scope, sizeof(r->scope), &scratch->scope);
	r->pad = 0;
	r->head.flags |= ws_write_short(r->dir, &r->dir_len, BPF_CORE_READ(task, fs, pwd.mnt),
					BPF_CORE_READ(task, fs, pwd.dentry), 0);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

/* ---- what an exec makes of a process ---- */

/*
 * First exec of a child of a manager's main process: does it start a script? Then mint its scope.
 * The environment and working directory were set by the manager, which is the job's own program.
 */
static __always_inline bool ws_mint(const struct ws_subject *s, struct task_struct *task)
{
	struct ws_scratch *scratch = ws_scratch();
	struct ws_policy *p = ws_policy();
	struct ws_task *t = s->task;
	struct ws_dirs_ctx walk = {};
	struct ws_dirs *w;
	struct ws_set *set;
	struct dentry *cwd, *modules;
	struct inode *inode;
	u32 found, flags = 0, is_new = 0, index;
	bool package;

	if (!scratch || !p)
		return false;
	__builtin_memset(&scratch->scope, 0, sizeof(scratch->scope));
	__builtin_memset(scratch->json, 0, sizeof(scratch->json));
	found = ws_read_environment();
	w = &scratch->dirs;
	__builtin_memset(w, 0, sizeof(*w));
	w->d = cwd = BPF_CORE_READ(task, fs, pwd.dentry);
	w->m = ws_mount_of(BPF_CORE_READ(task, fs, pwd.mnt));
	w->project = t->project;
	w->key.session = t->session;
	walk.dirs = w;
	inode = BPF_CORE_READ(cwd, d_inode);
	if (inode)
		ws_id_of(&scratch->scope.own, inode);
	bpf_loop(4096, ws_dirs_step, &walk, 0);
	if (!w->modules) {
		/* no node_modules above: a script only if the manager set a lifecycle event its helpers do not have */
		if (!(found & WS_ENV_EVENT) || ws_script_hash() == t->event)
			return false;
	}
	package = w->modules || !w->inside || w->aside || (t->flags & WS_T_CLONE);
	scratch->scope.session = t->session;
	scratch->scope.actor = package ? WS_ACTOR_PACKAGE : WS_ACTOR_PROJECT;
	scratch->scope.manager = t->manager ? t->manager - 1 : 0;
	scratch->scope.started = t->started;
	scratch->scope.pid = t->session ? BPF_CORE_READ(task, tgid) : 0;
	if (w->modules) {
		modules = w->modules;
		inode = BPF_CORE_READ(modules, d_inode);
		ws_id_of(&scratch->scope.modules, inode);
		inode = BPF_CORE_READ(modules, d_parent, d_inode);
		ws_id_of(&scratch->scope.project, inode);
	} else if (!package) {
		scratch->scope.project = t->project;
	}
	if (w->modules && ws_name_of_dir(scratch, w))
		flags |= WS_F_NAME_FROM_DIR;
	else
		bpf_probe_read_kernel_str(scratch->scope.name, sizeof(scratch->scope.name), scratch->scope.declared);
	if (!scratch->scope.name[0])
		flags |= WS_F_NAME_UNREAD;
	if (found & WS_ENV_CUT)
		flags |= WS_F_ENV_CUT;
	index = ws_match_name(scratch);
	set = bpf_map_lookup_elem(&sets, &index);
	scratch->scope.package = p->any_package;
	if (set) {
		ws_mask_or(&scratch->scope.package, &set->match);
		ws_mask_andnot(&scratch->scope.package, &set->except);
	}
	t->actor = scratch->scope.actor;
	if (!ws_enter_scope(s, scratch, &is_new)) {
		bpf_send_signal(SIGKILL);
		return true;
	}
	ws_note_process(t, BPF_CORE_READ(task, tgid));
	if (is_new)
		ws_tell_scope(s, scratch, flags);
	return true;
}

/*
 * A manager's main process: remember where, and which script (if any) it itself runs under. A manager that another
 * one starts as its helper, npm in the clone of a git dependency, does not make that clone the project; in the same
 * directory it is the first one's other version (yarnPath, packageManager).
 */
static __always_inline void ws_become_manager(struct ws_task *t, struct task_struct *task, u32 kind)
{
	bool helper = t->actor == WS_ACTOR_MANAGER && !(t->flags & WS_T_MAIN);
	struct ws_scratch *scratch = ws_scratch();
	struct inode *inode;
	struct ws_id here = {};

	t->actor = WS_ACTOR_MANAGER;
	t->manager = kind;
	t->flags |= WS_T_MAIN;
	t->event = 0;
	if (scratch) {
		__builtin_memset(&scratch->scope, 0, sizeof(scratch->scope));
		__builtin_memset(scratch->json, 0, sizeof(scratch->json));
		if (ws_read_environment() & WS_ENV_EVENT)
			t->event = ws_script_hash();
	}
	inode = BPF_CORE_READ(task, fs, pwd.dentry, d_inode);
	if (inode)
		ws_id_of(&here, inode);
	if (!helper)
		t->project = here;
	else if (here.ino != t->project.ino || here.dev != t->project.dev)
		t->flags |= WS_T_CLONE;
}

/* Called at a successful exec; may change the task's actor and scope (and s->scope with it). */
WS_SUB int ws_become(struct ws_subject *s, struct task_struct *task, u32 *ret_manager)
{
	struct ws_task *t = s->task;
	struct ws_set *set;
	u32 index, kind = 0;
	u64 id;

	if (t->actor == WS_ACTOR_PACKAGE)
		return 0;
	if (t->flags & WS_T_PENDING) {
		t->flags &= ~WS_T_PENDING;
		if (ws_mint(s, task)) {
			id = t->scope;
			s->scope = bpf_map_lookup_elem(&scopes, &id);
			return 0;
		}
	}
	index = ws_match_argv(task);
	set = bpf_map_lookup_elem(&sets, &index);
	if (set)
		kind = set->manager;
	if (kind) {
		ws_become_manager(t, task, kind);
		*ret_manager = kind;
	} else if (t->flags & WS_T_MAIN) {
		/* a main process that execs something else is none any more */
		t->flags &= ~WS_T_MAIN;
		t->actor = t->scope ? WS_ACTOR_PROJECT : WS_ACTOR_JOB;
	}
	return 0;
}

WS_SUB int ws_tell_exec(const struct ws_subject *s, struct task_struct *task, u32 manager)
{
	struct ws_rec_exec *r = bpf_ringbuf_reserve(&telemetry, sizeof(*r), 0);
	struct file *exe;

	if (!r) {
		ws_lose(WS_LOST_EXEC);
		return 0;
	}
	ws_head(&r->head, WS_REC_EXEC, sizeof(*r), task, s->task);
	r->argv_id = 0;
	r->cwd_place = 0;
	r->manager = manager;
	r->pad = 0;
	r->exe_len = 0;
	r->head.flags |= ws_copy_argv(&r->argv, task);
	exe = BPF_CORE_READ(task, mm, exe_file);
	if (exe)
		r->head.flags |= ws_write_short(r->exe, &r->exe_len, BPF_CORE_READ(exe, f_path.mnt),
						BPF_CORE_READ(exe, f_path.dentry), 0);
	else
		r->head.flags |= WS_F_PATH_UNREAD;
	bpf_ringbuf_submit(r, 0);
	return 0;
}

/* Judge the exec itself, by path and argv, and remember which exe conditions the new program meets. */
WS_SUB int ws_judge_exec(struct ws_subject *s, struct task_struct *task)
{
	struct ws_policy *p = ws_policy();
	struct ws_object *o;
	struct ws_walk *w = &s->task->walk;
	struct ws_loop *l = &s->task->loop;
	struct ws_set *set;
	struct ws_from from = {};
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	u32 index;

	if (!p || !exe)
		return 0;
	s->task->exe = p->any_exe;
	ws_candidates(&l->left, p, s, WS_OP_EXEC);
	if (!s->scope && ws_mask_empty(&l->left))
		return 0;
	o = ws_object(s->task);
	o->mnt = from.mnt = BPF_CORE_READ(exe, f_path.mnt);
	o->dentry = from.dentry = BPF_CORE_READ(exe, f_path.dentry);
	ws_walk(w, s->session, s->scope, &from);
	o->place = w->place;
	ws_mask_or(&s->task->exe, &w->exe_match);
	ws_mask_andnot(&s->task->exe, &w->exe_except);
	ws_candidates(&l->left, p, s, WS_OP_EXEC);
	if (ws_mask_empty(&l->left))
		return 0;
	index = ws_match_argv(task);
	set = bpf_map_lookup_elem(&sets, &index);
	for (int i = 0; i < WS_MASK_WORDS; i++)
		l->left.w[i] &= p->any_argv.w[i] | (set ? set->match.w[i] : 0);
	l->facts.object = 0;
	l->facts.amount = 0;
	ws_narrow_path(&l->left, p, &w->match, &w->except, w->place);
	ws_run(l, s);
	return ws_act(s, WS_OP_EXEC, &l->out, WS_POWER_KILL_BEFORE);
}

#endif
