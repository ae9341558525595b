// SPDX-License-Identifier: GPL-2.0-only
/* command.bpf.c - see lib/command.bpf.h. */
#include "lib/command.bpf.h"

#include "lib/env.bpf.h"
#include "lib/path.bpf.h"
#include "lib/subject.bpf.h"
#include "lib/try.bpf.h"

struct ws_link_ctx {
	struct ws_task *t; /* t->leaf: what the link holds */
	const struct ws_scope *scope;
};

/*
 * Read byte i of an absolute path, up to the first ".../node_modules/NAME/". What comes before it
 * does not matter: whose package lies there is said by its name. Returns whether there is no more.
 */
static __always_inline long ws_absolute_step(struct ws_link *l, const struct ws_scope *scope, u32 i,
					     char byte)
{
	u32 matched = l->matched;
	char name;

	if (!byte)
		return 1;
	if (l->name_at) {
		name = scope->name[(i - l->name_at) & (WS_NAME_MAX - 1)];
		l->inside = !name && byte == '/';
		if (byte == name || l->inside)
			return 0;
		l->name_at = 0;
		matched = WS_LEAF_MAX; /* the rest of this component is none of interest */
	}
	if (byte == '/') {
		if (matched == 12)
			l->name_at = i + 1;
		matched = 0;
	} else {
		matched = matched < 12 && byte == "node_modules"[matched] ? matched + 1
									  : WS_LEAF_MAX;
	}
	l->matched = matched;
	return 0;
}

/* Read a byte of "../NAME/REST", or of such an absolute path, where REST never leads up. */
static long ws_link_step(u32 i, struct ws_link_ctx *c)
{
	const struct ws_scope *scope = c->scope;
	struct ws_task *t = c->t;
	struct ws_link *l;
	char byte, name;

	if (!t || !scope || i >= WS_LEAF_MAX)
		return 1;
	l = &t->link;
	byte = t->leaf[i];
	if (l->inside) {
		if (byte && byte != '/') {
			l->dots = byte == '.' && l->dots < 3 ? l->dots + 1 : 3;
			return 0;
		}
		if (l->dots == 2)
			return 1;
		l->dots = 0;
		l->own = !byte;
		return !byte;
	}
	if (l->absolute)
		return ws_absolute_step(l, scope, i, byte);
	if (i < 3) {
		l->absolute = !i && byte == '/';
		return byte != (i < 2 ? '.' : '/') && !l->absolute;
	}
	name = scope->name[(i - 3) & (WS_NAME_MAX - 1)];
	l->inside = !name && byte == '/';
	return name ? byte != name : byte != '/';
}

/* Whether text (kernel memory) leads from beside the package's directory into it. */
static __always_inline bool ws_leads_home(struct ws_task *t, const struct ws_scope *scope,
					  const char *text)
{
	struct ws_link_ctx c = { .t = t, .scope = scope };
	long n;

	__builtin_memset(t->leaf, 0, sizeof(t->leaf));
	n = bpf_probe_read_kernel_str(t->leaf, sizeof(t->leaf), text);
	if (n <= 0 || n >= WS_LEAF_MAX)
		return false;
	__builtin_memset(&t->link, 0, sizeof(t->link));
	bpf_loop(WS_LEAF_MAX, ws_link_step, &c, 0);
	return t->link.own;
}

/* Whether dentry is the node_modules that holds the package. */
static __always_inline bool ws_is_holder(const struct ws_scope *scope, struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	struct ws_id id;

	if (!inode || !scope->holder.ino)
		return false;
	ws_id_of(&id, inode);
	return id.ino == scope->holder.ino && id.dev == scope->holder.dev;
}

static __always_inline bool ws_is_bin(const struct ws_chunk *c)
{
	return WS_HAS_PREFIX(c->bytes, ".bin\0");
}

/* Whether hash is that of a command which the package's manifest declares. */
static __always_inline bool ws_declares(const struct ws_scope *scope, u32 hash)
{
	u64 equal = 0;

	/* the top bit of 0 - 1; with comparisons the verifier would follow 65,536 paths */
	for (u32 i = 0; i < WS_COMMANDS_MAX; i++)
		equal |= (u64)(scope->commands[i] ^ hash) - 1;
	return hash && equal >> 63;
}

/* Whether the scope's package has created inode in this session. */
static __always_inline bool ws_has_created(struct ws_task *t, const struct ws_scope *scope,
					   struct inode *inode)
{
	struct ws_place_key key = { .session = t->session };
	u64 *creator;

	ws_id_of(&key.id, inode);
	creator = bpf_map_lookup_elem(&created, &key);
	return creator && (*creator & ~WS_CREATED_GUARDED) == scope->family;
}

int ws_is_own_command(struct ws_task *t, const struct ws_scope *scope, u32 op)
{
	struct dentry *dentry, *dir;
	struct inode *inode = NULL;
	struct ws_chunk *name;
	const char *text;
	u32 mode = 0;

	if (!t || !scope || scope->actor != WS_ACTOR_PACKAGE ||
	    (op != WS_OP_CREATE && op != WS_OP_UNLINK && op != WS_OP_RENAME))
		return 0;
	dentry = t->object.dentry;
	if (!dentry)
		return 0;
	name = &t->walk.chunk;
	__builtin_memset(name, 0, sizeof(*name));
	if (t->object.leaf) {
		dir = dentry;
		if (t->object.leaf >= sizeof(*name))
			return 0;
		ws_try(LEAF, bpf_probe_read_kernel_str(name, sizeof(*name), t->leaf));
	} else {
		dir = BPF_CORE_READ(dentry, d_parent);
		inode = BPF_CORE_READ(dentry, d_inode);
		mode = inode ? BPF_CORE_READ(inode, i_mode) : t->object.mode;
		if (BPF_CORE_READ(dentry, d_name.len) >= sizeof(*name))
			return 0;
		ws_try(LEAF, bpf_probe_read_kernel_str(name, sizeof(*name),
						       BPF_CORE_READ(dentry, d_name.name)));
	}
	if (ws_is_bin(name))
		return op == WS_OP_CREATE && ws_is_holder(scope, dir) &&
		       (t->object.leaf || (mode & S_IFMT) == S_IFDIR);
	if (!ws_is_ln_temporary(name->bytes) && !ws_declares(scope, ws_hash_command(name)))
		return 0;
	if (!ws_is_holder(scope, BPF_CORE_READ(dir, d_parent)))
		return 0;
	__builtin_memset(name, 0, sizeof(*name));
	ws_try(LEAF,
	       bpf_probe_read_kernel_str(name, sizeof(*name), BPF_CORE_READ(dir, d_name.name)));
	if (!ws_is_bin(name))
		return 0;
	if (t->object.leaf)
		return op != WS_OP_UNLINK;
	text = t->object.link_to;
	if (inode) {
		if ((mode & S_IFMT) != S_IFLNK)
			return 0;
		text = BPF_CORE_READ(inode, i_link);
		/* overlayfs keeps no text there, and other file systems none of more than 59 bytes.
		 * A new link may then lead anywhere, since the command is the package's; of an
		 * older one the owner is unknown, unless the package has made it. */
		if (!text)
			return op == WS_OP_CREATE || ws_has_created(t, scope, inode);
	}
	return text && ws_leads_home(t, scope, text);
}

char _license[] SEC("license") = "GPL";
