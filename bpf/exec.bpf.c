// SPDX-License-Identifier: GPL-2.0-only
/*
 * exec.bpf.c - what a process becomes at an exec. A child of a package manager's main process
 * becomes an install script (a scope) at its first successful exec, judged by facts that the
 * manager controls: the working directory and the environment of that exec, or (build.bpf.c) its
 * argv. A task of a package
 * scope stays in it, whatever it executes.
 */
#include "build.bpf.h"
#include "inside.bpf.h"
#include "judge.bpf.h"
#include "lib/admit.bpf.h"
#include "lib/automaton.bpf.h"
#include "lib/dirs.bpf.h"
#include "lib/env.bpf.h"
#include "lib/event.bpf.h"
#include "lib/path.bpf.h"
#include "lib/sweep.bpf.h"
#include "lib/try.bpf.h"
#include "origin.bpf.h"
#include "scope.bpf.h"
#include "tool.bpf.h"

/* ---- minting ---- */

struct ws_made_ctx {
	const struct ws_made *made;
	struct ws_scratch *scratch;
};

static long ws_made_step(u32 i, struct ws_made_ctx *c)
{
	const struct ws_made *made = c->made;
	struct ws_scratch *s = c->scratch;
	struct ws_place_key *key; /* in scratch: the stack has no room for it */
	u64 ino, family;

	if (!s || !made || i >= made->count || i >= WS_MADE_MAX)
		return 1;
	key = &s->dirs.key;
	key->session = s->scope.session;
	key->id = made->ids[i & (WS_MADE_MAX - 1)];
	ino = key->id.ino;
	family = s->scope.family;
	if (made->guarded >> (i & (WS_MADE_MAX - 1)) & 1)
		family |= WS_CREATED_GUARDED;
	if (!ws_try(CREATED, bpf_map_update_elem(&created, key, &family, BPF_ANY)))
		s->scope.created_bloom[(ino >> 6) & (WS_BLOOM_WORDS - 1)] |= 1ULL << (ino & 63);
	return 0;
}

/* Find the family of the scope in scratch, which has an id. The first of a family gets what
 * packages of its name created in earlier sessions. Returns 0. */
int ws_enter_family(void)
{
	struct ws_scratch *s = ws_scratch();
	struct ws_made_ctx c = {};
	u64 *first;

	if (!s)
		return 0;
	s->scope.family = s->scope.id;
	if (!(s->scope.flags & WS_SCOPE_NAMED))
		return 0;
	s->name_key.session = s->scope.session;
	ws_try(PACKAGE_NAME,
	       bpf_probe_read_kernel(s->name_key.name, sizeof(s->name_key.name), s->scope.name));
	first = bpf_map_lookup_elem(&families, &s->name_key);
	if (first) {
		s->scope.family = *first;
		return 0;
	}
	ws_try(FAMILY, bpf_map_update_elem(&families, &s->name_key, &s->scope.family, BPF_NOEXIST));
	c.scratch = s;
	c.made = bpf_map_lookup_elem(&made_before, &s->name_key);
	bpf_loop(WS_MADE_MAX, ws_made_step, &c, 0);
	return 0;
}

/* Move t to the package and the script that scratch describes. Returns false on failure; then the
 * script must not run. *ret_new is set to 1 if the script is new. */
