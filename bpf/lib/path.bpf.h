/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * path.bpf.h - kernel objects behind a path: their identity, the walk that matches a path against
 * the rules (path.bpf.c), and the walk that writes a path into a record. None reads a string of the
 * caller's, which another thread can change.
 */
#ifndef WORMSIGN_PATH_BPF_H
#define WORMSIGN_PATH_BPF_H

#include "lib/maps.bpf.h"

static __always_inline struct mount *ws_mount_of(struct vfsmount *m)
{
	return (struct mount *)((void *)m - bpf_core_field_offset(struct mount, mnt));
}

/* The name that a link of inode.i_dentry belongs to. */
static __always_inline struct dentry *ws_dentry_of(struct hlist_node *alias)
{
	if (bpf_core_field_exists(struct dentry___since_7, d_alias))
		return (void *)alias - bpf_core_field_offset(struct dentry___since_7, d_alias);
	return (void *)alias - bpf_core_field_offset(struct dentry___until_7, d_u.d_alias);
}

/*
 * Device, and in the upper half the inode's generation: file systems reuse the number of a deleted
 * inode at once, and a new file must not inherit the protection of a deleted credential. The top
 * bit tells directories from files: overlayfs numbers directories itself but takes the numbers of
 * files from its layers, so the two can collide.
 */
static __always_inline u64 ws_dev_of(struct inode *inode)
{
	u64 directory = (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFDIR;

	return (BPF_CORE_READ(inode, i_sb, s_dev) | (u64)BPF_CORE_READ(inode, i_generation) << 32) ^
	       directory << 63;
}

static __always_inline void ws_id_of(struct ws_id *id, struct inode *inode)
{
	id->dev = ws_dev_of(inode);
	id->ino = BPF_CORE_READ(inode, i_ino);
}

/*
 * No name in a file system leads to the file: deleted, O_TMPFILE, memfd. Tests for nlink == 0 and
 * an unhashed dentry: some file systems never maintain nlink, others leave live dentries unhashed,
 * so neither suffices alone.
 */
static __always_inline bool ws_is_deleted(struct file *file)
{
	return !BPF_CORE_READ(file, f_inode, i_nlink) &&
	       !BPF_CORE_READ(file, f_path.dentry, d_hash.pprev);
}

/* Fill mnt, dentry, f_mode, in_proc and nameless of t->object from its file.
 * Returns 0. */
int ws_look_at_file(struct ws_task *t);
/* Address of the file behind a descriptor of the running task, 0: none. */
u64 ws_file_at(u32 fd);

/* ... as a pointer. */
static __always_inline struct file *ws_file_of(u32 fd)
{
	return (struct file *)ws_file_at(fd);
}

/*
 * Walk up to the root from t->object's mnt and dentry, after the component t->leaf if the object
 * has one. Fills match, except, exe_match, exe_except, above, except_new, object and places of
 * t->walk; the place is WS_PLACE_UNKNOWN if the walk could not be finished. scope may be NULL.
 * Returns 0.
 */
int ws_walk(struct ws_task *t, struct ws_session *session, struct ws_scope *scope);

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
 * writer(to, ret_len, mnt, dentry, start): write the path of (mnt, dentry) after the first `start`
 * bytes of `to`, components from last to first (struct ws_path). Returns WS_F_PATH_ flags. A macro
 * for two sizes, because the verifier needs constant bounds; `to` has room for limit + 256 bytes.
 */
#define WS_DEFINE_WRITER(writer, limit)                                                        \
	static long writer##_step(u32 i, struct ws_write *w)                                   \
	{                                                                                      \
		struct dentry *d = w->dentry, *parent;                                         \
		u32 at = w->length, n;                                                         \
		int crossed;                                                                   \
                                                                                               \
		if (!d || !w->mount || !w->to)                                                 \
			return 1;                                                              \
		crossed = ws_write_cross(w);                                                   \
		if (crossed >= 0)                                                              \
			return crossed;                                                        \
		n = BPF_CORE_READ(d, d_name.len);                                              \
		if (n > 254 || at + n + 1 > (limit) || at > (limit)) {                         \
			w->cut = 1;                                                            \
			return 1;                                                              \
		}                                                                              \
		barrier_var(at);                                                               \
		barrier_var(n);                                                                \
		if (at > (limit) || n > 254)                                                   \
			return 1;                                                              \
		if (bpf_probe_read_kernel(w->to + at, n, BPF_CORE_READ(d, d_name.name)) < 0) { \
			w->cut = 1;                                                            \
			return 1;                                                              \
		}                                                                              \
		at += n;                                                                       \
		w->to[at] = '/';                                                               \
		w->length = at + 1;                                                            \
		parent = BPF_CORE_READ(d, d_parent);                                           \
		if (parent == d)                                                               \
			return 1;                                                              \
		w->dentry = parent;                                                            \
		return 0;                                                                      \
	}                                                                                      \
                                                                                               \
	static __always_inline u32 writer(char *to, u32 *ret_len, struct vfsmount *mnt,        \
					  struct dentry *dentry, u32 start)                    \
	{                                                                                      \
		struct ws_write w = {};                                                        \
                                                                                               \
		*ret_len = start; /* bytes of `to` that are written already */                 \
		/* from memory: before 6.7 the verifier would take a constant for what */      \
		/* it is in every step, and remove the check against the limit */              \
		w.length = *(volatile u32 *)ret_len;                                           \
		w.dentry = dentry;                                                             \
		w.mount = ws_mount_of(mnt);                                                    \
		w.to = to;                                                                     \
		bpf_loop(4096, writer##_step, &w, 0);                                          \
		*ret_len = w.length;                                                           \
		return w.cut ? WS_F_PATH_CUT : 0;                                              \
	}

#define WS_SHORT_PATH 768
WS_DEFINE_WRITER(ws_write_path, WS_PATH_BYTES)
WS_DEFINE_WRITER(ws_write_short, WS_SHORT_PATH)

#endif
