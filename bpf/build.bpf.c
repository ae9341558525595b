// SPDX-License-Identifier: GPL-2.0-only
/* build.bpf.c - see build.bpf.h. */
#include "build.bpf.h"

#include "lib/automaton.bpf.h"
#include "lib/dirs.bpf.h"
#include "lib/subject.bpf.h"
#include "lib/try.bpf.h"

struct ws_build_ctx {
	struct ws_scratch *s;
	const struct ws_builder *b;
	u32 manager; /* kind + 1 */
	u32 pad;
};

/* Read a name into scratch, so that ws_begins() can compare it. */
static __always_inline void ws_read_word(struct ws_build *w, struct dentry *d)
{
	__builtin_memset(w->word, 0, sizeof(w->word));
	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(w->word, sizeof(w->word), BPF_CORE_READ(d, d_name.name)));
}

/* ---- a manager's mark ---- */

#define WS_NAMES_MAX (1u << 20) /* that are looked at in a directory */

/* See whether the next name in a directory is the mark of a file that exists. */
static long ws_name_step(u32 i, struct ws_build_ctx *c)
{
	const struct ws_builder *b = c->b;
	struct ws_scratch *s = c->s;
	struct inode *inode;
	struct dentry *d;
	u64 offset;

	if (!s || !b || !s->build.entry || s->build.entry == s->build.last)
		return 1;
	offset = bpf_core_field_exists(struct dentry___since_6_8, d_sib)
			 ? bpf_core_field_offset(struct dentry___since_6_8, d_sib)
			 : bpf_core_field_offset(struct dentry___until_6_7, d_child);
	d = (struct dentry *)(s->build.entry - offset);
	ws_read_word(&s->build, d);
	inode = BPF_CORE_READ(d, d_inode);
	if (ws_begins(&b->mark, s->build.word) && inode &&
	    (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFREG) {
		s->build.marked = 1;
		return 1;
	}
	/* next is the first member of both kinds of lists */
	if (bpf_probe_read_kernel(&s->build.entry, sizeof(u64), (void *)s->build.entry))
		s->build.entry = 0;
	return 0;
}

/*
 * Whether there is a file with the manager's mark in a directory (struct dentry *). The manager has
 * just looked for it, so that the kernel knows its name. Global: verified once.
 */
__noinline int ws_look_for_mark(u64 directory, u32 manager)
{
	struct ws_scratch *s = ws_scratch();
	struct ws_policy *p = ws_policy();
	struct ws_build_ctx c = { .s = s };
	u64 list;

	if (!s || !p || !directory)
		return 0;
	c.b = &p->builders[(manager - 1) & (WS_MANAGERS_MAX - 1)];
	list = directory + (bpf_core_field_exists(struct dentry___since_6_8, d_children)
				    ? bpf_core_field_offset(struct dentry___since_6_8, d_children)
				    : bpf_core_field_offset(struct dentry___until_6_7, d_subdirs));
	s->build.last = list;
	s->build.entry = 0;
	bpf_probe_read_kernel(&s->build.entry, sizeof(u64), (void *)list);
	/* more names than are looked at: as if one were the mark, so that nobody hides it by them
	 */
	if (bpf_loop(WS_NAMES_MAX, ws_name_step, &c, 0) >= WS_NAMES_MAX)
		s->build.marked = 1;
	return 0;
}

/* ---- directories ---- */

/* Whether directory d is the project's, or one of those that the session knows as projects. */
static __always_inline bool ws_is_project(struct ws_scratch *s, struct dentry *d)
{
	struct ws_place_key *key = &s->dirs.key;
	struct inode *inode = BPF_CORE_READ(d, d_inode);
	u32 *known;

	if (!inode)
		return false;
	ws_id_of(&key->id, inode);
	if (ws_same_id(&key->id, &s->dirs.project) || ws_same_id(&key->id, &s->dirs.manager_at))
		return true;
	known = bpf_map_lookup_elem(&places, key);
	return known && (*known & WS_PLACE_BIT(WS_PLACE_PROJECT));
}

/* Look for the manager's mark, up to the project's directory. */
static long ws_marked_step(u32 i, struct ws_build_ctx *c)
{
	struct ws_scratch *s = c->s;
	struct dentry *d, *parent;

	if (!s)
		return 1;
	d = s->build.d;
	if (!d || ws_is_project(s, d))
		return 1;
	ws_look_for_mark((u64)d, c->manager);
	parent = BPF_CORE_READ(d, d_parent);
	s->build.d = parent;
	return s->build.marked || parent == d;
}

/* Look for a directory that holds those of packages. */
static long ws_holder_step(u32 i, struct ws_build_ctx *c)
{
	const struct ws_builder *b = c->b;
	struct ws_scratch *s = c->s;
	struct dentry *d, *parent;

	if (!s || !b)
		return 1;
	d = s->build.d;
	if (!d)
		return 1;
	ws_read_word(&s->build, d);
	if (ws_begins(&b->holder, s->build.word)) {
		s->build.package = s->build.child;
		return 1;
	}
	parent = BPF_CORE_READ(d, d_parent);
	s->build.child = d;
	s->build.d = parent;
	return parent == d;
}

/* Look for a directory that programs of builds lie in. */
static long ws_output_step(u32 i, struct ws_build_ctx *c)
{
	const struct ws_builder *b = c->b;
	struct ws_scratch *s = c->s;
	struct dentry *d;

	if (!s || !b)
		return 1;
	d = s->build.d;
	if (!d || BPF_CORE_READ(d, d_parent) == d) {
		s->build.d = NULL;
		return 1;
	}
	s->build.d = BPF_CORE_READ(d, d_parent);
	ws_read_word(&s->build, d);
	return ws_begins(&b->output, s->build.word);
}

/*
 * Make the directory in which the manager puts what it builds a cache: scripts write there what
 * they make, also over what an earlier run has made. d: a directory two above it. What is a place
 * already stays what it is.
 */
static __always_inline void ws_note_output(struct ws_task *t, struct ws_scratch *s)
{
	u32 cache = WS_PLACE_BIT(WS_PLACE_CACHE);
	struct ws_place_key *key = &s->dirs.key;
	struct dentry *d = s->build.d;
	struct ws_session *session;
	struct inode *inode;
	u64 id = t->session;

	if (!d)
		return;
	d = BPF_CORE_READ(d, d_parent);
	inode = BPF_CORE_READ(d, d_inode);
	session = bpf_map_lookup_elem(&sessions, &id);
	if (!inode || !session || BPF_CORE_READ(d, d_parent) == d)
		return;
	key->session = t->session;
	ws_id_of(&key->id, inode);
	if (bpf_map_lookup_elem(&places, key) ||
	    ws_try_new(PLACE, bpf_map_update_elem(&places, key, &cache, BPF_NOEXIST)))
		return;
	__sync_fetch_and_or(&session->place_bloom[(key->id.ino >> 6) & (WS_BLOOM_WORDS - 1)],
			    1ULL << (key->id.ino & 63));
	__sync_fetch_and_add(&ws_places_version, 1);
}

/* Whether the package at cwd is the project itself, or part of it. */
static __always_inline bool ws_builds_project(struct ws_task *t, struct ws_scratch *s,
					      const struct ws_builder *b, struct dentry *cwd)
{
	struct ws_build_ctx c = { .s = s, .b = b, .manager = t->manager };
	struct ws_dirs *w = &s->dirs;

	if (t->flags & WS_T_CLONE)
		return false;
	if (ws_same_id(&s->scope.own, &w->project) || ws_same_id(&s->scope.own, &w->manager_at) ||
	    ws_is_above_manager((u64)cwd))
		return true;
	if (!b->members || !w->inside || w->aside)
		return false;
	s->build.d = cwd;
	bpf_loop(64, ws_marked_step, &c, 0);
	return !s->build.marked;
}

__noinline u32 ws_find_build(struct ws_task *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_scratch *s = ws_scratch();
	struct ws_policy *p = ws_policy();
	struct ws_build_ctx c = { .s = s };
	const struct ws_builder *b;
	struct dentry *cwd, *own;
	struct inode *inode;
	struct ws_set *set;
	struct ws_dirs *w;
	bool sets_up = false;
	u32 index, kind;
	u64 name;

	if (!t || !s || !p)
		return 0;
	kind = (t->manager - 1) & (WS_MANAGERS_MAX - 1);
	b = &p->builders[kind];
	c.b = b;
	own = cwd = BPF_CORE_READ(task, fs, pwd.dentry);
	s->build.package = s->build.child = NULL;
	s->build.marked = 0;
	if (b->holder.length) {
		s->build.d = cwd;
		bpf_loop(4096, ws_holder_step, &c, 0);
		own = s->build.package;
		if (!own || ws_is_above_manager((u64)own))
			return 0;
	} else {
		index = ws_match_argv();
		set = bpf_map_lookup_elem(&sets, &index);
		if (!set || !(set->builds >> kind & 1))
			return 0;
		sets_up = set->sets_up >> kind & 1;
	}
	__builtin_memset(&s->scope, 0, sizeof(s->scope));
	__builtin_memset(s->json, 0, sizeof(s->json));
	ws_read_environment(t->manager);
	if (sets_up)
		s->build.event = WS_EVENT_SETUP;
	ws_try(SCOPE_RECORD, bpf_probe_read_kernel(s->scope.event, sizeof(s->scope.event),
						   sets_up ? b->setup : b->event));
	inode = BPF_CORE_READ(own, d_inode);
	if (inode)
		ws_id_of(&s->scope.own, inode);
	/* temporary directories come and go, and their numbers with them */
	ws_read_word(&s->build, own);
	name = s->build.word[0] ^ s->build.word[1] ^ s->build.word[2];
	s->build.salt = ws_script_hash() ^ ((u32)(name ^ name >> 32) << 1);
	w = &s->dirs;
	__builtin_memset(w, 0, sizeof(*w));
	w->d = cwd;
	w->m = ws_mount_of(BPF_CORE_READ(task, fs, pwd.mnt));
	w->project = t->project;
	ws_manager_is_at(&w->manager_at);
	w->key.session = t->session;
	ws_find_dirs();
	if (b->output.length) {
		s->build.d = BPF_CORE_READ(task, mm, exe_file, f_path.dentry);
		bpf_loop(16, ws_output_step, &c, 0);
		ws_note_output(t, s);
	}
	if (!ws_builds_project(t, s, b, cwd))
		return WS_ACTOR_PACKAGE;
	if (t->actor == WS_ACTOR_TOOL)
		return 0; /* a manager that a tool has started runs this for it */
	t->flags |= WS_T_INSTALL;
	s->scope.project = t->project;
	return WS_ACTOR_PROJECT;
}

char _license[] SEC("license") = "GPL";