static __always_inline bool ws_enter_scope(struct ws_task *t, struct ws_scratch *scratch,
					   u32 *ret_new)
{
	struct ws_own_key key = { .session = t->session,
				  .own = scratch->scope.own,
				  .event = scratch->build.salt };
	u64 *first, *known, *next, id;
	u32 zero = 0;

	t->not_condemned = 0; /* its new scope may be */
	first = bpf_map_lookup_elem(&scope_of_dir, &key);
	if (first)
		t->scope = *first;
	key.event = ws_event_hash() ^ scratch->build.salt;
	known = bpf_map_lookup_elem(&scope_of_dir, &key);
	if (first && known) {
		t->script = *known;
		return true;
	}
	next = bpf_map_lookup_elem(&serial, &zero);
	if (!next)
		return false;
	id = __sync_fetch_and_add(next, 1) + 1;
	scratch->scope.id = id;
	ws_enter_family();
	if (bpf_map_update_elem(&scopes, &id, &scratch->scope, BPF_NOEXIST)) {
		ws_count_lost(WS_LOST_SCOPE);
		return false;
	}
	t->script = id;
	*ret_new = 1;
	/* a script whose package's record cannot be found again must not run */
	if (bpf_map_update_elem(&scope_of_dir, &key, &id, BPF_ANY)) {
		ws_count_lost(WS_LOST_SCOPE);
		return false;
	}
	if (first)
		return true;
	t->scope = id;
	key.event = scratch->build.salt;
	if (bpf_map_update_elem(&scope_of_dir, &key, &id, BPF_ANY)) {
		ws_count_lost(WS_LOST_SCOPE);
		return false;
	}
	return true;
}

/* ---- what an exec makes of a process ---- */

struct ws_named_project {
	struct ws_scratch *s;
};

/* Compare the project's directory with the beginning of the manifest's path, and count the
 * components that follow. */
static long ws_named_project_step(u32 i, struct ws_named_project *c)
{
	struct ws_scratch *s = c->s;
	char wanted, byte;

	if (!s)
		return 1;
	byte = s->manifest[i & (WS_SCRATCH_STRING - 1)];
	if (s->dirs.below) {
		s->dirs.below += byte == '/';
		return !byte;
	}
	wanted = s->prefix[i & (WS_SCRATCH_STRING - 1)];
	if (wanted)
		return wanted != byte;
	s->dirs.below = i && byte == '/';
	return !s->dirs.below;
}

/*
 * npm and pnpm do not go to the directory that -C and --prefix name. They tell their scripts which
 * one that is, and whose manifest each comes from, every time anew: what the manager itself has
 * inherited is replaced.
 */
static __always_inline void ws_ask_manager(struct ws_scratch *s)
{
	struct ws_named_project c = { .s = s };

	s->dirs.below = 0;
	if (!s->prefix[0] || !s->manifest[0])
		return;
	bpf_loop(WS_SCRATCH_STRING, ws_named_project_step, &c, 0);
	if (!s->dirs.below)
		return;
	s->dirs.inside = 1;
	if (s->dirs.aside >= s->dirs.below)
		s->dirs.aside = 0; /* the project itself lies there */
}

/* Whether managers run the project's script of this event when they install. */
static __always_inline bool ws_is_install_event(const char *event)
{
	return WS_HAS_PREFIX(event, "preinstall\0") || WS_HAS_PREFIX(event, "install\0") ||
	       WS_HAS_PREFIX(event, "postinstall\0") || WS_HAS_PREFIX(event, "prepublish\0") ||
	       WS_HAS_PREFIX(event, "preprepare\0") || WS_HAS_PREFIX(event, "prepare\0") ||
	       WS_HAS_PREFIX(event, "postprepare\0") || WS_HAS_PREFIX(event, "dependencies\0") ||
	       WS_HAS_PREFIX(event, "pnpm:devPreinstall\0");
}

/*
 * Describe in scratch the script of npm and its kin that the running exec starts: by the
 * environment and the working directory, which are the manager's choice, not the package's. Returns
 * its actor, 0: it starts none.
 */
static __always_inline u32 ws_find_lifecycle(struct ws_task *t, struct task_struct *task,
					     struct ws_scratch *scratch, u32 *ret_flags)
{
	struct ws_dirs *w = &scratch->dirs;
	struct dentry *cwd, *modules, *own, *name;
	struct inode *inode;
	u32 found, flags = 0;
	bool package;

