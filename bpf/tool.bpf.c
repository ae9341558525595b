// SPDX-License-Identifier: GPL-2.0-only
/* tool.bpf.c - see tool.bpf.h. */
#include "tool.bpf.h"

#include "links.bpf.h"
#include "scope.bpf.h"

#include "lib/automaton.bpf.h"
#include "lib/dirs.bpf.h"
#include "lib/try.bpf.h"

struct ws_tool_ctx {
	struct ws_task *t;
	struct ws_scratch *s;
};

/* ---- what was executed ---- */

/* Where a struct file has what puts it on a task's list. */
static __always_inline u64 ws_work_offset(void)
{
	if (bpf_core_field_exists(struct file___since_6_9, f_task_work))
		return bpf_core_field_offset(struct file___since_6_9, f_task_work);
	return bpf_core_field_offset(struct file___until_6_9, f_rcuhead);
}

/* See whether the next entry of the list is a file that an exec had opened; the last one stays. */
static long ws_work_step(u32 i, struct ws_tool_ctx *c)
{
	struct ws_scratch *s = c->s;
	struct callback_head *work;
	struct inode *inode;
	struct file *file;

	if (!s)
		return 1;
	work = s->tool.work;
	if (!work)
		return 1;
	s->tool.work = BPF_CORE_READ(work, next);
	file = (void *)work - ws_work_offset();
	/* no other file has this flag, and what is no file has no such inode */
	if (!(BPF_CORE_READ(file, f_flags) & FMODE_EXEC))
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	if (inode && BPF_CORE_READ(file, f_path.dentry, d_inode) == inode)
		s->tool.script = file;
	return 0;
}

/*
 * The script that the running exec was asked to execute, NULL: not found. The kernel has
 * replaced it by its interpreter and let it go, but that is carried out only when the call returns:
 * until then the file is on the task's list of things to do, behind all that were let go since.
 */
static __always_inline struct file *ws_script_of(struct ws_scratch *s)
{
	struct ws_tool_ctx c = { .s = s };

	s->tool.script = NULL;
	s->tool.work = BPF_CORE_READ(bpf_get_current_task_btf(), task_works);
	bpf_loop(65536, ws_work_step, &c, 0);
	return s->tool.script;
}

u64 ws_find_script(void)
{
	struct ws_scratch *s = ws_scratch();

	return s ? (u64)ws_script_of(s) : 0;
}

/* The directories above (mnt, dentry). Returns whether it lies in a node_modules, but for that of a
 * toolchain, and of a prefix that is no project (/usr/local/lib/node_modules). */
static __always_inline bool ws_in_modules(struct ws_task *t, struct ws_scratch *s,
					  struct vfsmount *mnt, struct dentry *dentry)
{
	struct ws_dirs *w = &s->dirs;
	struct dentry *above;
	u32 word = 0;

	__builtin_memset(w, 0, sizeof(*w));
	w->d = dentry;
	w->m = ws_mount_of(mnt);
	w->project = t->project;
	w->key.session = t->session;
	ws_find_dirs();
	s->tool.mnt = mnt;
	above = w->modules;
	if (!above || w->installed)
		return false;
	if (w->inside)
		return true;
	above = BPF_CORE_READ(above, d_parent);
	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(&word, sizeof(word), BPF_CORE_READ(above, d_name.name)));
	return BPF_CORE_READ(above, d_name.len) != 3 || word != ('l' | 'i' << 8 | 'b' << 16);
}

/* Whether the walk has come through a .bin in a node_modules. */
static __always_inline bool ws_in_bin(const struct ws_scratch *s)
{
	struct dentry *name = s->dirs.name;
	u64 word = 0;

	if (!name)
		return false;
	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(&word, sizeof(word), BPF_CORE_READ(name, d_name.name)));
	return word == ('.' | 'b' << 8 | 'i' << 16 | 'n' << 24);
}

/* Fill scratch's scope by the package that (mnt, dentry) lies in. Global: verified once, for a
 * program, a script, and a working directory. Returns whether there is one. */
