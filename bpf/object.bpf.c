// SPDX-License-Identifier: GPL-2.0-only
/*
 * object.bpf.c - see object.bpf.h. The functions of that header are global: the verifier checks
 * each one once per program, for any arguments.
 */
#include "object.bpf.h"

#include "links.bpf.h"

#include "lib/command.bpf.h"
#include "lib/event.bpf.h"
#include "lib/path.bpf.h"
#include "lib/subject.bpf.h"

/*
 * Remember, by inode, where a file lay when a package first linked it, so that later writes through
 * the new name are judged by the old place. (Linking itself is judged as reading: esbuild links its
 * program out of another package and never writes to it.) Returns false if the table is full.
 */
static __always_inline bool ws_remember_link(struct ws_task *t, const struct ws_place_key *file)
{
	struct ws_task *self = ws_self(); /* t again: as a map's value, which an update accepts */
	struct dentry *dentry = t->object.dentry;
	int err; /* before 6.4 the upper half of what an update returns is not set */

	if (!(t->walk.places & ~WS_PLACES_OURS))
		return true;
	if (!self)
		return false;
	ws_id_of(&self->walk.dir, BPF_CORE_READ(dentry, d_parent, d_inode));
	err = bpf_map_update_elem(&linked, file, &self->walk, BPF_NOEXIST);
	return !err || err == -EEXIST;
}

/* What ws_remember_link() kept of a file. NULL: nothing, or t's scope uses its own file in the
 * directory where it was when it was linked. */
static __always_inline struct ws_linked *ws_find_linked(struct ws_task *t,
							const struct ws_place_key *file)
{
	struct ws_linked *first = bpf_map_lookup_elem(&linked, file);
	struct dentry *dentry = t->object.dentry;
	struct ws_id dir;

	if (!first || (t->walk.places & ~WS_PLACES_OURS))
		return first;
	ws_id_of(&dir, BPF_CORE_READ(dentry, d_parent, d_inode));
	return dir.ino == first->dir.ino && dir.dev == first->dir.dev ? NULL : first;
}

/* Judge a write by what the file's first name matched. */
static __always_inline void ws_use_first_name(struct ws_task *t, const struct ws_place_key *file)
{
	struct ws_linked *first = ws_find_linked(t, file);
	struct ws_walk *w = &t->walk;

	if (!first)
		return;
	w->match = first->match;
	w->except = first->except;
	w->places = first->places;
}

/* Report what s's package has created: the next session shall know it. t->object is it. */
static __always_inline void ws_report_made(const struct ws_subject *s, const struct ws_id *id,
					   u32 guarded)
{
	const struct ws_object *o = &s->task->object;
	const struct ws_scope *scope = s->scope;

	with_record(ws_rec_made, r, WS_REC_MADE, sizeof(*r)) {
		ws_head_of_task(&r->head, bpf_get_current_task_btf(), s->task);
		r->id = *id;
		ws_try(PACKAGE_NAME, bpf_probe_read_kernel(r->name, sizeof(r->name), scope->name));
		r->guarded = guarded != 0;
		r->head.flags = ws_write_short(r->path, &r->path_len, o->mnt, o->dentry, 0);
	}
}

int ws_remember_created(struct ws_task *t, u32 places, u32 guarded, u64 ino, u64 dev)
{
	struct ws_place_key key = {};
	struct ws_subject subject, *s = &subject;
	struct ws_scope *family;
	u64 id;

	if (!ino || (places & WS_PLACE_BIT(WS_PLACE_UNKNOWN)) ||
	    !(places &
	      ~(WS_PLACES_OURS | WS_PLACE_BIT(WS_PLACE_TMP) | WS_PLACE_BIT(WS_PLACE_CACHE))))
		return 0;
	if (!t || t->actor != WS_ACTOR_PACKAGE || !ws_subject_of(s, t) || !s->scope)
		return 0;
	id = s->scope->family;
	family = bpf_map_lookup_elem(&scopes, &id);
	if (!family)
		return 0;
	key.session = s->session->id;
	key.id.ino = ino;
	key.id.dev = dev;
	if (guarded)
		id |= WS_CREATED_GUARDED;
	if (ws_try(CREATED, bpf_map_update_elem(&created, &key, &id, BPF_ANY)))
		return 0;
	__sync_fetch_and_or(&family->created_bloom[(ino >> 6) & (WS_BLOOM_WORDS - 1)],
			    1ULL << (ino & 63));
	__sync_fetch_and_add(&ws_places_version, 1);
	/* a name that the package gives itself would let it have what another one made */
	if ((places & (WS_PLACE_BIT(WS_PLACE_HOME) | WS_PLACE_BIT(WS_PLACE_PROJECT))) &&
	    (s->scope->flags & WS_SCOPE_NAMED))
		ws_report_made(s, &key.id, guarded);
	return 0;
}

/* Whether op changes what lies under a name. */
static __always_inline bool ws_changes(u32 op)
{
	return op == WS_OP_WRITE || op == WS_OP_CREATE || op == WS_OP_RENAME || op == WS_OP_LINK ||
	       op == WS_OP_UNLINK || op == WS_OP_CHMOD;
}

static __always_inline u64 ws_size_of(struct dentry *dentry)
{
	return BPF_CORE_READ(dentry, d_inode, i_size);
}

int ws_find_own_name(struct ws_task *t, struct ws_scope *scope, u32 op)
{
	struct ws_walk *w;

	if (!t || !scope || t->actor != WS_ACTOR_PACKAGE)
		return 0;
	w = &t->walk;
	if (ws_changes(op) && (scope->flags & WS_SCOPE_NAMED) && (w->places & ~WS_PLACES_OURS) &&
	    ws_owns_name(t, scope, op))
		w->places = WS_PLACE_BIT(WS_PLACE_OWN);
	if (w->places == WS_PLACE_BIT(WS_PLACE_MODULES) && ws_is_own_command(t, scope, op)) {
		w->places = WS_PLACE_BIT(WS_PLACE_OWN);
		t->object.own_command = 1;
	}
	return 0;
}

int ws_know_object(struct ws_task *t, u32 op)
{
	struct ws_place_key file;
	struct ws_known *known;
	struct ws_walk *w;
	int lost = 0;

	if (!t)
		return 0;
	w = &t->walk;
	t->decision.facts.object = 0;
	t->decision.facts.amount = 0;
	file.session = t->session;
	file.id = w->object;
	if (!file.id.ino)
		return 0;
	if (t->actor == WS_ACTOR_PACKAGE && t->object.linking)
		lost = !ws_remember_link(t, &file);
	else if (t->actor == WS_ACTOR_PACKAGE && (op == WS_OP_WRITE || op == WS_OP_CHMOD))
		ws_use_first_name(t, &file);
	known = bpf_map_lookup_elem(&identities, &file);
	if (known) {
		ws_mask_or(&w->match, &known->match);
		if (known->size == WS_ANY_SIZE || known->size == ws_size_of(t->object.dentry))
			ws_mask_or(&w->except, &known->except);
		if (!ws_mask_empty(&known->match))
			t->object.flags |= WS_F_IDENTITY;
	}
	t->decision.facts.object = file.id.ino;
	return lost;
}

char _license[] SEC("license") = "GPL";
