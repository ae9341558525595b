/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * path.bpf.h - one walk from a kernel object (mount, dentry) up to the root: feeds the path automaton, finds the
 * nearest place, and can be run again to write the path into a record. Never looks at a string of the caller's.
 */
#ifndef WORMSIGN_PATH_BPF_H
#define WORMSIGN_PATH_BPF_H

#include "decide.h"
#include "maps.bpf.h"

/* Components and mounts a walk follows, name chunks included; deeper is "unknown", and unknown is never "no match". */
#define WS_WALK_STEPS 16384

/* Where a walk starts; leaf: a name below dentry that does not exist yet, or NULL. */
struct ws_from {
	struct vfsmount *mnt;
	struct dentry *dentry;
	const char *leaf;
	u32 length;
	u32 pad;
};

struct ws_walk_ctx {
	struct ws_walk *w;
	struct ws_session *session;
	struct ws_scope *scope; /* may be NULL */
};

static __always_inline struct mount *ws_mount_of(struct vfsmount *m)
{
	return (struct mount *)((void *)m - bpf_core_field_offset(struct mount, mnt));
}

#define S_IFMT	 0170000
#define S_IFDIR	 0040000
#define S_IFSOCK 0140000

/*
 * Device and generation: file systems use the number of a deleted inode again at once, and an honest file that got the
 * number of a replaced credential must not inherit its protection. Directories apart from files: an overlay numbers its
 * directories by itself and takes the numbers of files from its layers.
 */
