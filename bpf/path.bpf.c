// SPDX-License-Identifier: GPL-2.0-only
/*
 * path.bpf.c - one walk from a kernel object (mount, dentry) up to the root: feeds the path
 * automaton and finds the nearest place.
 */
#include "lib/path.bpf.h"

#include "lib/automaton.bpf.h"
#include "lib/event.bpf.h"
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

/* Whether opens keep trails (struct ws_trail): the hooks that judge them on watch run with
 * preemption off, as the table needs. Without the kfunc a comparison costs as much as a walk. */
#define WS_KEEPS_TRAILS (bpf_rdonly_cast && ws_backend == WS_BACKEND_WATCH)

enum { WS_NAME_BEGINS = 1, WS_NAME_GOES_ON };

struct ws_walk_ctx {
	struct ws_task *t;
	struct ws_walk *w; /* t's */
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
	w->at.ino = w->at.dev = 0;
	d = w->dentry; /* CO-RE would relocate a field of ours, too */
	if (!d)
		return 0;
	inode = WS_GET(d, d_inode);
	if (!inode)
		return 0;
	ino = WS_GET(inode, i_ino);
	key.session = s->id;
	key.id.ino = ino;
	w->at.ino = ino;
	if (scope && scope->actor != WS_ACTOR_PROJECT) {
		if (ino == scope->own.ino || ino == scope->modules.ino ||
		    ino == scope->project.ino) {
			w->at.dev = key.id.dev = ws_get_dev(inode);
			if (ino == scope->own.ino && key.id.dev == scope->own.dev)
				found |= WS_PLACE_BIT(WS_PLACE_OWN);
			if (ino == scope->modules.ino && key.id.dev == scope->modules.dev)
				found |= WS_PLACE_BIT(WS_PLACE_MODULES);
			if (ino == scope->project.ino && key.id.dev == scope->project.dev)
				found |= WS_PLACE_BIT(WS_PLACE_PROJECT);
		}
		if (family && ws_bloom_has(family->created_bloom, ino)) {
			w->at.dev = key.id.dev = ws_get_dev(inode);
			creator = bpf_map_lookup_elem(&created, &key);
			if (creator && *creator == scope->family)
				found |= WS_PLACE_BIT(WS_PLACE_MADE);
			else if (creator && *creator == (scope->family | WS_CREATED_GUARDED))
				found |= WS_PLACE_BIT(WS_PLACE_GUARDED);
		}
	}
	if (!ws_bloom_has(s->place_bloom, ino))
		return found;
	w->at.dev = key.id.dev = ws_get_dev(inode);
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
 * first 24 are read by three loads: most names are no longer, and the kernel's memory for a name
 * is. What is not mapped reads as 0, with which no name begins.
 */
static __always_inline u32 ws_read_name(struct ws_walk *w)
{
	u32 n = w->left;

	if (bpf_rdonly_cast && w->in_name == WS_NAME_BEGINS) {
		struct timespec64 *words = (struct timespec64 *)w->name;

		w->in_name = WS_NAME_GOES_ON;
		w->chunk.words[0] = WS_TYPED(words)->tv_sec;
		w->chunk.words[1] = WS_TYPED(words)->tv_nsec;
		w->chunk.words[2] = WS_TYPED(words + 1)->tv_sec;
		barrier(); /* the name can change: from here on it is what lies in the chunk */
		if (w->chunk.bytes[0])
			return n < WS_TRAIL_WORDS * 8 ? n : WS_TRAIL_WORDS * 8;
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
 * (ws_scope.modules); this is for those of other parts of a workspace. Its name is in w->chunk.
 */
static __always_inline void ws_leave_directory(struct ws_walk_ctx *c, struct dentry *d)
{
	struct ws_walk *w = c->w;

	if (!w->places && w->length == 12 && d != c->object &&
	    WS_HAS_PREFIX(w->chunk.bytes, "node_modules"))
		w->in_modules = 1;
}

/* The bytes of word i of a name that belong to it. */
static __always_inline u64 ws_name_mask(u32 length, u32 i)
{
	if (length >= i * 8 + 8)
		return ~0ULL;
	return length > i * 8 ? (1ULL << (length - i * 8) * 8) - 1 : 0;
}

/* The walk cannot be followed again: keep nothing of it. */
static __always_inline void ws_drop_trail(struct ws_walk *w)
{
	w->trail = 0;
}

/* Write down what the walk does at the directory w->at, whose name is in w->chunk. kind: enum
 * ws_trail_kind. Returns 0. Global: verified once. */
int ws_note_step(struct ws_walk *w, u32 kind)
{
	struct ws_trail_step *s;
	struct ws_trail *trail;
	u32 at, slot;

	if (!WS_KEEPS_TRAILS || !w)
		return 0;
	slot = w->trail - 1;
	trail = bpf_map_lookup_elem(&trails, &slot);
	if (!trail)
		return 0;
	at = trail->count;
	if (at >= WS_TRAIL_STEPS || !w->at.ino ||
	    (kind == WS_TRAIL_NAME && (w->length > WS_TRAIL_WORDS * 8 || !w->length))) {
		ws_drop_trail(w); /* too long */
		return 0;
	}
	s = &trail->steps[at];
	s->ino = w->at.ino;
	s->dev = w->at.dev;
	s->kind = kind;
	s->length = kind == WS_TRAIL_NAME ? w->length : 0;
	for (u32 i = 0; i < WS_TRAIL_WORDS; i++) {
		s->mask[i] = ws_name_mask(s->length, i);
		s->name[i] = w->chunk.words[i] & s->mask[i];
	}
	trail->count = at + 1;
	return 0;
}

/* Whether the names of d and of step s are the same. */
static __always_inline bool ws_same_name(struct dentry *d, const struct ws_trail_step *s)
{
	struct timespec64 *words = (struct timespec64 *)WS_GET(d, d_name.name);

	return WS_GET(d, d_name.len) == s->length &&
	       !((((u64)WS_TYPED(words)->tv_sec ^ s->name[0]) & s->mask[0]) |
		 (((u64)WS_TYPED(words)->tv_nsec ^ s->name[1]) & s->mask[1]) |
		 (((u64)WS_TYPED(words + 1)->tv_sec ^ s->name[2]) & s->mask[2]));
}

enum ws_way { WS_WAY_ELSEWHERE = 0, WS_WAY_GOES_ON, WS_WAY_ENDS };

/* Whether the walk does at the directory that it has come to what s says, and goes on: enum ws_way.
 * object: as in struct ws_walk_ctx. Global: verified once, and not for each step. */
int ws_goes_step(struct ws_walk *w, struct ws_trail_step *s, u64 object)
{
	struct dentry *d, *parent;
	struct mount *m, *above;
	struct inode *inode;
	bool root;

	if (!WS_KEEPS_TRAILS || !w || !s)
		return WS_WAY_ELSEWHERE;
	d = w->dentry;
	m = w->mount;
	inode = WS_GET(d, d_inode);
	if ((u64)d == object || (u64)WS_GET(inode, i_ino) != s->ino)
		return WS_WAY_ELSEWHERE;
	if (s->dev && ws_get_dev(inode) != s->dev)
		return WS_WAY_ELSEWHERE;
	root = d == WS_GET(m, mnt.mnt_root);
	parent = WS_GET(d, d_parent);
	if (s->kind == WS_TRAIL_NAME) {
		if (root || parent == d || !ws_same_name(d, s))
			return WS_WAY_ELSEWHERE;
		w->dentry = parent;
		return WS_WAY_GOES_ON;
	}
	if (s->kind == WS_TRAIL_STOP)
		return root ? WS_WAY_ELSEWHERE : WS_WAY_ENDS;
	above = WS_GET(m, mnt_parent);
	if (s->kind == WS_TRAIL_ROOT)
		return root && parent == d && above == m ? WS_WAY_ENDS : WS_WAY_ELSEWHERE;
	if (!root || above == m || !above)
		return WS_WAY_ELSEWHERE;
	w->dentry = WS_GET(m, mnt_mountpoint);
	w->mount = above;
	return WS_WAY_GOES_ON;
}

/* Whether the rest of the walk goes the way that was written down. */
static __always_inline bool ws_goes_same_way(struct ws_trail *trail, struct ws_walk *w, u64 object)
{
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < WS_TRAIL_STEPS; i++) {
		int way = i < trail->count ? ws_goes_step(w, &trail->steps[i], object)
					   : WS_WAY_ELSEWHERE;

		if (way != WS_WAY_GOES_ON)
			return way == WS_WAY_ENDS;
	}
	return false;
}

/* X(number in ws_trail.masks, member of struct ws_walk): all that a walk finds in masks. */
#define WS_WALK_MASKS(X) \
	X(0, match) X(1, except) X(2, exe_match) X(3, exe_except) X(4, above) X(5, except_new)

/*
 * The walk of an open has come to the directory that holds the object (kernel address): end it by
 * what an earlier one found, if that went the same way. Else begin to write this one down. Returns
 * whether it has ended. Global: verified once.
 */
int ws_follow_trail(struct ws_task *t, u64 object)
{
	struct ws_trail_key *key;
	struct ws_trail *trail;
	struct dentry *from;
	struct mount *mount;
	struct ws_walk *w;
	u64 hash;
	u32 slot;

	if (!WS_KEEPS_TRAILS || !t)
		return 0;
	w = &t->walk;
	if (w->in_name || w->in_modules)
		return 0;
	from = w->dentry;
	mount = w->mount;
	hash = ((u64)from >> 6 ^ (u64)w->state << 32) * 0x9e3779b97f4a7c15ULL;
	slot = hash >> (64 - WS_TRAIL_BITS);
	trail = bpf_map_lookup_elem(&trails, &slot);
	if (!trail)
		return 0;
	key = &trail->key;
	if (trail->count && key->session == t->session && key->scope == t->scope &&
	    key->state == w->state && key->placed == (w->places != 0) &&
	    key->version == ws_places_version && ws_goes_same_way(trail, w, object)) {
		if (trail->found) {
#define WS_ADD(i, mask) ws_mask_or(&w->mask, &trail->masks[i]);
			WS_WALK_MASKS(WS_ADD)
			w->shared |= trail->shared;
		}
		if (!w->places)
			w->places = trail->places;
		w->done = 1;
		return 1;
	}
	w->dentry = from;
	w->mount = mount;
	w->trail = w->kept = slot + 1;
	trail->count = 0;
	key->session = t->session;
	key->scope = t->scope;
	key->state = w->state;
	key->placed = w->places != 0;
	/* a full barrier: the tables are read after it */
	key->version = __sync_fetch_and_add(&ws_places_version, 0);
	/* what the object itself has found waits here */
	trail->shared = w->shared;
	w->shared = 0;
#define WS_TAKE(i, mask)           \
	trail->masks[i] = w->mask; \
	__builtin_memset(&w->mask, 0, sizeof(w->mask));
	WS_WALK_MASKS(WS_TAKE)
	return 0;
}

/* A walk that may have been written down has ended. slot: as ws_walk.trail was set. Returns 0.
 * Global: verified once. */
int ws_keep_trail(struct ws_walk *w, u32 slot)
{
	struct ws_trail *trail;
	u64 any = 0;
	u32 shared;

	if (!WS_KEEPS_TRAILS || !w)
		return 0;
	slot--;
	trail = bpf_map_lookup_elem(&trails, &slot);
	if (!trail)
		return 0;
	if (!w->done || !w->trail)
		trail->count = 0;
	trail->places = w->places;
#define WS_SWAP(i, mask)                                                             \
	for (u32 word = 0; word < WS_MASK_WORDS; word++) {                           \
		u64 found = w->mask.w[word];                                         \
                                                                                     \
		any |= found;                                                        \
		barrier_var(any); /* one word after the other: the stack is short */ \
		w->mask.w[word] |= trail->masks[i].w[word];                          \
		trail->masks[i].w[word] = found;                                     \
	}
	WS_WALK_MASKS(WS_SWAP)
	shared = w->shared;
	w->shared |= trail->shared;
	trail->shared = shared;
	trail->found = any || shared;
	return 0;
}

static __always_inline void ws_note(struct ws_walk_ctx *c, struct dentry *d, u32 kind)
{
	struct ws_walk *w = c->w;

	if (!w->trail)
		return;
	if (d == c->object) /* which counts in another way than what it lies in */
		ws_drop_trail(w);
	else
		ws_note_step(w, kind);
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
	if (i == 1 && w->follows && ws_follow_trail(c->t, (u64)c->object))
		return 1;
	if (!w->in_name) {
		if (d == WS_GET(m, mnt.mnt_root)) {
			struct mount *above = WS_GET(m, mnt_parent);

			if (above != m && above) {
				/* a place can be the root of a mount: a home on its own file system
				 */
				ws_enter_place(c, p, d);
				ws_note(c, d, WS_TRAIL_MOUNT);
				w->dentry = WS_GET(m, mnt_mountpoint);
				w->mount = above;
				return 0;
			}
			/* a detached mount (open_tree with OPEN_TREE_CLONE) has no mount above:
			 * follow the names of its file system */
			if (d == WS_GET(d, d_parent)) {
				ws_enter_place(c, p, d);
				ws_note(c, d, WS_TRAIL_ROOT);
				if (w->state)
					ws_collect(w,
						   ws_next(p, WS_DFA_PATH, w->state, WS_SYM_ROOT));
				w->done = 1;
				return 1;
			}
			ws_drop_trail(w);
		}
		ws_enter_place(c, p, d);
		if (!w->state && w->places) { /* nothing further up can change the result */
			ws_note(c, d, WS_TRAIL_STOP);
			w->done = 1;
			return 1;
		}
		w->name = WS_GET(d, d_name.name);
		w->length = WS_GET(d, d_name.len);
		barrier();
		w->left = w->length;
		w->in_name = WS_NAME_BEGINS;
	}
	if (w->left) {
		n = ws_read_name(w);
		if (!n)
			return 1; /* not done: unknown */
		if (w->state)
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
	ws_note(c, d, WS_TRAIL_NAME);
	ws_leave_directory(c, d);
	parent = WS_GET(d, d_parent);
	if (parent == d) { /* of no directory: memfd, pipe */
		ws_drop_trail(w);
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
	struct dentry *dentry;
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
	/* a directory without a place in a parent is the root of a file system */
	dentry = o->dentry;
	if (inode && dentry && !WS_GET(dentry, d_hash.pprev) &&
	    (WS_GET(inode, i_mode) & S_IFMT) != S_IFDIR)
		o->nameless = !WS_GET(inode, i_nlink) || WS_GET(dentry, d_parent) == dentry;
	return 0;
}

u64 ws_file_at(u32 fd)
{
	/* plain loads: of this task the verifier knows the type */
	struct files_struct *files = bpf_get_current_task_btf()->files;
	struct timespec64 *slot; /* a number to the verifier: the result cannot be a pointer */
	struct file *file = NULL;
	struct fdtable *t;

	if (!files)
		return 0;
	t = files->fdt;
	if (!t || fd >= t->max_fds)
		return 0;
	if (!bpf_rdonly_cast) {
		ws_try(DESCRIPTOR, bpf_probe_read_kernel(&file, sizeof(file), t->fd + fd));
		return (u64)file;
	}
	slot = (struct timespec64 *)(t->fd + fd);
	return WS_TYPED(slot)->tv_sec;
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
	c.t = t;
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
	w->follows = WS_KEEPS_TRAILS && t->object.file;
	bpf_loop(WS_WALK_STEPS, ws_walk_step, &c, 0);
	if (w->kept)
		ws_keep_trail(w, w->kept);
	if (!w->done)
		w->places = WS_PLACE_BIT(WS_PLACE_UNKNOWN);
	else if (!w->places)
		w->places = WS_PLACE_BIT(WS_PLACE_ELSEWHERE);
	return 0;
}

char _license[] SEC("license") = "GPL";