int ws_tool_at(struct ws_task *t, u64 mnt, u64 dentry)
{
	struct ws_scratch *s = ws_scratch();
	struct dentry *own, *name;
	struct inode *inode;

	if (!t || !s || !dentry)
		return 0;
	if (!ws_in_modules(t, s, (struct vfsmount *)mnt, (struct dentry *)dentry))
		return 0;
	__builtin_memset(&s->scope, 0, sizeof(s->scope));
	if (!ws_name_of_dirs()) {
		if (ws_in_bin(s))
			t->flags |= WS_T_SHIM;
		return 0;
	}
	own = ws_package_dir(s);
	inode = BPF_CORE_READ(own, d_inode);
	ws_id_of(&s->scope.own, inode);
	name = s->dirs.name;
	inode = BPF_CORE_READ(name, d_parent, d_inode);
	ws_id_of(&s->scope.holder, inode);
	own = s->dirs.modules;
	inode = BPF_CORE_READ(own, d_inode);
	ws_id_of(&s->scope.modules, inode);
	inode = BPF_CORE_READ(own, d_parent, d_inode);
	ws_id_of(&s->scope.project, inode);
	s->scope.flags = WS_SCOPE_NAMED;
	return 1;
}

/* ---- what an interpreter is told to run ---- */

int ws_interpreter(u64 exe)
{
	struct dentry *dentry = BPF_CORE_READ((struct file *)exe, f_path.dentry);
	struct ws_chunk name = {};

	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(name.bytes, 16, BPF_CORE_READ(dentry, d_name.name)));
	if (WS_HAS_PREFIX(name.bytes, "sh\0") || WS_HAS_PREFIX(name.bytes, "bash") ||
	    WS_HAS_PREFIX(name.bytes, "dash") || WS_HAS_PREFIX(name.bytes, "busybox") ||
	    WS_HAS_PREFIX(name.bytes, "zsh") || WS_HAS_PREFIX(name.bytes, "ksh") ||
	    WS_HAS_PREFIX(name.bytes, "mksh") || WS_HAS_PREFIX(name.bytes, "ash\0") ||
	    WS_HAS_PREFIX(name.bytes, "fish\0") || WS_HAS_PREFIX(name.bytes, "csh\0") ||
	    WS_HAS_PREFIX(name.bytes, "tcsh") || WS_HAS_PREFIX(name.bytes, "toybox"))
		return WS_INTERPRETS_SHELL;
	/* npm's package installs bun as bun.exe */
	if (WS_HAS_PREFIX(name.bytes, "node") || WS_HAS_PREFIX(name.bytes, "bun\0") ||
	    WS_HAS_PREFIX(name.bytes, "bun.") || WS_HAS_PREFIX(name.bytes, "bun-") ||
	    WS_HAS_PREFIX(name.bytes, "deno") || WS_HAS_PREFIX(name.bytes, "electron"))
		return WS_INTERPRETS_JS;
	if (WS_HAS_PREFIX(name.bytes, "python") || WS_HAS_PREFIX(name.bytes, "perl") ||
	    WS_HAS_PREFIX(name.bytes, "ruby") || WS_HAS_PREFIX(name.bytes, "php") ||
	    WS_HAS_PREFIX(name.bytes, "lua") || WS_HAS_PREFIX(name.bytes, "tclsh") ||
	    WS_HAS_PREFIX(name.bytes, "pwsh") || WS_HAS_PREFIX(name.bytes, "expect") ||
	    WS_HAS_PREFIX(name.bytes, "ld-linux") || WS_HAS_PREFIX(name.bytes, "ld-musl"))
		return WS_INTERPRETS;
	return 0;
}

/* 1 if the bytes are equal, else 0; without a branch, which in a loop doubles the verifier's paths.
 */
static __always_inline u32 ws_equal(u8 a, u8 b)
{
	return ((u32)(a ^ b) - 1) >> 31;
}

/* Whether the word is an option after which the program's text follows: -c, node -e, --eval. */
static __always_inline bool ws_is_inline(const char *word, u32 shell)
{
	u32 found = 0, others = !shell;

	if (word[1] == '-')
		return WS_HAS_PREFIX(word, "--eval") || WS_HAS_PREFIX(word, "--print");
	for (u32 i = 1, within = 1; i < 8; i++) {
		within &= 1 - ws_equal(word[i], 0);
		found |= within & (ws_equal(word[i], 'c') |
				   (others & (ws_equal(word[i], 'e') | ws_equal(word[i], 'p'))));
	}
	return found;
}

