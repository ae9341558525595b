// SPDX-License-Identifier: GPL-2.0-only
/* origin.bpf.c - see origin.bpf.h. The functions of that header are global: verified once for each
 * program. None uses the CPU's scratch but at an exec: on deny an open can be preempted. */
#include "origin.bpf.h"

#include "tool.bpf.h"

#include "lib/event.bpf.h"
#include "lib/path.bpf.h"
#include "lib/try.bpf.h"

/* ---- what packages write ---- */

#define WS_PLACES_TREE                                                             \
	(1u << 31) /* beside bits of places: it is a directory, with what is below \
		    */

/* Nothing that packages wrote is in it any more. known: its entry of this session, or NULL. */
static __always_inline void ws_forget_written(const struct ws_place_key *key, const u64 *known)
{
	if (known)
		ws_try(WRITTEN, bpf_map_delete_elem(&written, key));
	if (ws_earlier_files)
		bpf_map_delete_elem(&written_before, &key->id);
}

/* The same of a tool, which honestly writes more files than the table holds. Returns 0. */
static __always_inline int ws_remember_tool(struct ws_task *t, u32 places,
					    const struct ws_place_key *key)
{
	u64 tool = t->scope;

	if (places & WS_PLACE_BIT(WS_PLACE_OWN)) {
		if (ws_tool_files)
			bpf_map_delete_elem(&tool_written, key);
		return 0;
	}
	ws_try(WRITTEN, bpf_map_update_elem(&tool_written, key, &tool, BPF_ANY));
	ws_tool_files = 1;
	return 0;
}

/* As ws_note_origin(), of the inode (ino, dev) at `places`. */
__noinline int ws_remember_written(struct ws_task *t, u32 places, u64 ino, u64 dev)
{
	struct ws_place_key key = {};
	struct ws_subject subject, *s = &subject;
	u64 writer, *known;

	if (!ino || !t || !ws_subject_of(s, t) || !s->scope)
		return 0;
	key.session = t->session;
	key.id.ino = ino;
	key.id.dev = dev;
	if (!ws_is_writer(t, s->scope))
		return ws_remember_tool(t, places, &key);
	known = bpf_map_lookup_elem(&written, &key);
	if (places & WS_PLACE_BIT(WS_PLACE_OWN)) {
		/* overlayfs gives a new file the number of a deleted one */
		ws_forget_written(&key, known);
		return 0;
	}
	writer = t->actor == WS_ACTOR_PACKAGE ? t->scope : s->scope->family;
	if ((places & WS_PLACE_BIT(WS_PLACE_CACHE)) &&
	    !(places & (WS_PLACE_BIT(WS_PLACE_TMP) | WS_PLACE_BIT(WS_PLACE_PROJECT))))
		writer |= WS_WRITTEN_SHARED;
	if (places & WS_PLACE_BIT(WS_PLACE_TMP))
		writer |= WS_WRITTEN_TMP;
	if (places & WS_PLACES_TREE)
		writer |= WS_WRITTEN_TREE;
	if (known && *known == writer)
		return 0;
	if (ws_try(WRITTEN, bpf_map_update_elem(&written, &key, &writer, BPF_ANY)))
		return -EPERM;
	ws_written_files = 1;
	return 0;
}

/* ... and what lies below it. Before it is remembered. */
static __always_inline void ws_count_directory(u64 ino)
{
	u64 before = __sync_fetch_and_or(&ws_moved_dirs, 1ULL << (ino & 63));

	barrier_var(before); /* a result that is used makes it a full barrier */
}

/* The type of t's object, a name that exists. */
static __always_inline u32 ws_type_of(struct ws_task *t)
{
	struct dentry *dentry = t->object.dentry;

	return BPF_CORE_READ(dentry, d_inode, i_mode) & S_IFMT;
}

/* That somebody has followed a link cannot be seen: what a link outside of the package's directory
 * may lead to, which is that directory, counts as written by it. Returns as ws_note_origin(). */
__noinline int ws_note_link_out(struct ws_task *t)
{
	struct ws_subject s;
	u64 ino, dev;

	if (!t || !ws_subject_of(&s, t) || !s.scope || !ws_is_writer(t, s.scope))
		return 0;
	ino = s.scope->own.ino;
	dev = s.scope->own.dev;
	ws_count_directory(ino);
	return ws_remember_written(t, WS_PLACE_BIT(WS_PLACE_CACHE) | WS_PLACES_TREE, ino, dev);
}

