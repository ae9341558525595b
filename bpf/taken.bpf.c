// SPDX-License-Identifier: GPL-2.0-only
/* taken.bpf.c - a thread of a process that another of its threads has made a package's
 * (origin.bpf.h): see lib/subject.bpf.h. */
#include "lib/subject.bpf.h"

int ws_catch_up(struct ws_task *t)
{
	u32 tgid = bpf_get_current_task_btf()->tgid;
	struct ws_taken *taken;

	if (!t)
		return 0;
	t->taken_seen = ws_taken_count;
	taken = bpf_map_lookup_elem(&taken_processes, &tgid);
	if (!taken || taken->session != t->session || t->actor == WS_ACTOR_PACKAGE)
		return 0;
	t->not_condemned = 0;
	t->scope = taken->scope;
	t->script = taken->script;
	t->actor = taken->actor;
	if (t->actor == WS_ACTOR_PACKAGE)
		t->flags &= ~(WS_T_MAIN | WS_T_PENDING);
	return 0;
}

char _license[] SEC("license") = "GPL";