/* Whether the word is an option of node that names what is run before the program. */
static __always_inline bool ws_is_preload(const char *word)
{
	return WS_HAS_PREFIX(word, "-r") || WS_HAS_PREFIX(word, "--require") ||
	       WS_HAS_PREFIX(word, "--import") || WS_HAS_PREFIX(word, "--loader") ||
	       WS_HAS_PREFIX(word, "--experimental-loader") || WS_HAS_PREFIX(word, "--preload");
}

/* Look at the next word of argv. */
static long ws_word_step(u32 i, struct ws_tool_ctx *c)
{
	struct ws_scratch *s = c->s;
	struct ws_task *t = c->t;
	struct ws_command_link *k;
	u32 from;
	long n;

	if (!t || !s || s->tool.at >= s->tool.end)
		return 1;
	k = &t->command_link;
	__builtin_memset(k, 0, sizeof(*k));
	n = bpf_probe_read_user_str(k->text, sizeof(k->text), (void *)s->tool.at);
	if (n <= 0)
		return 1;
	s->tool.at += n;
	if (!i)
		return 0;
	if (!s->tool.any && k->text[0] == '-' && k->text[1]) {
		s->tool.loads |= ws_is_preload(k->text);
		return ws_is_inline(k->text, s->tool.shell);
	}
	t->awaits = !s->tool.any && !s->tool.shell && !s->tool.loads;
	ws_find_owner(t);
	from = k->from & (WS_COMMAND_TEXT - 1);
	s->tool.here = !from && k->text[0] != '/' && !(k->text[0] == '.' && k->text[1] == '.');
	if (!from || k->installed)
		return !s->tool.any;
	/* what a manager's script in .bin executes */
	if (from < WS_COMMAND_TEXT - 8 && WS_HAS_PREFIX(k->text + from, ".bin/../"))
		k->from = from + 8;
	s->tool.found = 1;
	return 1;
}

/* A path in argv that passes a node_modules: the program that an interpreter is to run, or (any)
 * whatever. Fills scratch's scope. */
int ws_tool_in_argv(struct ws_task *t, u32 any, u32 shell)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_scratch *s = ws_scratch();
	struct ws_tool_ctx c = { .t = t, .s = s };
	const char *name;

	if (!t || !s)
		return 0;
	s->tool.at = BPF_CORE_READ(task, mm, arg_start);
	s->tool.end = BPF_CORE_READ(task, mm, arg_end);
	s->tool.found = s->tool.here = s->tool.loads = 0;
	s->tool.any = any;
	s->tool.shell = shell;
	bpf_loop(64, ws_word_step, &c, 0);
	if (!s->tool.found) /* cd node_modules/x && node cli.js */
		return s->tool.here && !any &&
		       ws_tool_at(t, (u64)BPF_CORE_READ(task, fs, pwd.mnt),
				  (u64)BPF_CORE_READ(task, fs, pwd.dentry));
	ws_read_owner(t);
	if (!t->command_link.owner[0])
		return 0;
	__builtin_memset(&s->scope, 0, sizeof(s->scope));
	name = t->command_link.owner;
	if (name[0] == '.') /* .bin/x, a command: whose it is is not known */
		name = t->command_link.text + (t->command_link.from & (WS_COMMAND_TEXT - 1));
	else
		s->scope.flags = WS_SCOPE_NAMED;
	ws_try(PACKAGE_NAME, bpf_probe_read_kernel_str(s->scope.name, sizeof(s->scope.name), name));
	s->tool.mnt = NULL;
	return 1;
}

int ws_find_tool(struct ws_task *t, u32 script)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *exe = BPF_CORE_READ(task, mm, exe_file), *file;
	struct ws_scratch *s = ws_scratch();
	u32 shim, runs;

	if (!t || !s || !exe)
		return 0;
	shim = t->flags & WS_T_SHIM;
	t->flags &= ~WS_T_SHIM;
	file = script ? ws_script_of(s) : NULL;
	if (file && ws_tool_at(t, (u64)BPF_CORE_READ(file, f_path.mnt),
			       (u64)BPF_CORE_READ(file, f_path.dentry)))
		return 1;
	if (ws_tool_at(t, (u64)BPF_CORE_READ(exe, f_path.mnt),
		       (u64)BPF_CORE_READ(exe, f_path.dentry)))
		return 1;
	runs = ws_interpreter((u64)exe);
	if (script || (!runs && !shim))
		return 0;
	return ws_tool_in_argv(t, shim != 0, runs == WS_INTERPRETS_SHELL);
}