/* deny: a rename, once for what is moved and once for the name that it gets. */
static __always_inline int ws_note_rename(struct ws_task *t)
{
	struct ws_walk *w = &t->walk;
	u32 places = w->places;
	bool own = places & WS_PLACE_BIT(WS_PLACE_OWN);

	if (t->object.leaves) {
		t->source = w->object;
		t->source_own = own;
		t->source_type = ws_type_of(t);
		return 0;
	}
	/* what is moved out can be a link, or hold some */
	if (t->source_own && !own && t->source_type != S_IFREG && ws_note_link_out(t))
		return -EPERM;
	if (t->source_own && !own) {
		if (t->source_type == S_IFDIR) {
			ws_count_directory(t->source.ino);
			places |= WS_PLACES_TREE;
		}
		return ws_remember_written(t, places, t->source.ino, t->source.dev);
	}
	if (!t->source_own && own && w->object.ino) { /* the two may be exchanged */
		places = WS_PLACE_BIT(WS_PLACE_ELSEWHERE);
		if (ws_type_of(t) == S_IFDIR) {
			ws_count_directory(w->object.ino);
			places |= WS_PLACES_TREE;
		}
		return ws_remember_written(t, places, w->object.ino, w->object.dev);
	}
	return 0;
}

int ws_note_origin(struct ws_task *t, u32 op)
{
	struct ws_object *o;
	struct ws_walk *w;
	u32 places;
	bool own;

	if (!t)
		return 0;
	o = &t->object;
	w = &t->walk;
	places = w->places;
	own = places & WS_PLACE_BIT(WS_PLACE_OWN);
	switch (op) {
	case WS_OP_READ:
		if (o->linking) {
			t->source = w->object;
			t->source_own = own;
			t->source_type = ws_type_of(t);
		}
		return 0;
	case WS_OP_LINK:
		if (t->source_type == S_IFLNK && !own)
			return ws_note_link_out(t);
		return t->source_own ? ws_remember_written(t, places, t->source.ino, t->source.dev)
				     : 0;
	case WS_OP_RENAME:
		if (!o->returned)
			return o->leaf ? 0 : ws_note_rename(t);
		/* into its directory: it can have a name elsewhere, too */
		if (own)
			return 0;
		if (!o->leaf && ws_type_of(t) == S_IFLNK)
			return ws_note_link_out(t);
		break;
	case WS_OP_CREATE:
		if (o->new_link && !own)
			return ws_note_link_out(t);
		break;
	case WS_OP_WRITE:
		/* it can have a name elsewhere, too: what was remembered of it stays */
		if (own)
			return 0;
		break;
	default:
		return 0;
	}
	if (o->leaf || !w->object.ino || ws_type_of(t) != S_IFREG)
		return 0;
	return ws_remember_written(t, places, w->object.ino, w->object.dev);
}

int ws_note_moved(struct ws_task *t, u64 dentry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_subject s;
	struct ws_object *o;

	if (!t || !ws_subject_of(&s, t) || !ws_is_writer(t, s.scope))
		return 0;
	o = ws_new_object(t);
	o->dentry = (struct dentry *)dentry;
	o->mnt = BPF_CORE_READ(task, fs, pwd.mnt);
	ws_walk(t, s.session, s.scope);
	ws_count_directory(t->walk.object.ino);
	if (ws_remember_written(t, t->walk.places | WS_PLACES_TREE, t->walk.object.ino,
				t->walk.object.dev))
		return -EPERM;
	return ws_note_link_out(t); /* it may hold links */
}

/* ---- who runs it ---- */

struct ws_written_above {
	struct ws_task *t;
	struct dentry *d;
	u64 changed; /* ctime of the file, CLOCK_REALTIME ns */
	u64 begun;   /* the session */
};

static __always_inline u64 ws_ctime_of(struct inode *inode)
{
	struct inode___since_6_11 *new = (void *)inode;
	struct inode___until_6_11 *old = (void *)inode;
	struct inode___until_6_6 *oldest = (void *)inode;

	if (bpf_core_field_exists(new->i_ctime_sec))
		return BPF_CORE_READ(new, i_ctime_sec) * 1000000000ULL +
		       (BPF_CORE_READ(new, i_ctime_nsec) & ~I_CTIME_QUERIED);
	if (bpf_core_field_exists(old->__i_ctime))
		return BPF_CORE_READ(old, __i_ctime.tv_sec) * 1000000000ULL +
		       BPF_CORE_READ(old, __i_ctime.tv_nsec);
	return BPF_CORE_READ(oldest, i_ctime.tv_sec) * 1000000000ULL +
	       BPF_CORE_READ(oldest, i_ctime.tv_nsec);
}

