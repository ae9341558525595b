// SPDX-License-Identifier: GPL-2.0-only
/* automaton.bpf.c - see lib/automaton.bpf.h. */
#include "lib/automaton.bpf.h"
#include "lib/try.bpf.h"

__noinline int ws_collect(struct ws_walk *w, u32 state)
{
	struct ws_row *row = bpf_map_lookup_elem(&rows, &state);
	struct ws_set *set;
	u32 index;

	if (!w || !row || !row->accept)
		return 0;
	index = row->accept;
	set = bpf_map_lookup_elem(&sets, &index);
	if (!set)
		return 0;
	ws_mask_or(&w->match, &set->match);
	ws_mask_or(&w->except, &set->except);
	ws_mask_or(&w->exe_match, &set->exe_match);
	ws_mask_or(&w->exe_except, &set->exe_except);
	ws_mask_or(&w->above, &set->above);
	ws_mask_or(&w->except_new, &set->except_new);
	w->shared |= set->shared;
	return 0;
}

__noinline u32 ws_feed(struct ws_chunk *c, u32 n, u32 automaton, u32 state)
{
	struct ws_policy *p = ws_policy();
	const u8 *classes;
	const u32 *row;
	u32 loops;

	if (!p || !c || automaton >= WS_DFA_MAX)
		return 0;
	classes = p->class_of[automaton];
	loops = p->loops[automaton];
	for (u32 i = 0; i < WS_CHUNK; i++) {
		if (i >= n || !state || state >= loops)
			break;
		row = bpf_map_lookup_elem(&rows, &state);
		if (!row)
			return 0;
		/* next[class]: classes are below WS_CLASSES, and the mask proves without a branch
		 * that the access stays within the row */
		state = row[classes[(u8)c->bytes[i]] & WS_CLASSES];
	}
	return state;
}

struct ws_feed {
	unsigned long at, end;
	u32 automaton;
	u32 state;
	u32 unread;
	u32 pad;
	struct ws_chunk chunk;
};

/* Feed the next chunk of a string in user memory. */
static long ws_feed_step(u32 i, struct ws_feed *f)
{
	struct ws_policy *p = ws_policy();
	unsigned long left = f->end - f->at;
	u32 n = left < WS_CHUNK ? left : WS_CHUNK, state = f->state;

	if (!p || f->at >= f->end || !state)
		return 1;
	if (n > WS_CHUNK)
		n = WS_CHUNK;
	barrier_var(n);
	if (n > WS_CHUNK || ws_try(ARGV, bpf_probe_read_user(&f->chunk, n, (void *)f->at)) < 0) {
		f->unread = 1;
		return 1;
	}
	f->state = ws_feed(&f->chunk, n, WS_DFA_ARGV, state);
	f->at += n;
	return 0;
}

u32 ws_match_argv(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_policy *p = ws_policy();
	struct ws_feed f = {};
	struct ws_row *row;

	if (!p)
		return 0;
	f.at = BPF_CORE_READ(task, mm, arg_start);
	f.end = BPF_CORE_READ(task, mm, arg_end);
	f.state = p->start[WS_DFA_ARGV];
	bpf_loop(1 << 20, ws_feed_step, &f, 0); /* 64 MB; the kernel's own limit is far below */
	row = bpf_map_lookup_elem(&rows, &f.state);
	return row && !f.unread ? row->accept : 0;
}

u32 ws_match_name(struct ws_scratch *s)
{
	struct ws_policy *p = ws_policy();
	struct ws_row *row;
	u32 state;
	long n;

	if (!p || !s)
		return 0;
	state = p->start[WS_DFA_NAME];
	/* n counts the final NUL, which the automaton is fed, too */
	n = ws_try(PACKAGE_NAME, bpf_probe_read_kernel_str(s->string, WS_NAME_MAX, s->scope.name));
	if (n < 0)
		return 0;
	for (u32 i = 0; i < WS_NAME_MAX / WS_CHUNK; i++) {
		if (n <= 0)
			break;
		state = ws_feed((struct ws_chunk *)(s->string + i * WS_CHUNK),
				n < WS_CHUNK ? n : WS_CHUNK, WS_DFA_NAME, state);
		n -= WS_CHUNK;
	}
	row = bpf_map_lookup_elem(&rows, &state);
	return row ? row->accept : 0;
}

char _license[] SEC("license") = "GPL";
