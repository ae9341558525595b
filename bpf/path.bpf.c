// SPDX-License-Identifier: GPL-2.0-only
/*
 * path.bpf.c - one walk from a kernel object (mount, dentry) up to the root: feeds the path
 * automaton and finds the nearest place.
 */
#include "lib/path.bpf.h"

#include "lib/automaton.bpf.h"
#include "lib/subject.bpf.h"

/*
 * Components, mounts and name chunks that a walk follows. The place of what lies deeper is
 * WS_PLACE_UNKNOWN, which never means "no rule matches".
 */
#define WS_WALK_STEPS 16384

/*
 * Read a field of a kernel object that a walk has reached. The kfunc bpf_rdonly_cast (since 6.2) is
 * a mere move for the verifier: the field is then one load instead of a helper call, which takes 10
 * times as long, and a walk reads some eight fields a component. A fault in such a load reads 0.
 * Only this object declares the kfunc: bpftool of libbpf before 1.5 cannot link two that do.
 */
extern void *bpf_rdonly_cast(const void *obj, __u32 type) __ksym __weak;

#define WS_TYPED(pointer) \
	((typeof(pointer))bpf_rdonly_cast((pointer), bpf_core_type_id_kernel(typeof(*(pointer)))))
#define WS_GET(pointer, field)                                    \
	({                                                        \
		typeof((pointer)->field) ws_value;                \
		if (bpf_rdonly_cast)                              \
			ws_value = WS_TYPED(pointer)->field;      \
		else                                              \
			ws_value = BPF_CORE_READ(pointer, field); \
		ws_value;                                         \
	})

enum { WS_NAME_BEGINS = 1, WS_NAME_GOES_ON };

struct ws_walk_ctx {
	struct ws_walk *w;
	struct ws_session *session;
	struct ws_scope *scope;	 /* may be NULL */
	struct ws_scope *family; /* that it belongs to; may be NULL */
	struct dentry *object,
		*at_name; /* the object itself; the same if it is judged by its name */
};

/* As ws_dev_of(). */
static __always_inline u64 ws_get_dev(struct inode *inode)
{
	u64 directory = (WS_GET(inode, i_mode) & S_IFMT) == S_IFDIR;
	struct super_block *sb = WS_GET(inode, i_sb);

	return (WS_GET(sb, s_dev) | (u64)WS_GET(inode, i_generation) << 32) ^ directory << 63;
}

/* Places that the directory w->dentry itself is, as ws_place_entry.places. 0: none. What the rules
 * say of all below it is added to w. Global: inside a walk it would be verified for each path. */
u32 ws_places_of(struct ws_walk *w, struct ws_session *s, struct ws_scope *scope,
		 struct ws_scope *family)
{
	struct ws_place_key key = {};
	u32 *place, found = 0;
	struct ws_known *known;
	struct dentry *d;
	struct inode *inode;
	u64 *creator, ino;

	if (!w || !s)
		return 0;
	d = w->dentry; /* CO-RE would relocate a field of ours, too */
	if (!d)
		return 0;
	inode = WS_GET(d, d_inode);
	if (!inode)
		return 0;
	ino = WS_GET(inode, i_ino);
	key.session = s->id;
	key.id.ino = ino;
	if (scope && scope->actor == WS_ACTOR_PACKAGE) {
		if (ino == scope->own.ino || ino == scope->modules.ino ||
		    ino == scope->project.ino) {
			key.id.dev = ws_get_dev(inode);
			if (ino == scope->own.ino && key.id.dev == scope->own.dev)
				found |= WS_PLACE_BIT(WS_PLACE_OWN);
			if (ino == scope->modules.ino && key.id.dev == scope->modules.dev)
				found |= WS_PLACE_BIT(WS_PLACE_MODULES);
			if (ino == scope->project.ino && key.id.dev == scope->project.dev)
				found |= WS_PLACE_BIT(WS_PLACE_PROJECT);
		}
		if (family && ws_bloom_has(family->created_bloom, ino)) {
			key.id.dev = ws_get_dev(inode);
			creator = bpf_map_lookup_elem(&created, &key);
			if (creator && *creator == scope->family)
				found |= WS_PLACE_BIT(WS_PLACE_MADE);
			else if (creator && *creator == (scope->family | WS_CREATED_GUARDED))
				found |= WS_PLACE_BIT(WS_PLACE_GUARDED);
		}
	}
	if (!ws_bloom_has(s->place_bloom, ino))
		return found;
	key.id.dev = ws_get_dev(inode);
	known = bpf_map_lookup_elem(&identities, &key);
	if (known) {
		ws_mask_or(&w->match, &known->match);
		ws_mask_or(&w->except, &known->except);
	}
	place = bpf_map_lookup_elem(&places, &key);
	return place ? found | *place : found;
}