	__builtin_memset(&scratch->scope, 0, sizeof(scratch->scope));
	__builtin_memset(scratch->json, 0, sizeof(scratch->json));
	scratch->env.manager = t->manager;
	found = ws_read_environment(0);
	__builtin_memset(w, 0, sizeof(*w));
	w->d = cwd = BPF_CORE_READ(task, fs, pwd.dentry);
	w->m = ws_mount_of(BPF_CORE_READ(task, fs, pwd.mnt));
	w->project = t->project;
	ws_manager_is_at(&w->manager_at);
	w->key.session = t->session;
	inode = BPF_CORE_READ(cwd, d_inode);
	if (inode)
		ws_id_of(&scratch->scope.own, inode);
	ws_find_dirs();
	if (!w->inside && !w->modules && ws_is_above_manager((u64)cwd)) {
		w->inside = 1;
		w->aside = 0;
	}
	if (!w->inside && !w->modules)
		ws_ask_manager(scratch);
	if (!w->modules) {
		/* outside node_modules it is a script only if the manager has set another lifecycle
		 * event than the one it inherited itself */
		if (!(found & WS_ENV_EVENT) || ws_script_hash() == t->event)
			return 0;
	}
	package = w->modules || !w->inside || w->aside || (t->flags & WS_T_CLONE);
	if (!package && t->actor == WS_ACTOR_TOOL)
		return 0; /* a manager that a tool has started runs this for it */
	if (!package && ws_is_install_event(scratch->scope.event))
		t->flags |= WS_T_INSTALL;
	if (w->modules) {
		modules = w->modules;
		inode = BPF_CORE_READ(modules, d_inode);
		ws_id_of(&scratch->scope.modules, inode);
		inode = BPF_CORE_READ(modules, d_parent, d_inode);
		ws_id_of(&scratch->scope.project, inode);
	} else if (!package) {
		scratch->scope.project = t->project;
	}
	if (w->modules && ws_name_of_dirs()) {
		flags |= WS_F_NAME_FROM_DIR;
		scratch->scope.flags |= WS_SCOPE_NAMED;
		/* a script that its manager starts further down is the package's, too */
		own = ws_package_dir(scratch);
		inode = BPF_CORE_READ(own, d_inode);
		ws_id_of(&scratch->scope.own, inode);
		name = w->name;
		inode = BPF_CORE_READ(name, d_parent, d_inode);
		ws_id_of(&scratch->scope.holder, inode);
		__builtin_memset(&scratch->command, 0, sizeof(scratch->command));
		ws_try(DIRECTORY_NAME,
		       bpf_probe_read_kernel_str(&scratch->command, sizeof(scratch->command),
						 BPF_CORE_READ(own, d_name.name)));
		ws_add_command(ws_hash_command(&scratch->command));
	} else
		ws_try(PACKAGE_NAME,
		       bpf_probe_read_kernel_str(scratch->scope.name, sizeof(scratch->scope.name),
						 scratch->scope.declared));
	if (!scratch->scope.name[0])
		flags |= WS_F_NAME_UNREAD;
	if (found & WS_ENV_CUT)
		flags |= WS_F_ENV_CUT;
	*ret_flags = flags;
	return package ? WS_ACTOR_PACKAGE : WS_ACTOR_PROJECT;
}

/* t is the first process of a script. If the manager that started it runs scripts itself
 * (WS_T_SHELL, which t has inherited), enter the script as that manager's latest. */
static __always_inline void ws_note_started(struct ws_task *t, struct task_struct *task)
{
	struct ws_started last = { .session = t->session, .scope = t->scope, .script = t->script };
	u32 manager = BPF_CORE_READ(task, real_parent, tgid);

	if (t->flags & WS_T_SHELL)
		ws_try(STARTED, bpf_map_update_elem(&started_last, &manager, &last, BPF_ANY));
	t->flags &= ~WS_T_SHELL;
}

/*
 * First exec of a child of a manager's main process. If it starts a script, or a program that
 * builds a package, mint its scope and return true.
 */