int ws_tool_is_manager(void)
{
	struct ws_scratch *s = ws_scratch();
	const char *name;

	if (!s)
		return 0;
	name = s->scope.name;
	return name[0] == '.' || WS_HAS_PREFIX(name, "npm\0") || WS_HAS_PREFIX(name, "pnpm\0") ||
	       WS_HAS_PREFIX(name, "yarn\0") || WS_HAS_PREFIX(name, "bun\0") ||
	       WS_HAS_PREFIX(name, "corepack\0") || WS_HAS_PREFIX(name, "npx\0") ||
	       WS_HAS_PREFIX(name, "@pnpm/") || WS_HAS_PREFIX(name, "@yarnpkg/") ||
	       WS_HAS_PREFIX(name, "@oven/");
}

/* ---- its scope ---- */

/* Describe the scope in scratch, a tool's, by the script of the project that t belongs to. Global:
 * verified once. Returns 0. */
int ws_describe_tool(struct ws_task *t)
{
	struct ws_scratch *s = ws_scratch();
	struct ws_policy *p = ws_policy();
	struct ws_session *session;
	struct ws_scope *script;
	struct ws_set *set;
	u32 index;
	u64 id;

	if (!t || !s || !p)
		return 0;
	s->scope.session = id = t->session;
	session = bpf_map_lookup_elem(&sessions, &id);
	s->scope.actor = WS_ACTOR_TOOL;
	s->scope.started = t->started;
	s->scope.pid = bpf_get_current_pid_tgid() >> 32;
	s->scope.manager = t->manager ? t->manager - 1 : 0;
	id = t->script;
	script = bpf_map_lookup_elem(&scopes, &id);
	if (script)
		ws_try(SCOPE_RECORD, bpf_probe_read_kernel(s->scope.event, sizeof(s->scope.event),
							   script->event));
	if (!(t->flags & WS_T_INSTALL) && session && !(session->flags & WS_SESSION_TOOLS))
		s->scope.flags |= WS_SCOPE_AUDIT;
	index = s->scope.flags & WS_SCOPE_NAMED ? ws_match_name(s) : 0;
	set = bpf_map_lookup_elem(&sets, &index);
	s->scope.package = p->any_package;
	if (set)
		ws_met(&s->scope.package, &p->any_package, &set->match, &set->except);
	for (u32 i = 0; i < WS_MASK_WORDS; i++)
		s->scope.package.w[i] &= t->flags & WS_T_INSTALL
						 ? p->by_event[WS_EVENT_INSTALL].w[i]
						 : p->by_event[WS_EVENT_OTHER].w[i];
	__builtin_memset(&s->tool_key, 0, sizeof(s->tool_key));
	s->tool_key.name.session = t->session;
	ws_try(PACKAGE_NAME,
	       bpf_probe_read_kernel_str(s->tool_key.name.name, sizeof(s->tool_key.name.name),
					 s->scope.name));
	s->tool_key.event = (u64)(t->flags & WS_T_INSTALL) << 32 | ws_event_hash();
	return 0;
}

int ws_enter_tool(struct ws_task *t)
{
	struct ws_scratch *s = ws_scratch();
	u64 *known, *next, id = 0;
	u32 zero = 0;

	if (!t || !s)
		return 0;
	ws_describe_tool(t);
	t->not_condemned = 0; /* its new scope may be */
	known = bpf_map_lookup_elem(&tool_scopes, &s->tool_key);
	if (known) {
		id = *known;
	} else {
		next = bpf_map_lookup_elem(&serial, &zero);
		if (next)
			id = __sync_fetch_and_add(next, 1) + 1;
		s->scope.id = s->scope.family = id;
		if (!id || bpf_map_update_elem(&scopes, &id, &s->scope, BPF_NOEXIST) ||
		    bpf_map_update_elem(&tool_scopes, &s->tool_key, &id, BPF_ANY)) {
			ws_count_lost(WS_LOST_SCOPE);
			ws_try(KILL_NO_SCOPE, bpf_send_signal(SIGKILL));
			return 0;
		}
	}
	t->actor = WS_ACTOR_TOOL;
	t->scope = t->script = id;
	ws_note_process(t, bpf_get_current_pid_tgid() >> 32);
	if (!known)
		ws_report_scope(t, s->scope.flags & WS_SCOPE_NAMED ? WS_F_NAME_FROM_DIR : 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