/*
 * Read the next bytes of a component's name into w->chunk. Returns how many, 0: unreadable. The
 * first bytes distinguish most names from all that rules name, so the first 8 are read by one load;
 * if that crosses into unmapped memory it reads 0, with which no name begins.
 */
static __always_inline u32 ws_read_name(struct ws_walk *w)
{
	u32 n = w->left;

	if (bpf_rdonly_cast && w->in_name == WS_NAME_BEGINS) {
		struct hlist_head *word = (struct hlist_head *)w->name;

		w->in_name = WS_NAME_GOES_ON;
		*(u64 *)w->chunk.bytes = (u64)WS_TYPED(word)->first;
		/* from memory: in a register it is a pointer to the verifier */
		if (*(volatile char *)w->chunk.bytes)
			return n < sizeof(u64) ? n : sizeof(u64);
	}
	if (n > WS_CHUNK)
		n = WS_CHUNK;
	barrier_var(n);
	if (n > WS_CHUNK || bpf_probe_read_kernel(&w->chunk, n, w->name) < 0)
		return 0;
	return n;
}

/* The walk has come to directory d: see whether it is a place. */
static __always_inline void ws_enter_place(struct ws_walk_ctx *c, struct ws_policy *p,
					   struct dentry *d)
{
	u32 places = ws_places_of(c->w, c->session, c->scope, c->family);
	struct ws_walk *w = c->w;

	if ((places & WS_PLACES_TILDE) && w->state)
		ws_collect(w, ws_next(p, WS_DFA_PATH, w->state, WS_SYM_HOME));
	places &= ~WS_PLACES_TILDE;
	/* what a package made is its own under the name that it has: moving it to another one is
	 * judged by where that is */
	if ((places & WS_PLACES_MADE) && c->at_name == d)
		places &= ~WS_PLACES_MADE;
	/* the directory itself it may remove again */
	if ((places & WS_PLACE_BIT(WS_PLACE_GUARDED)) && c->object == d)
		places ^= WS_PLACES_MADE;
	if (w->places || !places)
		return;
	if (w->in_modules && (places & WS_PLACE_BIT(WS_PLACE_PROJECT)))
		places ^= WS_PLACE_BIT(WS_PLACE_PROJECT) | WS_PLACE_BIT(WS_PLACE_MODULES);
	w->places = places;
}

/*
 * Note that d, which the walk leaves, is a node_modules: what lies in it is of place modules, if
 * the next place is the project. The package's own outermost one is a place by its identity
 * (ws_scope.modules); this is for those of other parts of a workspace.
 */
static __always_inline void ws_leave_directory(struct ws_walk_ctx *c, struct dentry *d)
{
	struct ws_walk *w = c->w;

	if (w->places || WS_GET(d, d_name.len) != 12 || d == c->object)
		return;
	if (bpf_probe_read_kernel(&w->chunk, 12, WS_GET(d, d_name.name)) == 0 &&
	    WS_HAS_PREFIX(w->chunk.bytes, "node_modules"))
		w->in_modules = 1;
}

