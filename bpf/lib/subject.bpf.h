/* SPDX-License-Identifier: GPL-2.0-only */
/* subject.bpf.h - the acting task: its record, session and scope, and the object it acts on. */
#ifndef WORMSIGN_SUBJECT_BPF_H
#define WORMSIGN_SUBJECT_BPF_H

#include "lib/maps.bpf.h"
#include "lib/try.bpf.h"

/* What a hook is able to do to the operation it sees. */
enum ws_power {
	WS_POWER_REFUSE = 0,  /* its return value fails the operation */
	WS_POWER_KILL_BEFORE, /* the operation happens, but its caller can be killed before it gets
				 the result */
	WS_POWER_KILL_AFTER,  /* the operation takes effect; its caller can only be killed */
	WS_POWER_DROP,	      /* the packet is dropped */
};

struct ws_subject {
	struct ws_task *task;
	struct ws_session *session;
	struct ws_scope *scope; /* NULL: the job, a manager */
};

/* Whether the running task, whose record is t, is held at its exec (lib/admit.bpf.h). */
static __always_inline bool ws_is_held(const struct ws_task *t)
{
	u32 tgid;

	if (!(t->flags & WS_T_HELD))
		return false;
	tgid = bpf_get_current_pid_tgid() >> 32;
	return bpf_map_lookup_elem(&held, &tgid) != NULL;
}

/* A task that is held does nothing by itself: one that acts was continued by somebody. */
static __always_inline bool ws_condemned(const struct ws_subject *s)
{
	return (s->session->flags & WS_SESSION_CONDEMNED) ||
	       (s->scope && (s->scope->flags & WS_SCOPE_CONDEMNED)) || ws_is_held(s->task);
}

/* How often a session or a scope was condemned: counted after its flag is set. */
__u64 ws_condemnations __weak;

/*
 * Whether t's session or scope may be condemned, without a look-up: false if nothing was condemned
 * since they were looked at, and were not. Every system call of a session comes by here.
 */
static __always_inline bool ws_may_be_condemned(const struct ws_task *t)
{
	return t->not_condemned != ws_condemnations + 1;
}

/* As ws_condemned(); remembers the answer no for ws_may_be_condemned(). */
static __always_inline bool ws_look_condemned(const struct ws_subject *s)
{
	/* a full barrier, as in ws_count_condemned(): the count is older than the flags read here
	 */
	u64 count = __sync_fetch_and_add(&ws_condemnations, 0);

	if (ws_condemned(s))
		return true;
	s->task->not_condemned = count + 1;
	return false;
}

/* Call it when the flag is set. */
static __always_inline void ws_count_condemned(void)
{
	u64 before = __sync_fetch_and_add(&ws_condemnations, 1);

	barrier_var(before); /* a result that is used makes it a full barrier */
}

/*
 * The first process of t's script, 0: unknown. Most often it is a shell that waits for the others.
 * It dies at its next operation as they do, but is left to end by itself: a manager takes a script
 * that was killed by a signal for its own end (pnpm kills itself by the same signal), and one that
 * has failed for what it is.
 */
static __always_inline u32 ws_first_of_script(const struct ws_task *t)
{
	struct ws_scope *script;
	u64 id = t->script;

	script = bpf_map_lookup_elem(&scopes, &id);
	return script ? script->pid : 0;
}

/* Kill the running task, whose record is t. */
static __always_inline void ws_kill_current(struct ws_task *t)
{
	if (!(t->flags & WS_T_DYING)) {
		t->flags |= WS_T_DYING;
		t->killed_at = bpf_ktime_get_ns();
	}
	ws_try(KILL, bpf_send_signal(SIGKILL));
}

/*
 * Look up the session and scope of task t. Returns false if t is NULL or if the session record is
 * gone (the session has ended); callers then allow the operation.
 */
static __always_inline bool ws_subject_of(struct ws_subject *s, struct ws_task *t)
{
	u64 id;

	if (!t)
		return false;
	s->task = t;
	id = t->session;
	s->session = bpf_map_lookup_elem(&sessions, &id);
	if (!s->session)
		return false;
	s->scope = NULL;
	id = t->scope;
	if (id)
		s->scope = bpf_map_lookup_elem(&scopes, &id);
	return true;
}

/* The object of t's next operation, cleared. */
static __always_inline struct ws_object *ws_new_object(struct ws_task *t)
{
	struct ws_object *o = &t->object;

	__builtin_memset(o, 0, sizeof(*o));
	o->in_caller = 1;
	return o;
}

/* Another thread may have made t's process a package's (origin.bpf.h): t becomes that, too. Returns
 * 0. */
int ws_catch_up(struct ws_task *t);

/* Record of the running task, NULL: it is in no session. */
static __always_inline struct ws_task *ws_self(void)
{
	struct ws_task *t = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0);

	if (t && t->taken_seen != ws_taken_count)
		ws_catch_up(t);
	return t;
}

/* Whether t belongs to an install script of a package or of the project, or is a tool. */
static __always_inline bool ws_in_scope(const struct ws_task *t)
{
	return t->actor == WS_ACTOR_PACKAGE || t->actor == WS_ACTOR_PROJECT ||
	       t->actor == WS_ACTOR_TOOL;
}

/* Whether what t does is not carried out where a rule forbids it: in audit mode, and of a tool in a
 * script that it may not be stopped in. scope may be NULL. */
static __always_inline u32 ws_mode_of(const struct ws_session *session,
				      const struct ws_scope *scope)
{
	u32 flags = scope ? scope->flags : 0;

	/* without a branch on the flag, which would double the verifier's paths */
	return session->mode | (flags / WS_SCOPE_AUDIT & WS_MODE_AUDIT);
}

/* enum ws_actor under which rules list what t does to files. */
static __always_inline u32 ws_acts_as(const struct ws_task *t)
{
	u32 runs_scripts = WS_T_MAIN | WS_T_SHELL;

	if (t->actor == WS_ACTOR_MANAGER &&
	    ((t->flags & WS_T_CLONE_CODE) || (t->flags & runs_scripts) == runs_scripts))
		return WS_ACTOR_SHELL;
	return t->actor;
}

/* Whether opens and changes of files by t are judged: some rule is about them, or they can show
 * another process's memory, or what t creates is remembered. */
static __always_inline bool ws_files_judged(const struct ws_task *t)
{
	struct ws_policy *p = ws_policy();

	return ws_in_scope(t) || (p && p->file_actors >> (ws_acts_as(t) & 31) & 1);
}

/*
 * Whether n bytes are equal; a and b are aligned to 8. Compares words and branches once at the end:
 * inside a bpf_loop() every branch doubles the paths that the verifier follows.
 */
typedef u64 __attribute__((may_alias)) ws_word;

static __always_inline bool ws_same(const char *a, const char *b, u32 n)
{
	u64 differ = 0;

	for (u32 i = 0; i + 8 <= n; i += 8)
		differ |= *(const ws_word *)(a + i) ^ *(const ws_word *)(b + i);
	for (u32 i = n & ~7u; i < n; i++)
		differ |= (u8)(a[i] ^ b[i]);
	return !differ;
}

#define WS_HAS_PREFIX(s, literal) ws_same((s), (literal), sizeof(literal) - 1)

/* Enter process tgid in the table of processes that belong to a scope: t's. */
static __always_inline void ws_note_process(const struct ws_task *t, u32 tgid)
{
	struct ws_process p = { .session = t->session, .scope = t->scope };

	ws_try(PROCESS, bpf_map_update_elem(&processes, &tgid, &p, BPF_ANY));
}

#endif
