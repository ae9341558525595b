// SPDX-License-Identifier: GPL-2.0-only
/* dirs.bpf.c - see lib/dirs.bpf.h. */
#include "lib/dirs.bpf.h"

#include "lib/subject.bpf.h"
#include "lib/try.bpf.h"

struct ws_dirs_ctx {
	struct ws_dirs *dirs; /* in scratch: the stack has no room for it */
};

static long ws_dirs_step(u32 i, struct ws_dirs_ctx *c)
{
	struct ws_dirs *w = c->dirs;
	struct inode *inode;
	struct dentry *parent, *d;
	struct mount *m;
	u32 *known, found;

	if (!w)
		return 1;
	d = w->d;
	m = w->m;
	if (!d || !m)
		return 1;
	if (d == BPF_CORE_READ(m, mnt.mnt_root)) {
		struct mount *above = BPF_CORE_READ(m, mnt_parent);

		if (above == m || !above)
			return 1;
		w->d = BPF_CORE_READ(m, mnt_mountpoint);
		w->m = above;
		return 0;
	}
	inode = BPF_CORE_READ(d, d_inode);
	ws_id_of(&w->key.id, inode);
	if (ws_same_id(&w->key.id, &w->project) || ws_same_id(&w->key.id, &w->manager_at))
		w->inside = 1;
	if (!w->inside) {
		known = bpf_map_lookup_elem(&places, &w->key);
		found = known ? *known : 0;
		if ((found & WS_PLACE_BIT(WS_PLACE_PROJECT)) &&
		    !(found & WS_PLACE_BIT(WS_PLACE_HOME)))
			w->inside = 1; /* another part of the workspace */
		else if (found & (WS_PLACE_BIT(WS_PLACE_CACHE) | WS_PLACE_BIT(WS_PLACE_TMP)))
			w->aside = w->aside ?: w->level + 1;
		else if (found & WS_PLACE_BIT(WS_PLACE_TOOLS))
			w->installed = 1;
	}
	if (BPF_CORE_READ(d, d_name.len) == 12) {
		ws_try(DIRECTORY_NAME, bpf_probe_read_kernel_str(w->word, sizeof(w->word),
								 BPF_CORE_READ(d, d_name.name)));
		if (WS_HAS_PREFIX(w->word, "node_modules")) {
			if (!w->modules) {
				w->name = w->child;
				w->name2 = w->grandchild;
			}
			w->modules = d;
		}
	}
	parent = BPF_CORE_READ(d, d_parent);
	if (parent == d)
		return 1;
	w->grandchild = w->child;
	w->child = d;
	w->d = parent;
	w->level++;
	return 0;
}

int ws_find_dirs(void)
{
	struct ws_scratch *s = ws_scratch();
	struct ws_dirs_ctx c = {};

	if (!s)
		return 0;
	c.dirs = &s->dirs;
	bpf_loop(4096, ws_dirs_step, &c, 0);
	return 0;
}

int ws_name_of_dirs(void)
{
	struct ws_scratch *s = ws_scratch();
	struct dentry *name, *name2;
	u32 n;

	if (!s)
		return 0;
	name = s->dirs.name;
	name2 = s->dirs.name2;
	if (!name)
		return 0;
	n = BPF_CORE_READ(name, d_name.len);
	if (ws_try(DIRECTORY_NAME, bpf_probe_read_kernel_str(s->scope.name, sizeof(s->scope.name),
							     BPF_CORE_READ(name, d_name.name))) <=
	    0)
		return 0;
	if (s->scope.name[0] == '.') /* .pnpm, .store: a directory of the manager */
		return 0;
	if (s->scope.name[0] != '@')
		return 1;
	if (!name2 || n > WS_NAME_MAX / 2 - 2)
		return 0;
	barrier_var(n); /* else clang 19 drops the mask, which the verifier of 6.1 needs: it forgets
			   the comparison above */
	n &= WS_NAME_MAX / 2 - 1;
	s->scope.name[n++] = '/';
	return ws_try(DIRECTORY_NAME,
		      bpf_probe_read_kernel_str(s->scope.name + n, WS_NAME_MAX / 2,
						BPF_CORE_READ(name2, d_name.name))) > 0;
}

struct ws_above {
	struct dentry *d, *wanted;
};

static long ws_above_step(u32 i, struct ws_above *a)
{
	struct dentry *d = a->d, *parent;

	if (!d || d == a->wanted)
		return 1;
	parent = BPF_CORE_READ(d, d_parent);
	a->d = parent == d ? NULL : parent;
	return 0;
}

int ws_is_above_manager(u64 directory)
{
	struct dentry *d = (struct dentry *)directory;
	struct ws_above a = { .wanted = d };

	a.d = BPF_CORE_READ(bpf_get_current_task_btf(), real_parent, fs, pwd.dentry);
	if (!d ||
	    BPF_CORE_READ(d, d_parent) == d) /* the root of a file system is above all of it */
		return 0;
	bpf_loop(4096, ws_above_step, &a, 0);
	return a.d == d;
}

int ws_is_below_parent(u64 file)
{
	struct dentry *at = BPF_CORE_READ(bpf_get_current_task_btf(), real_parent, fs, pwd.dentry);
	struct ws_above a = { .d = (struct dentry *)file, .wanted = at };

	if (!file || !at || BPF_CORE_READ(at, d_parent) == at)
		return 0;
	bpf_loop(4096, ws_above_step, &a, 0);
	return a.d == at;
}

int ws_manager_is_at(struct ws_id *ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct dentry *d = BPF_CORE_READ(task, real_parent, fs, pwd.dentry);
	struct inode *inode = BPF_CORE_READ(d, d_inode);

	if (ret && inode && BPF_CORE_READ(d, d_parent) != d)
		ws_id_of(ret, inode);
	return 0;
}

char _license[] SEC("license") = "GPL";