/* One step of the walk: cross a mount, enter a component, or feed a chunk of its name. */
static long ws_walk_step(u32 i, struct ws_walk_ctx *c)
{
	struct ws_policy *p = ws_policy();
	struct ws_walk *w = c->w;
	struct dentry *d = w->dentry, *parent;
	struct mount *m = w->mount;
	u32 n;

	if (!p || !d || !m)
		return 1;
	if (!w->in_name) {
		if (d == WS_GET(m, mnt.mnt_root)) {
			struct mount *above = WS_GET(m, mnt_parent);

			if (above != m && above) {
				/* a place can be the root of a mount: a home on its own file system
				 */
				ws_enter_place(c, p, d);
				w->dentry = WS_GET(m, mnt_mountpoint);
				w->mount = above;
				return 0;
			}
			/* a detached mount (open_tree with OPEN_TREE_CLONE) has no mount above:
			 * follow the names of its file system */
			if (d == WS_GET(d, d_parent)) {
				ws_enter_place(c, p, d);
				if (w->state)
					ws_collect(w,
						   ws_next(p, WS_DFA_PATH, w->state, WS_SYM_ROOT));
				w->done = 1;
				return 1;
			}
		}
		ws_enter_place(c, p, d);
		if (!w->state && w->places) { /* nothing further up can change the result */
			w->done = 1;
			return 1;
		}
		w->name = WS_GET(d, d_name.name);
		w->left = WS_GET(d, d_name.len);
		w->in_name = WS_NAME_BEGINS;
	}
	if (w->state && w->left) {
		n = ws_read_name(w);
		if (!n)
			return 1; /* not done: unknown */
		w->state = ws_feed(&w->chunk, n, WS_DFA_PATH, w->state);
		w->left -= n;
		w->name += n;
		if (w->left && w->state && w->state < p->loops[WS_DFA_PATH])
			return 0;
	}
	if (w->state) {
		w->state = ws_next(p, WS_DFA_PATH, w->state, WS_SYM_END);
		ws_collect(w, w->state);
	}
	w->in_name = 0;
	ws_leave_directory(c, d);
	parent = WS_GET(d, d_parent);
	if (parent == d) { /* of no directory: memfd, pipe */
		if (w->state)
			ws_collect(w, ws_next(p, WS_DFA_PATH, w->state, WS_SYM_ROOT));
		w->done = 1;
		return 1;
	}
	w->dentry = parent;
	return 0;
}

int ws_look_at_file(struct ws_task *t)
{
	struct super_block *sb;
	struct inode *inode;
	struct ws_object *o;
	struct file *file;

	if (!t)
		return 0;
	o = &t->object;
	file = o->file;
	if (!file)
		return 0;
	o->mnt = WS_GET(file, f_path.mnt);
	o->dentry = WS_GET(file, f_path.dentry);
	o->f_mode = WS_GET(file, f_mode);
	inode = WS_GET(file, f_inode);
	sb = inode ? WS_GET(inode, i_sb) : NULL;
	o->in_proc = sb && WS_GET(sb, s_magic) == PROC_SUPER_MAGIC;
	return 0;
}

int ws_walk(struct ws_task *t, struct ws_session *session, struct ws_scope *scope)
{
	struct ws_walk_ctx c = { .session = session, .scope = scope, .family = scope };
	struct ws_policy *p = ws_policy();
	struct dentry *dentry;
	struct inode *inode;
	struct ws_walk *w;
	u64 family;
	u32 length;

	if (!p || !t || !session)
		return 0;
	if (scope && scope->family != scope->id) {
		family = scope->family;
		c.family = bpf_map_lookup_elem(&scopes, &family);
	}
	c.w = w = &t->walk;
	length = t->object.leaf;
	if (!length)
		c.object = t->object.dentry;
	if (t->object.by_name)
		c.at_name = c.object;
	__builtin_memset(w, 0, __builtin_offsetof(struct ws_walk, chunk));
	w->dentry = t->object.dentry;
	w->mount = ws_mount_of(t->object.mnt);
	w->state = p->start[WS_DFA_PATH];
	dentry = w->dentry; /* CO-RE would relocate a field of ours, too */
	inode = length || !dentry ? NULL : WS_GET(dentry, d_inode);
	if (inode) {
		w->object.dev = ws_get_dev(inode);
		w->object.ino = WS_GET(inode, i_ino);
	}
	if (length) {
		for (u32 at = 0; at < WS_LEAF_MAX; at += WS_CHUNK) {
			u32 n = length - at;

			if (at >= length)
				break;
			w->state = ws_feed((struct ws_chunk *)(t->leaf + at),
					   n < WS_CHUNK ? n : WS_CHUNK, WS_DFA_PATH, w->state);
		}
		w->state = ws_next(p, WS_DFA_PATH, w->state, WS_SYM_END);
		ws_collect(w, w->state);
	}
	bpf_loop(WS_WALK_STEPS, ws_walk_step, &c, 0);
	if (!w->done)
		w->places = WS_PLACE_BIT(WS_PLACE_UNKNOWN);
	else if (!w->places)
		w->places = WS_PLACE_BIT(WS_PLACE_ELSEWHERE);
	return 0;
}

char _license[] SEC("license") = "GPL";
