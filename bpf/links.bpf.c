// SPDX-License-Identifier: GPL-2.0-only
/* links.bpf.c - see links.bpf.h. */
#include "links.bpf.h"

#include "lib/command.bpf.h"
#include "lib/path.bpf.h"

#define TEXT (WS_COMMAND_TEXT - 1) /* a mask */

/* Fill t->command_link.key: a name in directory dir. leaf: its length. Returns false if it is too
 * long. */
static __always_inline bool ws_key_of(struct ws_task *t, struct inode *dir, const void *name,
				      u32 length)
{
	struct ws_command_key *key = &t->command_link.key;

	if (!dir || !length || length >= WS_COMMAND_LEAF)
		return false;
	__builtin_memset(key, 0, sizeof(*key));
	key->session = t->session;
	ws_id_of(&key->dir, dir);
	return ws_try(LEAF, bpf_probe_read_kernel_str(key->leaf, sizeof(key->leaf), name)) > 1;
}

/* Commands lie in directories of these names. Returns 2 for .bin, which is in a node_modules, 1 for
 * bin, else 0. */
static __always_inline u32 ws_commands_in(struct dentry *dir)
{
	u32 length = BPF_CORE_READ(dir, d_name.len);
	char name[8] = {};

	if (length != 3 && length != 4)
		return 0;
	ws_try(DIRECTORY_NAME,
	       bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dir, d_name.name)));
	if (length == 3)
		return WS_HAS_PREFIX(name, "bin");
	return WS_HAS_PREFIX(name, ".bin") ? 2 : 0;
}

/* The state of these loops is in t->command_link: before 6.7 the verifier takes what lies on the
 * stack for what it was in the first round, and drops the branches that are not taken there. */
struct ws_target {
	struct ws_task *t;
};

/* Find what follows the last node_modules/. */
static long ws_target_step(u32 i, struct ws_target *c)
{
	struct ws_task *t = c->t;
	u32 matched;
	char byte;

	if (!t)
		return 1;
	matched = t->command_link.matched;
	byte = t->command_link.text[i & TEXT];
	if (!byte)
		return 1;
	if (byte == '/') {
		if (matched == 12) {
			if (!t->command_link.from)
				t->command_link.installed = t->command_link.in_lib;
			t->command_link.from = i + 1;
		}
		t->command_link.in_lib = t->command_link.component ==
					 ('/' << 24 | 'l' << 16 | 'i' << 8 | 'b');
		t->command_link.component = '/';
		t->command_link.matched = 0;
		return 0;
	}
	t->command_link.component = t->command_link.component << 8 | (u8)byte;
	/* the component has matched so far; 99: it has not */
	t->command_link.matched = matched < 12 && byte == "node_modules"[matched] ? matched + 1
										  : 99;
	return 0;
}

/* Copy the name: one component, or two if it begins with @. */
static long ws_owner_step(u32 i, struct ws_target *c)
{
	struct ws_task *t = c->t;
	char byte;

	if (!t || i >= WS_NAME_MAX - 1)
		return 1;
	byte = t->command_link.text[(t->command_link.from + i) & TEXT];
	if (!byte)
		return 1;
	if (byte == '/') {
		if (t->command_link.owner[0] != '@' || t->command_link.slashes)
			return 1;
		t->command_link.slashes = 1;
	}
	t->command_link.owner[i & (WS_NAME_MAX - 1)] = byte;
	return 0;
}

int ws_find_owner(struct ws_task *t)
{
	struct ws_target c = { .t = t };

	if (t)
		bpf_loop(WS_COMMAND_TEXT, ws_target_step, &c, 0);
	return 0;
}

int ws_read_owner(struct ws_task *t)
{
	struct ws_target c = { .t = t };

	if (t)
		bpf_loop(WS_NAME_MAX, ws_owner_step, &c, 0);
	return 0;
}

int ws_note_link(struct ws_task *t, u64 target, u32 in_user)
{
	struct dentry *link, *dir;
	u32 kind;
	long n;

	if (!t)
		return 0;
	link = t->object.dentry;
	if (!link)
		return 0;
	dir = BPF_CORE_READ(link, d_parent);
	kind = ws_commands_in(dir);
	if (!kind)
		return 0;
	__builtin_memset(&t->command_link, 0, sizeof(t->command_link));
	if (in_user)
		n = bpf_probe_read_user_str(t->command_link.text, WS_COMMAND_TEXT, (void *)target);
	else
		n = bpf_probe_read_kernel_str(t->command_link.text, WS_COMMAND_TEXT,
					      (void *)target);
	if (n <= 1 || n >= WS_COMMAND_TEXT)
		return 0;
	ws_find_owner(t);
	if (!t->command_link.from && kind == 2 && WS_HAS_PREFIX(t->command_link.text, "../"))
		t->command_link.from = 3;
	if (!t->command_link.from)
		return 0;
	ws_read_owner(t);
	if (!t->command_link.owner[0] || t->command_link.owner[0] == '.')
		return 0;
	if (!ws_key_of(t, BPF_CORE_READ(dir, d_inode), BPF_CORE_READ(link, d_name.name),
		       BPF_CORE_READ(link, d_name.len)))
		return 0;
	t = ws_self(); /* as a map's value, which an update accepts */
	if (t)
		ws_try(LINK, bpf_map_update_elem(&links, &t->command_link.key,
						 t->command_link.owner, BPF_ANY));
	return 0;
}