static __always_inline bool ws_mint(struct ws_task *t, struct task_struct *task)
{
	struct ws_scratch *scratch = ws_scratch();
	struct ws_policy *p = ws_policy();
	u32 actor, flags = 0, is_new = 0, index;
	struct ws_set *set;

	if (!scratch || !p)
		return false;
	scratch->build.salt = 0;
	scratch->build.event = WS_EVENT_INSTALL;
	if (ws_is_builder(p, t->manager))
		actor = ws_find_build(t);
	else
		actor = ws_find_lifecycle(t, task, scratch, &flags);
	if (!actor)
		return false;
	scratch->scope.session = t->session;
	scratch->scope.actor = actor;
	scratch->scope.manager = t->manager ? t->manager - 1 : 0;
	scratch->scope.started = t->started;
	scratch->scope.pid = t->session ? BPF_CORE_READ(task, tgid) : 0;
	/* outside a node_modules (the clone of a git dependency) the package chooses its own name,
	 * so rules and exceptions by name do not apply to it */
	index = (flags & WS_F_NAME_FROM_DIR) ? ws_match_name(scratch) : 0;
	set = bpf_map_lookup_elem(&sets, &index);
	scratch->scope.package = p->any_package;
	if (set)
		ws_met(&scratch->scope.package, &p->any_package, &set->match, &set->except);
	ws_mask_and(&scratch->scope.package, scratch->build.event == WS_EVENT_SETUP
						     ? &p->by_event[WS_EVENT_SETUP]
						     : &p->by_event[WS_EVENT_INSTALL]);
	t->actor = actor;
	if (!ws_enter_scope(t, scratch, &is_new)) {
		ws_try(KILL_NO_SCOPE, bpf_send_signal(SIGKILL));
		return true;
	}
	ws_note_process(t, BPF_CORE_READ(task, tgid));
	ws_note_started(t, task);
	if (is_new)
		ws_report_scope(t, flags);
	if (actor == WS_ACTOR_PACKAGE)
		t->flags |= WS_T_HELD; /* on_exec() holds it */
	return true;
}

/*
 * t is a manager's main process now: note its directory, and the script (if any) that it runs
 * under. A manager that another one starts in another directory (npm in the clone of a git
 * dependency) does not make that clone the project. In the same directory it is another version of
 * the first one (yarnPath, packageManager). But cargo and uv run the project's own programs (`cargo
 * xtask`), and these other managers wherever they like.
 */