/* Set a->t->earlier if the inode at id was written by a package of an earlier session. What was
 * changed while no session looked is nobody's; what this session has changed, it was before. */
static __always_inline void ws_find_earlier(struct ws_written_above *a, const struct ws_id *id)
{
	struct ws_earlier *e = bpf_map_lookup_elem(&written_before, id);

	if (e && (a->changed <= e->until || a->changed >= a->begun))
		a->t->earlier = e->writer;
}

static long ws_written_step(u32 i, struct ws_written_above *a)
{
	struct dentry *d = a->d, *parent;
	struct ws_place_key key = {};
	struct ws_task *t = a->t;
	struct inode *inode;
	u64 *known;

	if (!d || !t)
		return 1;
	parent = BPF_CORE_READ(d, d_parent);
	if (parent == d)
		return 1;
	a->d = parent;
	if (BPF_CORE_READ(d, d_name.len) == 12) {
		ws_try(DIRECTORY_NAME, bpf_probe_read_kernel_str(t->opened.word, 16,
								 BPF_CORE_READ(d, d_name.name)));
		t->opened.in_modules |= WS_HAS_PREFIX(t->opened.word, "node_modules");
	}
	inode = BPF_CORE_READ(d, d_inode);
	if (!inode)
		return 1;
	key.id.ino = BPF_CORE_READ(inode, i_ino);
	if (key.id.ino == t->project.ino && t->opened.in_modules)
		t->opened.in_project = 1;
	if (t->writer || !(ws_moved_dirs >> (key.id.ino & 63) & 1))
		return 0;
	key.session = t->session;
	key.id.dev = ws_dev_of(inode);
	known = bpf_map_lookup_elem(&written, &key);
	if (known)
		t->writer = *known;
	else if (a->begun && !t->earlier)
		ws_find_earlier(a, &key.id);
	return 0;
}

/* Set t->writer to a scope of this session for the package that t->earlier is. Returns 0. */
__noinline int ws_enter_earlier(struct ws_task *t)
{
	struct ws_earlier_key key = {};
	struct ws_scope *scope;
	u64 *next, *known, id;
	u32 zero = 0;

	if (!t)
		return 0;
	key.session = t->session;
	key.writer = t->earlier;
	known = bpf_map_lookup_elem(&earlier_scopes, &key);
	if (!known) {
		scope = bpf_map_lookup_elem(&earlier_writers, &key.writer);
		next = bpf_map_lookup_elem(&serial, &zero);
		if (!scope || !next)
			return 0;
		id = __sync_fetch_and_add(next, 1) + 1;
		if (bpf_map_update_elem(&scopes, &id, scope, BPF_NOEXIST)) {
			ws_count_lost(WS_LOST_SCOPE);
			return 0;
		}
		scope = bpf_map_lookup_elem(&scopes, &id);
		if (!scope)
			return 0;
		scope->id = scope->family = id;
		scope->session = t->session;
		bpf_map_update_elem(&earlier_scopes, &key, &id, BPF_NOEXIST); /* or another CPU */
		known = bpf_map_lookup_elem(&earlier_scopes, &key);
	}
	if (known)
		t->writer = *known | WS_WRITTEN_SHARED;
	return 0;
}

