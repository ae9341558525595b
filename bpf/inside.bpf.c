// SPDX-License-Identifier: GPL-2.0-only
/* inside.bpf.c - see inside.bpf.h. Nothing here uses the CPU's scratch: on deny an open can be
 * preempted. */
#include "inside.bpf.h"

#include "origin.bpf.h"
#include "tool.bpf.h"

#include "lib/event.bpf.h"
#include "lib/path.bpf.h"
#include "lib/try.bpf.h"

/* The record of the running process's first thread, NULL: none. */
static __always_inline struct ws_task *ws_first_thread(void)
{
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;

	return leader ? bpf_task_storage_get(&tasks, leader, 0, 0) : NULL;
}

struct ws_inside_ctx {
	struct ws_task *t;
};

/* Look at the next directory upwards, until one is a node_modules. */
static long ws_inside_step(u32 i, struct ws_inside_ctx *c)
{
	struct ws_task *t = c->t;
	struct ws_opened *o;
	struct dentry *d, *parent;

	if (!t)
		return 1;
	o = &t->opened;
	d = o->dir;
	if (!d)
		return 1;
	parent = BPF_CORE_READ(d, d_parent);
	if (parent == d)
		return 1;
	if (BPF_CORE_READ(d, d_name.len) == 12) {
		ws_try(DIRECTORY_NAME,
		       bpf_probe_read_kernel_str(o->word, 16, BPF_CORE_READ(d, d_name.name)));
		if (WS_HAS_PREFIX(o->word, "node_modules")) {
			o->modules = d;
			return 1;
		}
	}
	o->below2 = o->below;
	o->below = d;
	o->dir = parent;
	return 0;
}

/* Whether t->opened.modules is that of a prefix, where toolchains lie (/usr/lib/node_modules). */
static __always_inline bool ws_is_prefix(struct ws_opened *o)
{
	struct dentry *modules = o->modules, *above = BPF_CORE_READ(modules, d_parent);

	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(o->word, 16, BPF_CORE_READ(above, d_name.name)));
	return WS_HAS_PREFIX(o->word, "lib\0");
}

/* Set t->opened.own to the directory of the package that dentry (kernel address), a file, lies in;
 * NULL: in none. Returns 0. */
__noinline int ws_find_inside(struct ws_task *t, u64 dentry)
{
	struct ws_inside_ctx c = { .t = t };
	struct ws_opened *o;
	struct dentry *below;

	if (!t)
		return 0;
	o = &t->opened;
	o->own = o->modules = o->below = o->below2 = NULL;
	o->dir = (struct dentry *)dentry;
	bpf_loop(4096, ws_inside_step, &c, 0);
	if (!o->modules || !o->below || ws_is_prefix(o))
		return 0;
	below = o->below;
	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(o->word, 16, BPF_CORE_READ(below, d_name.name)));
	if (o->word[0] == '.') /* .bin, .pnpm: the manager's */
		return 0;
	o->own = o->word[0] == '@' ? o->below2 : o->below;
	/* a file directly in node_modules is no package's */
	if (o->own == (struct dentry *)dentry)
		o->own = NULL;
	return 0;
}

/* Give the scope the name of the package that t->opened.own is. */
static __always_inline void ws_name_inside(struct ws_scope *scope, struct ws_opened *o)
{
	struct dentry *own = o->own, *above = o->below;
	u32 n = 0;

	__builtin_memset(scope->name, 0, sizeof(scope->name));
	if (own != above) {
		n = BPF_CORE_READ(above, d_name.len);
		if (n > WS_NAME_MAX / 2 - 2)
			n = 0;
		barrier_var(n); /* as in ws_name_of_dirs() */
		n &= WS_NAME_MAX / 2 - 1;
		ws_try(DIRECTORY_NAME,
		       bpf_probe_read_kernel_str(scope->name, WS_NAME_MAX / 2,
						 BPF_CORE_READ(above, d_name.name)));
		scope->name[n++] = '/';
	}
	ws_try(DIRECTORY_NAME, bpf_probe_read_kernel_str(scope->name + n, WS_NAME_MAX / 2,
							 BPF_CORE_READ(own, d_name.name)));
}