static __always_inline void ws_enter_manager(struct ws_task *t, struct task_struct *task, u32 kind)
{
	bool helper = t->actor == WS_ACTOR_MANAGER && !(t->flags & WS_T_MAIN);
	struct ws_scratch *scratch = ws_scratch();
	struct ws_policy *p = ws_policy();
	struct inode *inode;
	struct ws_id here = {};

	if (p && t->manager != kind && (ws_is_builder(p, t->manager) || ws_is_builder(p, kind)))
		helper = false;
	if (t->actor != WS_ACTOR_TOOL)
		t->actor = WS_ACTOR_MANAGER;
	t->manager = kind;
	t->flags |= WS_T_MAIN;
	t->event = 0;
	if (scratch) {
		__builtin_memset(&scratch->scope, 0, sizeof(scratch->scope));
		__builtin_memset(scratch->json, 0, sizeof(scratch->json));
		scratch->env.manager = 0;
		if (ws_read_environment(0) & WS_ENV_EVENT)
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

/*
 * A manager in the clone of a git dependency has started this program, which is neither a manager
 * nor a script's. Whether it is the clone's code: it lies there (npm's `git`), or is JavaScript
 * (yarnPath). Git and ssh, which managers start there, are neither. script: as in ws_find_tool().
 */
static __always_inline bool ws_runs_clone(struct task_struct *task, u32 script)
{
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct file *file = script ? (struct file *)ws_find_script() : exe;

	if (!exe)
		return false;
	return (file && ws_is_below_parent((u64)BPF_CORE_READ(file, f_path.dentry))) ||
	       ws_interpreter((u64)exe) == WS_INTERPRETS_JS;
}

/*
 * Called at a successful exec of t, the running task: may change its actor and scope. script: as in
 * ws_find_tool(). Returns kind + 1 of the package manager that this exec started, 0: none.
 */
int ws_classify_exec(struct ws_task *t, u32 script)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_set *set;
	u32 index, kind = 0;
	bool tool;

	if (!t || t->actor == WS_ACTOR_PACKAGE)
		return 0;
	if (t->flags & WS_T_PENDING) {
		t->flags &= ~WS_T_PENDING;
		if (ws_mint(t, task)) {
			/* yarn executes programs without a shell */
			if (t->actor == WS_ACTOR_PROJECT && ws_find_tool(t, script))
				ws_enter_tool(t);
			return 0;
		}
	}
	index = ws_match_argv();
	set = bpf_map_lookup_elem(&sets, &index);
	if (set)
		kind = set->manager;
	/* what a tool starts stays its: a manager whose scripts are not its packages' */
	tool = (t->actor != WS_ACTOR_TOOL || (t->flags & WS_T_TOOLS)) && ws_find_tool(t, script);
	if (tool && !ws_tool_is_manager())
		kind = 0; /* a package that calls its program npm */
	if (kind) {
		/* a dependency can have the name of a manager, and be another package ("pnpm":
		 * "npm:x@1"): while something is installed it may do what tools may */
		if (tool && (t->flags & WS_T_INSTALL)) {
			ws_enter_tool(t);
			t->flags |= WS_T_TOOLS;
		}
		ws_enter_manager(t, task, kind);
		/* in the clone of a git dependency, whose files configure it, every manager that
		 * yarn starts may run the dependency's code, whatever its command is */
		if (!(t->flags & WS_T_CLONE))
			t->flags &= ~WS_T_SHELL;
		if (set && set->shell >> ((kind - 1) & 31) & 1)
			t->flags |= WS_T_SHELL;
		return kind;
	}
	if (t->flags & WS_T_MAIN) {
		/* a main process that executes another program is a manager no more; no manager
		 * does that by itself in a clone */
		t->flags &= ~WS_T_MAIN;
		if (t->flags & WS_T_CLONE)
			t->flags |= WS_T_CLONE_CODE;
		else if (t->actor != WS_ACTOR_TOOL)
			t->actor = t->scope ? WS_ACTOR_PROJECT : WS_ACTOR_JOB;
	}
	if (tool) {
		ws_enter_tool(t);
		t->flags &= ~WS_T_TOOLS;
	}
	if (t->actor == WS_ACTOR_MANAGER && (t->flags & WS_T_CLONE) && ws_runs_clone(task, script))
		t->flags |= WS_T_CLONE_CODE;
	return 0;
}

/* Report the exec of t, the running task. manager: as ws_classify_exec() returns. Returns 0. */
int ws_report_exec(struct ws_task *t, u32 manager)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!t)
		return 0;
	with_record(ws_rec_exec, r, WS_REC_EXEC, sizeof(*r)) {
		struct file *exe = BPF_CORE_READ(task, mm, exe_file);

		ws_head_of_task(&r->head, task, t);
		r->manager = manager;
		r->clone = (t->flags & WS_T_CLONE) != 0;
		r->pad2 = 0;
		r->exe_len = 0;
		r->head.flags = ws_copy_argv(&r->argv, task);
		if (exe)
			r->head.flags |= ws_write_short(r->exe, &r->exe_len,
							BPF_CORE_READ(exe, f_path.mnt),
							BPF_CORE_READ(exe, f_path.dentry), 0);
		else
			r->head.flags |= WS_F_PATH_UNREAD;
	}
	return 0;
}

/*
 * Whether the exec has raised privileges. A script is judged for calling a set-id program, not for
 * what that program then does with its owner's privileges (sudo reads /etc/shadow).
 */
static __always_inline bool ws_has_raised(struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);

	return BPF_CORE_READ(cred, uid.val) &&
	       (BPF_CORE_READ(cred, uid.val) != BPF_CORE_READ(cred, euid.val) ||
		BPF_CORE_READ(cred, gid.val) != BPF_CORE_READ(cred, egid.val));
}