/* Fill t->command_link.key with t's object, leaving out the first `skip` bytes of its name. Returns
 * whether it has such a name, of no more than WS_COMMAND_LEAF. Global: verified once. */
__noinline int ws_key_of_object(struct ws_task *t, u32 skip)
{
	struct dentry *dentry;
	struct ws_object *o;

	if (!t)
		return 0;
	o = &t->object;
	dentry = o->dentry;
	if (!dentry)
		return 0;
	if (o->leaf)
		return o->leaf > skip &&
		       ws_key_of(t, BPF_CORE_READ(dentry, d_inode), t->leaf + skip, o->leaf - skip);
	return BPF_CORE_READ(dentry, d_name.len) > skip &&
	       ws_key_of(t, BPF_CORE_READ(dentry, d_parent, d_inode),
			 BPF_CORE_READ(dentry, d_name.name) + skip,
			 BPF_CORE_READ(dentry, d_name.len) - skip);
}

struct ws_shorter {
	struct ws_scope *scope;
	u32 hidden;
	u32 pad;
};

/* Cut the name in t->command_link.key at its last separator that is left; see whether what remains
 * is a command of the scope. */
static long ws_shorter_step(u32 i, struct ws_shorter *c)
{
	struct ws_task *t = ws_self();
	struct ws_scope *scope = c->scope;
	u32 at = WS_COMMAND_LEAF - 1 - i;
	char *owner, byte;

	if (!t || !scope || at >= WS_COMMAND_LEAF || !at)
		return 1;
	byte = t->command_link.key.leaf[at & (WS_COMMAND_LEAF - 1)];
	t->command_link.key.leaf[at & (WS_COMMAND_LEAF - 1)] = 0;
	if (byte != '.' && byte != '~' && !(c->hidden && (byte == '-' || byte == '_')))
		return 0;
	owner = bpf_map_lookup_elem(&links, &t->command_link.key);
	t->command_link.matched = owner && ws_same(owner, scope->name, WS_NAME_MAX);
	return t->command_link.matched;
}

/*
 * Whether t's object is a new name beside one of the scope's commands and called after that: x.tmp
 * or .x-123, to be renamed to x, or x.old. Nobody else's it can be, and a package that wants such a
 * command need only say so in its manifest.
 */
static __always_inline bool ws_called_after(struct ws_task *t, struct ws_scope *scope)
{
	struct ws_shorter c = { .scope = scope };

	c.hidden = t->command_link.key.leaf[0] == '.';
	if (!ws_key_of_object(t, c.hidden))
		return false;
	t->command_link.matched = 0;
	bpf_loop(WS_COMMAND_LEAF, ws_shorter_step, &c, 0);
	return t->command_link.matched && ws_key_of_object(t, 0);
}

/*
 * Whether t's object is a link that `ln -sf` makes among commands, to rename it: what it becomes is
 * judged then. Until then it has a name that nobody calls. In .bin ws_is_own_command() knows it,
 * which goes by what the package has created.
 */
static __always_inline bool ws_is_ln_link(struct ws_task *t)
{
	const struct ws_object *o = &t->object;
	struct dentry *dir = o->dentry; /* CO-RE would relocate a field of ours, too */

	if (!o->new_link || !ws_is_ln_temporary(t->command_link.key.leaf))
		return false;
	if (!o->leaf)
		dir = BPF_CORE_READ(dir, d_parent);
	return ws_commands_in(dir) == 1;
}

int ws_owns_name(struct ws_task *t, struct ws_scope *scope, u32 op)
{
	struct dentry *dentry;
	bool moves, is_new, is_seen;
	char *owner;

	if (!t || !scope || !ws_key_of_object(t, 0))
		return 0;
	dentry = t->object.dentry;
	moves = op == WS_OP_RENAME || op == WS_OP_LINK;
	is_new = op == WS_OP_CREATE || (moves && (t->object.leaf || t->object.returned ||
						  !BPF_CORE_READ(dentry, d_inode)));
	/* watch: what is about to be replaced may have the name, and is judged by itself */
	is_seen = !(moves && t->object.leaf);
	t = ws_self();
	if (!t)
		return 0;
	owner = bpf_map_lookup_elem(&links, &t->command_link.key);
	if (owner || !is_new || (!ws_is_ln_link(t) && !ws_called_after(t, scope)))
		return owner && ws_same(owner, scope->name, WS_NAME_MAX);
	if (!is_seen)
		return 1;
	/* as a map's value, which an update accepts */
	ws_try(PACKAGE_NAME, bpf_probe_read_kernel(t->command_link.owner,
						   sizeof(t->command_link.owner), scope->name));
	return !ws_try(LINK, bpf_map_update_elem(&links, &t->command_link.key,
						 t->command_link.owner, BPF_NOEXIST));
}

char _license[] SEC("license") = "GPL";