/* Set t->writer to who wrote file, as the value of `written`, 0: no package. Returns 0. */
__noinline int ws_find_writer(struct ws_task *t, u64 address)
{
	struct file *file = (struct file *)address;
	struct ws_written_above a = { .t = t };
	struct ws_place_key key = {};
	struct ws_session *session;
	struct inode *inode;
	u64 *known, before;

	if (!t)
		return 0;
	t->writer = t->earlier = 0;
	inode = BPF_CORE_READ(file, f_path.dentry, d_inode);
	if (!inode || (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	key.session = t->session;
	ws_id_of(&key.id, inode);
	known = bpf_map_lookup_elem(&written, &key);
	/* who makes a file of that number anew has written it */
	if (BPF_CORE_READ(file, f_mode) & FMODE_CREATED) {
		ws_forget_written(&key, known);
		return 0;
	}
	if (ws_is_replaced(file, inode)) {
		before = known ? *known : 0;
		ws_forget_written(&key, known);
		/* a package that opens it from here on is seen to */
		if (ws_is_replaced(file, inode) || !before)
			return 0;
		ws_try(WRITTEN, bpf_map_update_elem(&written, &key, &before, BPF_ANY));
		known = bpf_map_lookup_elem(&written, &key);
	}
	if (known)
		t->writer = *known;
	if (!known && ws_earlier_files) {
		session = bpf_map_lookup_elem(&sessions, &key.session);
		a.begun = session ? session->begun : 0;
		a.changed = ws_ctime_of(inode);
		ws_find_earlier(&a, &key.id);
	}
	if (!t->writer && !t->earlier && !ws_moved_dirs)
		return 0;
	t->opened.in_modules = t->opened.in_project = 0;
	a.d = BPF_CORE_READ(file, f_path.dentry, d_parent);
	bpf_loop(4096, ws_written_step, &a, 0);
	if (!t->writer && t->earlier) {
		ws_enter_earlier(t);
		before = t->writer;
		/* touched in this session: later ones must know it, too */
		if (before && a.changed >= a.begun)
			ws_try(WRITTEN, bpf_map_update_elem(&written, &key, &before, BPF_ANY));
	}
	if (t->writer && t->opened.in_modules)
		t->writer |= WS_WRITTEN_MODULES;
	return 0;
}

int ws_take_threads(struct ws_task *t)
{
	u32 tgid = bpf_get_current_task_btf()->tgid;
	struct ws_taken taken = {};

	if (!t)
		return 0;
	taken.session = t->session;
	taken.scope = t->scope;
	taken.script = t->script;
	taken.actor = t->actor;
	t->not_condemned = 0;
	ws_note_process(t, tgid);
	if (ws_try(TAKEN, bpf_map_update_elem(&taken_processes, &tgid, &taken, BPF_ANY)))
		ws_kill_current(t);
	__sync_fetch_and_add(&ws_taken_count, 1);
	return 0;
}

int ws_forget_taken(struct ws_task *t)
{
	u32 tgid = bpf_get_current_task_btf()->tgid;

	if (t && ws_taken_count)
		bpf_map_delete_elem(&taken_processes, &tgid);
	return 0;
}

/* Make a scope for what `writer` wrote and t's script runs: a tool of the writer. Returns its
 * number, 0: none. */
static __always_inline u64 ws_new_writer_scope(struct ws_task *t, struct ws_scope *writer,
					       u32 audit)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_policy *p = ws_policy();
	struct ws_scope *scope, *script;
	u64 *next, id, of = t->script;
	u32 zero = 0, event;

	next = bpf_map_lookup_elem(&serial, &zero);
	if (!next)
		return 0;
	id = __sync_fetch_and_add(next, 1) + 1;
	if (bpf_map_update_elem(&scopes, &id, writer, BPF_NOEXIST))
		return 0;
	scope = bpf_map_lookup_elem(&scopes, &id);
	script = bpf_map_lookup_elem(&scopes, &of);
	if (!scope)
		return 0;
	scope->id = id;
	scope->actor = WS_ACTOR_TOOL;
	scope->labels = 0;
	scope->started = t->started;
	scope->pid = task->tgid;
	scope->flags = (scope->flags & (WS_SCOPE_NAMED | WS_SCOPE_CONDEMNED)) | WS_SCOPE_WRITER;
	if (audit)
		scope->flags = (scope->flags & WS_SCOPE_NAMED) | WS_SCOPE_WRITER | WS_SCOPE_AUDIT;
	event = t->flags & WS_T_INSTALL ? WS_EVENT_INSTALL : WS_EVENT_OTHER;
	if (p && scope->earlier)
		ws_mask_and(&scope->package, &p->by_event[event]);
	for (u32 i = 0; i < WS_OPENING; i++)
		scope->opening[i] = 0;
	scope->opening_more = scope->opening_uring = 0;
	__builtin_memset(scope->event, 0, sizeof(scope->event));
	if (script)
		ws_try(SCOPE_RECORD,
		       bpf_probe_read_kernel(scope->event, sizeof(scope->event), script->event));
	return id;
}

static __always_inline void ws_report_writer_scope(struct ws_task *t, struct ws_scope *scope)
{
	struct task_struct *task = bpf_get_current_task_btf();

	with_record(ws_rec_scope, r, WS_REC_SCOPE, sizeof(*r)) {
		ws_head_of_task(&r->head, task, t);
		ws_try(SCOPE_RECORD, bpf_probe_read_kernel(&r->scope, sizeof(r->scope), scope));
		r->pad = 0;
		r->head.flags = scope->flags & WS_SCOPE_NAMED ? WS_F_NAME_FROM_DIR : 0;
		r->head.flags |= ws_write_short(r->dir, &r->dir_len,
						BPF_CORE_READ(task, fs, pwd.mnt),
						BPF_CORE_READ(task, fs, pwd.dentry), 0);
	}
}

/*
 * Make t's process the package's whose scope is t->writer. While something is installed it is that
 * package. In other scripts, and where packages may leave programs (caches, node_modules), it is
 * a tool of the package: hooks of git and browsers are honest. weak: it is not known to be the
 * program that the process was started for; it may be what that works on (tsc, aws s3 cp), and the
 * process a tool: what that never does while something is installed is stopped, else reported.
 */
__noinline int ws_take(struct ws_task *t, u32 weak)
{
	struct ws_writer_key key = {};
	struct ws_session *session;
	struct ws_scope *writer, *scope;
	bool shared, installs;
	u64 id, *known;

	if (!t)
		return 0;
	id = t->session;
	session = bpf_map_lookup_elem(&sessions, &id);
	shared = t->writer & (WS_WRITTEN_SHARED | WS_WRITTEN_MODULES);
	id = t->writer & WS_WRITTEN_SCOPE;
	writer = bpf_map_lookup_elem(&scopes, &id);
	if (!session || !writer)
		return 0;
	installs = t->flags & WS_T_INSTALL;
	if (installs && !shared && !weak) {
		t->actor = WS_ACTOR_PACKAGE;
		t->scope = t->script = id;
		t->flags &= ~(WS_T_MAIN | WS_T_PENDING | WS_T_SHIM);
		ws_take_threads(t);
		return 0;
	}
	key.writer = id;
	key.script = t->script;
	/* no honest package leaves a package manager anywhere */
	key.audit = !installs && (weak || (shared && t->actor != WS_ACTOR_MANAGER)) &&
		    !(session->flags & WS_SESSION_TOOLS);
	known = bpf_map_lookup_elem(&writer_scopes, &key);
	id = known ? *known : ws_new_writer_scope(t, writer, key.audit);
	scope = bpf_map_lookup_elem(&scopes, &id);
	if (!scope || (!known && bpf_map_update_elem(&writer_scopes, &key, &id, BPF_ANY))) {
		ws_count_lost(WS_LOST_SCOPE);
		ws_kill_current(t);
		return 0;
	}
	t->actor = WS_ACTOR_TOOL;
	t->scope = t->script = id;
	ws_take_threads(t);
	if (!known)
		ws_report_writer_scope(t, scope);
	return 0;
}

/* Whether t can become the package's t->writer: it belongs to nobody's package so far, or (named)
 * to that in whose place the writer has put what it runs. */
static __always_inline bool ws_is_free(const struct ws_task *t, u32 named)
{
	struct ws_scope *scope;
	u64 id = t->scope;

	if (t->actor != WS_ACTOR_TOOL)
		return true;
	scope = bpf_map_lookup_elem(&scopes, &id); /* .bin/x: whose it is is not known */
	return scope && !(scope->flags & WS_SCOPE_WRITER) &&
	       (named || !(scope->flags & WS_SCOPE_NAMED));
}

int ws_take_at_exec(struct ws_task *t, u32 script)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 file;

	if (!t || !ws_may_be_taken(t))
		return 0;
	ws_find_writer(t, (u64)BPF_CORE_READ(task, mm, exe_file));
	if (!t->writer && script) {
		file = ws_find_script();
		if (file)
			ws_find_writer(t, file);
	}
	/* a tool that executes it, or in whose package's directory it was put, is the writer's */
	if (t->writer && ws_is_free(t, 1))
		ws_take(t, 0);
	return 0;
}