/* ... and whether executing the file will do so. */
static __always_inline bool ws_will_raise(struct task_struct *task, struct file *file)
{
	u32 mode = BPF_CORE_READ(file, f_inode, i_mode);
	const struct cred *cred = BPF_CORE_READ(task, cred);

	if (!(mode & (S_ISUID | S_ISGID)) || !BPF_CORE_READ(cred, uid.val))
		return false;
	if (mode & S_ISUID &&
	    BPF_CORE_READ(file, f_inode, i_uid.val) != BPF_CORE_READ(cred, euid.val))
		return true;
	return (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	       BPF_CORE_READ(file, f_inode, i_gid.val) != BPF_CORE_READ(cred, egid.val);
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct ws_subject s;
	struct file *exe;
	u32 manager, script;

	if (!ws_subject_of(&s, ws_self()))
		return 0;
	__sync_fetch_and_add(&s.session->execs, 1);
	ws_held_runs(s.task); /* from here on the flag says that this exec has minted a script */
	if (ws_condemned(&s)) {
		ws_kill_current(s.task);
		return 0;
	}
	s.task->awaits = 0;
	script = BPF_CORE_READ(bprm, filename) != BPF_CORE_READ(bprm, interp);
	manager = ws_classify_exec(s.task, script);
	ws_take_at_exec(s.task, script);
	ws_take_inside_exec(s.task);
	if (!ws_subject_of(&s, s.task))
		return 0;
	if (ws_condemned(&s)) { /* this script's package was condemned in an earlier one */
		ws_kill_current(s.task);
		return 0;
	}
	ws_report_exec(s.task, manager);
	if (s.task->actor != WS_ACTOR_PACKAGE) /* a package's word does not count */
		ws_note_home(s.task);
	s.task->decision.out.action = WS_ALLOW;
	ws_judge_exec(s.task);
	exe = BPF_CORE_READ(task, mm, exe_file);
	if (exe && s.task->actor == WS_ACTOR_PACKAGE && s.task->decision.out.action < WS_DENY &&
	    ws_is_deleted(exe))
		ws_refuse_unresolved(s.task, WS_OP_EXEC, WS_POWER_KILL_BEFORE);
	if (exe && s.task->actor == WS_ACTOR_PACKAGE && !(s.task->flags & WS_T_DYING) &&
	    ws_has_raised(task)) {
		struct ws_object *o = ws_new_object(s.task);

		o->mnt = BPF_CORE_READ(exe, f_path.mnt);
		o->dentry = BPF_CORE_READ(exe, f_path.dentry);
		ws_judge_path(s.task, WS_OP_PRIVILEGE, WS_POWER_KILL_BEFORE);
	}
	if (s.task->flags & WS_T_DYING)
		ws_sweep(s.task);
	if (s.task->flags & WS_T_HELD && !(s.task->flags & WS_T_DYING) &&
	    s.session->flags & WS_SESSION_ADMITS && s.task->decision.out.action < WS_DENY)
		ws_hold(s.task);
	return 0;
}

/* deny: refuse an executable by its path, before it is loaded. argv is judged by on_exec. */
SEC("?fmod_ret/security_bprm_check")
int WS_DENY_PROG(deny_bprm_check, struct linux_binprm *bprm, int ret)
{
	struct ws_object *o;
	struct ws_task *t = ws_self();
	struct file *file;

	if (ret || !t)
		return ret;
	file = BPF_CORE_READ(bprm, file);
	o = ws_new_object(t);
	o->mnt = BPF_CORE_READ(file, f_path.mnt);
	o->dentry = BPF_CORE_READ(file, f_path.dentry);
	t->decision.out.action = WS_ALLOW;
	ret = ws_judge_path(t, WS_OP_EXEC, WS_POWER_REFUSE);
	if (ret || t->actor != WS_ACTOR_PACKAGE || t->decision.out.action >= WS_DENY)
		return ret;
	if (ws_will_raise(bpf_get_current_task_btf(), file)) {
		o = ws_new_object(t);
		o->mnt = BPF_CORE_READ(file, f_path.mnt);
		o->dentry = BPF_CORE_READ(file, f_path.dentry);
		ret = ws_judge_path(t, WS_OP_PRIVILEGE, WS_POWER_REFUSE);
	}
	if (ret || !ws_is_deleted(file))
		return ret;
	return ws_refuse_unresolved(t, WS_OP_EXEC, WS_POWER_REFUSE);
}

char _license[] SEC("license") = "GPL";