static __always_inline u64 ws_dev_of(struct inode *inode)
{
	u64 directory = (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFDIR;

	return (BPF_CORE_READ(inode, i_sb, s_dev) | (u64)BPF_CORE_READ(inode, i_generation) << 32) ^ directory << 63;
}

static __always_inline void ws_id_of(struct ws_id *id, struct inode *inode)
{
	id->dev = ws_dev_of(inode);
	id->ino = BPF_CORE_READ(inode, i_ino);
}

/*
 * Nothing in a file system leads to it any more: deleted, O_TMPFILE, a memfd under whatever name. Some file systems count
 * no links at all, others keep a live file's name out of the hash: of those each holds one half.
 */
static __always_inline bool ws_is_deleted(struct file *file)
{
	return !BPF_CORE_READ(file, f_inode, i_nlink) && !BPF_CORE_READ(file, f_path.dentry, d_hash.pprev);
}

/* Collect what the automaton accepts at state. */
static __always_inline void ws_collect(struct ws_walk *w, u32 state)
{
	struct ws_row *row = bpf_map_lookup_elem(&rows, &state);
	struct ws_set *set;
	u32 index;

	if (!row || !row->accept)
		return;
	index = row->accept;
	set = bpf_map_lookup_elem(&sets, &index);
	if (!set)
		return;
	ws_mask_or(&w->match, &set->match);
	ws_mask_or(&w->except, &set->except);
	ws_mask_or(&w->exe_match, &set->exe_match);
	ws_mask_or(&w->exe_except, &set->exe_except);
}

static __always_inline u32 ws_next(struct ws_policy *p, u32 automaton, u32 state, u32 symbol)
{
	struct ws_row *row = bpf_map_lookup_elem(&rows, &state);
	u32 class;

	/* 6.1 forgets the bounds of a number that was spilled: they are held again where it is used */
	barrier_var(automaton);
	if (!row || symbol >= WS_SYMBOLS || automaton >= WS_DFA_MAX)
		return 0;
	class = p->class_of[automaton][symbol];
	if (class >= WS_CLASSES)
		return 0;
	return row->next[class];
}

/*
 * Feed n bytes of a chunk to an automaton; returns the state reached. A global function: verified once, by itself,
 * instead of once for every path that leads to it.
 */
WS_GLOBAL u32 ws_feed(struct ws_chunk *c, u32 n, u32 automaton, u32 state)
{
	struct ws_policy *p = ws_policy();
	const u8 *classes;
	const u32 *row;

	if (!p || !c || automaton >= WS_DFA_MAX)
		return 0;
	classes = p->class_of[automaton];
	for (u32 i = 0; i < WS_CHUNK; i++) {
		if (i >= n || !state)
			break;
		row = bpf_map_lookup_elem(&rows, &state);
		if (!row)
			return 0;
		/* next[class]; a class is below WS_CLASSES, and the mask keeps within the row without another branch */
		state = row[classes[(u8)c->bytes[i]] & WS_CLASSES];
	}
	return state;
}

WS_SUB u32 ws_place_of(struct ws_session *s, struct ws_scope *scope, struct dentry *d)
{
	struct inode *inode = BPF_CORE_READ(d, d_inode);
	struct ws_place_key key = {};
	struct ws_id id;
	u32 *place;

	if (!inode)
		return WS_PLACE_ELSEWHERE;
	id.ino = BPF_CORE_READ(inode, i_ino);
	if (scope && scope->actor == WS_ACTOR_PACKAGE) {
		if (id.ino == scope->own.ino || id.ino == scope->modules.ino || id.ino == scope->project.ino) {
			id.dev = ws_dev_of(inode);
			if (id.ino == scope->own.ino && id.dev == scope->own.dev)
				return WS_PLACE_OWN;
			if (id.ino == scope->modules.ino && id.dev == scope->modules.dev)
				return WS_PLACE_MODULES;
			if (id.ino == scope->project.ino && id.dev == scope->project.dev)
				return WS_PLACE_PROJECT;
		}
	}
	if (!(s->place_bloom & (1ULL << (id.ino & 63))))
		return WS_PLACE_ELSEWHERE;
	key.session = s->id;
	key.id.ino = id.ino;
	key.id.dev = ws_dev_of(inode);
	place = bpf_map_lookup_elem(&places, &key);
	return place ? *place : WS_PLACE_ELSEWHERE;
}

/* One step of the walk: cross a mount, enter a component, or feed a chunk of its name. */
static long ws_walk_step(u32 i, struct ws_walk_ctx *c)
{
	struct ws_policy *p = ws_policy();
	struct ws_walk *w = c->w;
	struct dentry *d = w->dentry, *parent;
	struct mount *m = w->mount;
	u32 n;

	if (!p || !d || !m) {
		return 1;
	}
	if (!w->in_name) {
		if (d == BPF_CORE_READ(m, mnt.mnt_root)) {
			struct mount *above = BPF_CORE_READ(m, mnt_parent);
			u32 place;

			if (above != m && above) {
				/* the root of a mount can be a place itself (a home on its own file system) */
				place = ws_place_of(c->session, c->scope, d);
				if (place == WS_PLACE_HOME && w->state)
					ws_collect(w, ws_next(p, WS_DFA_PATH, w->state, WS_SYM_HOME));
				if (place && !w->place)
					w->place = place;
				w->dentry = BPF_CORE_READ(m, mnt_mountpoint);
				w->mount = above;
				return 0;
			}
			/* a copy of a part, mounted nowhere (open_tree), goes by the names of its file system */
			if (d == BPF_CORE_READ(d, d_parent)) {
				if (w->state)
					ws_collect(w, ws_next(p, WS_DFA_PATH, w->state, WS_SYM_ROOT));
				w->done = 1;
				return 1;
			}
		}
		n = ws_place_of(c->session, c->scope, d);
		if (n == WS_PLACE_HOME && w->state)
			ws_collect(w, ws_next(p, WS_DFA_PATH, w->state, WS_SYM_HOME));
		if (n && !w->place)
			w->place = n;
		if (!w->state && w->place) { /* nothing above can change the result */
			w->done = 1;
			return 1;
		}
		w->name = BPF_CORE_READ(d, d_name.name);
		w->left = BPF_CORE_READ(d, d_name.len);
		w->in_name = 1;
	}
	if (w->state && w->left) {
		n = w->left < WS_CHUNK ? w->left : WS_CHUNK;
		barrier_var(n);
		if (n > WS_CHUNK || bpf_probe_read_kernel(&w->chunk, n, w->name) < 0)
			return 1; /* not done: unknown */
		w->state = ws_feed(&w->chunk, n, WS_DFA_PATH, w->state);
		w->left -= n;
		w->name += n;
		if (w->left && w->state)
			return 0;
	}
	if (w->state) {
		w->state = ws_next(p, WS_DFA_PATH, w->state, WS_SYM_END);
		ws_collect(w, w->state);
	}
	w->in_name = 0;
	parent = BPF_CORE_READ(d, d_parent);
	if (parent == d) { /* the root of something not mounted anywhere: memfd, pipe */
		if (w->state)
			ws_collect(w, ws_next(p, WS_DFA_PATH, w->state, WS_SYM_ROOT));
		w->done = 1;
		return 1;
	}
	w->dentry = parent;
	return 0;
}

/*
 * Walk up from there, as seen by a subject. Fills match, except, exe_*, place of w; place is WS_PLACE_UNKNOWN when
 * the walk could not be finished.
 */
WS_SUB int ws_walk(struct ws_walk *w, struct ws_session *session, struct ws_scope *scope, struct ws_from *from)
{
	const char *leaf = from->leaf;
	u32 length = from->length;

	struct ws_walk_ctx c = {.w = w, .session = session, .scope = scope};
	struct ws_policy *p = ws_policy();

	if (!p)
		return 0;
	__builtin_memset(w, 0, __builtin_offsetof(struct ws_walk, chunk));
	w->dentry = from->dentry;
	w->mount = ws_mount_of(from->mnt);
	w->state = p->start[WS_DFA_PATH];
	if (leaf && length) {
		for (u32 at = 0; at < WS_LEAF_MAX; at += WS_CHUNK) {
			u32 n = length - at;

			if (at >= length)
				break;
			w->state = ws_feed((struct ws_chunk *)(leaf + at), n < WS_CHUNK ? n : WS_CHUNK, WS_DFA_PATH, w->state);
		}
		w->state = ws_next(p, WS_DFA_PATH, w->state, WS_SYM_END);
		ws_collect(w, w->state);
	}
	bpf_loop(WS_WALK_STEPS, ws_walk_step, &c, 0);
	if (!w->done)
		w->place = WS_PLACE_UNKNOWN;
	return 0;
}

/* ---- writing a path into a record ---- */

struct ws_write {
	struct dentry *dentry;
	struct mount *mount;
	char *to;
	u32 length;
	u32 cut;
};

/* Cross a mount root: 1 at the very root, 0 crossed (w moved), -1 not at one. */
static __always_inline int ws_write_cross(struct ws_write *w)
{
	struct mount *m = w->mount, *above;

	if (w->dentry != BPF_CORE_READ(m, mnt.mnt_root))
		return -1;
	above = BPF_CORE_READ(m, mnt_parent);
	if (above == m || !above)
		return 1;
	w->dentry = BPF_CORE_READ(m, mnt_mountpoint);
	w->mount = above;
	return 0;
}

/*
 * Write the path of (mnt, dentry) into `to`, components from last to first; returns the WS_F_PATH_ flags and sets
 * *ret_len. Two sizes of room, one body: the verifier wants constant bounds. `to` has limit + 256 bytes.
 */
#define WS_DEFINE_WRITER(writer, limit)                                                              \
	static long writer##_step(u32 i, struct ws_write *w)                                           \
	{                                                                                            \
		struct dentry *d = w->dentry, *parent;                                               \
		u32 at = w->length, n;                                                               \
		int crossed;                                                                         \
                                                                                                     \
		if (!d || !w->mount || !w->to)                                                       \
			return 1;                                                                    \
		crossed = ws_write_cross(w);                                                         \
		if (crossed >= 0)                                                                    \
			return crossed;                                                              \
		n = BPF_CORE_READ(d, d_name.len);                                                    \
		if (n > 254 || at + n + 1 > (limit) || at > (limit)) {                               \
			w->cut = 1;                                                                  \
			return 1;                                                                    \
		}                                                                                    \
		barrier_var(at);                                                                     \
		barrier_var(n);                                                                      \
		if (at > (limit) || n > 254)                                                         \
			return 1;                                                                    \
		if (bpf_probe_read_kernel(w->to + at, n, BPF_CORE_READ(d, d_name.name)) < 0) {       \
			w->cut = 1;                                                                  \
			return 1;                                                                    \
		}                                                                                    \
		at += n;                                                                             \
		w->to[at] = '/';                                                                     \
		w->length = at + 1;                                                                  \
		parent = BPF_CORE_READ(d, d_parent);                                                 \
		if (parent == d)                                                                     \
			return 1;                                                                    \
		w->dentry = parent;                                                                  \
		return 0;                                                                            \
	}                                                                                            \
                                                                                                     \
	static __always_inline u32 writer(char *to, u32 *ret_len, struct vfsmount *mnt, struct dentry *dentry, \
					  u32 start)                                                 \
	{                                                                                            \
		struct ws_write w = {};                                                              \
                                                                                                     \
		w.length = start; /* what stands in `to` already: a leaf */                          \
		w.dentry = dentry;                                                                   \
		w.mount = ws_mount_of(mnt);                                                          \
		w.to = to;                                                                           \
		bpf_loop(4096, writer##_step, &w, 0);                                                  \
		*ret_len = w.length;                                                                 \
		return w.cut ? WS_F_PATH_CUT : 0;                                                    \
	}

#define WS_SHORT_PATH 768
WS_DEFINE_WRITER(ws_write_path, WS_PATH_BYTES)
WS_DEFINE_WRITER(ws_write_short, WS_SHORT_PATH)

#endif