#define WORD 64 /* of a name, so much is compared */

/* See whether the next word of argv ends with the name of the opened file. */
static long ws_named_step(u32 i, struct ws_written_above *c)
{
	struct ws_task *t = c->t;
	struct ws_opened *o;
	u64 from;
	long n;

	if (!t)
		return 1;
	o = &t->opened;
	if (o->at >= o->end)
		return 1;
	n = bpf_probe_read_user_str(t->command_link.text, WS_COMMAND_TEXT, (void *)o->at);
	if (n <= 1)
		return 1;
	from = o->at + n - 1;
	o->at += n;
	if (!i)
		return 0;
	o->words += t->command_link.text[0] != '-';
	__builtin_memset(o->word, 0, WORD);
	bpf_probe_read_user_str(o->word, WORD, (void *)(from - o->length));
	o->named |= ws_same(o->word, o->name, WORD);
	if (o->stem_length) {
		__builtin_memset(o->word, 0, WORD);
		bpf_probe_read_user_str(o->word, WORD, (void *)(from - o->stem_length));
		o->named |= ws_same(o->word, o->stem, WORD);
	}
	o->first |= o->named & (o->words < 2);
	return o->named & 1;
}

int ws_look_at_opened(struct ws_task *t, u64 address)
{
	struct file *file = (struct file *)address;
	struct task_struct *task = bpf_get_current_task_btf();
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct ws_written_above c = { .t = t };
	struct ws_opened *o;
	char end[8] = {};
	u32 length, stem;

	if (!t)
		return 0;
	o = &t->opened;
	__builtin_memset(o, 0, sizeof(*o));
	length = BPF_CORE_READ(dentry, d_name.len);
	bpf_probe_read_kernel_str(o->name, WORD, BPF_CORE_READ(dentry, d_name.name));
	o->length = length;
	if (length > 5) {
		bpf_probe_read_kernel_str(end, sizeof(end),
					  BPF_CORE_READ(dentry, d_name.name) + length - 5);
		o->data = WS_HAS_PREFIX(end, ".json");
	}
	__builtin_memset(end, 0, sizeof(end));
	if (length > 4)
		bpf_probe_read_kernel_str(end, sizeof(end),
					  BPF_CORE_READ(dentry, d_name.name) + length - 4);
	else if (length > 3)
		bpf_probe_read_kernel_str(end + 1, sizeof(end) - 1,
					  BPF_CORE_READ(dentry, d_name.name) + length - 3);
	o->code = WS_HAS_PREFIX(end + 1, ".js") || WS_HAS_PREFIX(end + 1, ".ts") ||
		  WS_HAS_PREFIX(end, ".cjs") || WS_HAS_PREFIX(end, ".mjs") ||
		  WS_HAS_PREFIX(end, ".cts") || WS_HAS_PREFIX(end, ".mts") ||
		  WS_HAS_PREFIX(end, "node");
	stem = length - 3;
	if (WS_HAS_PREFIX(end + 1, ".js") && length > 3 && stem < WORD) {
		barrier_var(stem);
		stem &= WORD - 1;
		bpf_probe_read_kernel(o->stem, stem, BPF_CORE_READ(dentry, d_name.name));
		o->stem_length = stem;
	}
	o->at = BPF_CORE_READ(task, mm, arg_start);
	o->end = BPF_CORE_READ(task, mm, arg_end);
	bpf_loop(32, ws_named_step, &c, 0);
	return 0;
}