/* Make a scope for the package that t->opened.own is, a tool of t's script. Returns its number, 0:
 * none. */
__noinline int ws_new_inside_scope(struct ws_task *t, u64 id)
{
	struct ws_opened *o;
	struct ws_policy *p = ws_policy();
	struct ws_scope *scope, *script;
	struct dentry *own, *modules;
	struct inode *inode;
	u64 of;

	if (!t || !p)
		return 0;
	o = &t->opened;
	of = t->script;
	script = bpf_map_lookup_elem(&scopes, &of);
	if (!script || bpf_map_update_elem(&scopes, &id, script, BPF_NOEXIST))
		return 0;
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!scope)
		return 0;
	scope->id = scope->family = id;
	scope->actor = WS_ACTOR_TOOL;
	scope->labels = scope->condemned_at = scope->earlier = 0;
	scope->started = t->started;
	scope->pid = bpf_get_current_pid_tgid() >> 32;
	scope->flags = WS_SCOPE_NAMED;
	for (u32 i = 0; i < WS_OPENING; i++)
		scope->opening[i] = 0;
	scope->opening_more = scope->opening_uring = 0;
	own = o->own;
	inode = BPF_CORE_READ(own, d_inode);
	ws_id_of(&scope->own, inode);
	modules = o->modules;
	inode = BPF_CORE_READ(modules, d_inode);
	ws_id_of(&scope->modules, inode);
	scope->holder = scope->modules;
	inode = BPF_CORE_READ(modules, d_parent, d_inode);
	ws_id_of(&scope->project, inode);
	scope->package = p->any_package;
	ws_mask_and(&scope->package, &p->by_event[WS_EVENT_INSTALL]);
	__builtin_memset(scope->commands, 0, sizeof(scope->commands));
	__builtin_memset(scope->created_bloom, 0, sizeof(scope->created_bloom));
	__builtin_memset(scope->declared, 0, sizeof(scope->declared));
	__builtin_memset(scope->version, 0, sizeof(scope->version));
	ws_name_inside(scope, o);
	return 1;
}

static __always_inline void ws_report_inside(struct ws_task *t, struct ws_scope *scope,
					     struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();

	with_record(ws_rec_scope, r, WS_REC_SCOPE, sizeof(*r)) {
		ws_head_of_task(&r->head, task, t);
		ws_try(SCOPE_RECORD, bpf_probe_read_kernel(&r->scope, sizeof(r->scope), scope));
		r->pad = 0;
		r->head.flags = WS_F_NAME_FROM_DIR;
		r->head.flags |= ws_write_short(r->dir, &r->dir_len,
						BPF_CORE_READ(file, f_path.mnt), t->opened.own, 0);
	}
}

/* Make t's process a tool of the package that t->opened.own is. Returns 0. */
__noinline int ws_enter_inside(struct ws_task *t, u64 address)
{
	struct ws_writer_key key = {};
	struct ws_scope *scope = NULL;
	struct ws_id own = {};
	struct dentry *dir;
	struct inode *inode;
	u64 *known, *next, id = 0;
	u32 zero = 0;

	if (!t)
		return 0;
	dir = t->opened.own;
	inode = BPF_CORE_READ(dir, d_inode);
	ws_id_of(&own, inode);
	/* its directory in the place of a scope: that many scopes there are not */
	key.writer = own.ino | 1ULL << 63;
	key.script = t->script;
	key.audit = own.dev << 2 | 2;
	known = bpf_map_lookup_elem(&writer_scopes, &key);
	if (known) {
		id = *known;
	} else {
		next = bpf_map_lookup_elem(&serial, &zero);
		if (next)
			id = __sync_fetch_and_add(next, 1) + 1;
		if (!id || !ws_new_inside_scope(t, id) ||
		    bpf_map_update_elem(&writer_scopes, &key, &id, BPF_ANY)) {
			ws_count_lost(WS_LOST_SCOPE);
			ws_kill_current(t);
			return 0;
		}
	}
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!scope) {
		ws_count_lost(WS_LOST_SCOPE);
		ws_kill_current(t);
		return 0;
	}
	t->actor = WS_ACTOR_TOOL;
	t->scope = t->script = id;
	ws_take_threads(t);
	if (!known)
		ws_report_inside(t, scope, (struct file *)address);
	return 0;
}