int ws_take_at_open(struct ws_task *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file, *exe;
	struct ws_opened *o;
	u64 address;
	u32 runs;
	bool installs, elsewhere;

	if (!t || !ws_may_be_taken(t))
		return 0;
	file = t->object.file;
	address = (u64)file;
	if (!file)
		return 0;
	ws_find_writer(t, address);
	if (!t->writer || !(BPF_CORE_READ(file, f_mode) & FMODE_READ))
		return 0;
	exe = BPF_CORE_READ(task, mm, exe_file);
	runs = exe ? ws_interpreter((u64)exe) : 0;
	if (!runs) {
		/* awk -f, make and what it includes: while something is installed, what reads such
		 * a file may do what project scripts do, and no more */
		if (t->actor != WS_ACTOR_PROJECT || !(t->flags & WS_T_INSTALL) ||
		    (t->writer & (WS_WRITTEN_SHARED | WS_WRITTEN_MODULES)))
			return 0;
		return ws_take(t, 1);
	}
	elsewhere = !t->opened.in_project;
	ws_look_at_opened(t, address);
	o = &t->opened;
	if (!ws_is_free(t, o->named))
		return 0;
	if (!o->named) {
		installs = (t->flags & WS_T_INSTALL) && t->actor != WS_ACTOR_MANAGER;
		/* what lies in the project's node_modules is a dependency, and loaded as such: by
		 * JavaScript */
		if ((t->writer & WS_WRITTEN_MODULES) && runs == WS_INTERPRETS_JS &&
		    !(installs && elsewhere))
			return 0;
		/* outside of an installation programs honestly read what packages made */
		if (!installs) {
			if (runs != WS_INTERPRETS_JS || !o->code)
				return 0;
		} else if (o->data) {
			return 0;
		}
	}
	return ws_take(t, !o->first);
}

char _license[] SEC("license") = "GPL";