/* t's process makes the file anew, or will have emptied it: no tool's content is in it then. */
static __always_inline void ws_forget_tool(struct ws_task *t, struct file *file,
					   struct inode *inode)
{
	struct ws_place_key key = {};

	if (!(BPF_CORE_READ(file, f_mode) & FMODE_CREATED) && !ws_is_replaced(file, inode))
		return;
	key.session = t->session;
	ws_id_of(&key.id, inode);
	bpf_map_delete_elem(&tool_written, &key);
}

/* If a tool has written the inode, make t's process that tool. Returns whether one has. */
__noinline int ws_enter_writer(struct ws_task *t, u64 address)
{
	struct inode *inode = (struct inode *)address;
	struct ws_place_key key = {};
	struct ws_scope *scope;
	u64 *known, id;

	if (!t || !inode)
		return 0;
	key.session = t->session;
	ws_id_of(&key.id, inode);
	known = bpf_map_lookup_elem(&tool_written, &key);
	if (!known)
		return 0;
	id = *known;
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!scope)
		return 0;
	t->actor = WS_ACTOR_TOOL;
	t->scope = t->script = id;
	ws_take_threads(t);
	return 1;
}

int ws_take_inside_exec(struct ws_task *t)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (t && ws_tool_files && ws_looks_inside(t))
		ws_enter_writer(t, (u64)BPF_CORE_READ(task, mm, exe_file, f_inode));
	return 0;
}

/* Whether what t->opened describes is run by an interpreter that opens it, not only read. */
static __always_inline bool ws_runs_opened(const struct ws_opened *o, u32 runs)
{
	if (o->named)
		return true;
	if (runs == WS_INTERPRETS_JS) /* what lies in node_modules is loaded as a dependency */
		return o->code && !o->own;
	return !o->data;
}

int ws_take_inside(struct ws_task *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_task *first = NULL;
	struct ws_opened *o;
	struct file *file, *exe;
	struct inode *inode;
	u64 address;
	u32 runs;

	if (!t || !ws_looks_inside(t))
		return 0;
	file = t->object.file;
	address = (u64)file;
	exe = BPF_CORE_READ(task, mm, exe_file);
	if (!file || !exe)
		return 0;
	inode = BPF_CORE_READ(file, f_path.dentry, d_inode);
	if (!inode || (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	if (ws_tool_files)
		ws_forget_tool(t, file, inode);
	if (!(BPF_CORE_READ(file, f_mode) & FMODE_READ))
		return 0;
	runs = ws_interpreter((u64)exe);
	if (runs == WS_INTERPRETS_JS) {
		first = ws_first_thread();
		if (first && !first->awaits)
			first = NULL;
	}
	if (!runs || (!first && runs != WS_INTERPRETS_SHELL && !ws_tool_files))
		return 0;
	ws_look_at_opened(t, address);
	ws_find_inside(t, (u64)BPF_CORE_READ(file, f_path.dentry));
	o = &t->opened;
	if (ws_tool_files && ws_runs_opened(o, runs) && ws_enter_writer(t, (u64)inode))
		return 0;
	if (!first && runs != WS_INTERPRETS_SHELL)
		return 0;
	if (first) {
		if (o->data || (!o->own && !o->code && !o->named))
			return 0;
		first->awaits = 0;
	}
	if (o->own)
		ws_enter_inside(t, address);
	return 0;
}

char _license[] SEC("license") = "GPL";
