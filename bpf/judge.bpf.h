/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.bpf.h - decide about an operation, carry the decision out, report it. A hook describes the
 * operation's object in t->object (ws_new_object()), calls one of these functions for the running
 * task's record t, and returns its result. Nothing else on the kernel side decides anything.
 *
 * op: enum ws_op; power: enum ws_power. All return 0, or -EPERM or -ENOENT for a hook that can
 * refuse; t may be NULL (0). An operation of a condemned scope kills its caller.
 */
#ifndef WORMSIGN_JUDGE_BPF_H
#define WORMSIGN_JUDGE_BPF_H

#include "lib/subject.bpf.h"

#define WS_SENDS_TLS (1u << 31) /* it begins with encrypted data */

/* A packet on its way out. */
struct ws_packet {
	struct ws_address to;
	u32 amount;  /* payload bytes */
	u32 methods; /* set of 1 << enum ws_http; and WS_SENDS_TLS */
};

/* On the file object.mnt, object.dentry, and object.leaf. Of a rename or a link: once for each
 * name. */
int ws_judge_path(struct ws_task *t, u32 op, u32 power);
/* On the process object.target_pid, or on no object at all. */
int ws_judge_process(struct ws_task *t, u32 op, u32 power);
/* Towards the address t->to. */
int ws_judge_address(struct ws_task *t, u32 op, u32 power);
/* The exec that has just replaced the running task's program, by path and argv. Also notes in
 * t->exe which rules' conditions on the executable the new program meets. */
int ws_judge_exec(struct ws_task *t);
/* The sending of k through a socket of scope w. Nonzero: drop it. */
int ws_judge_packet(struct ws_socket *w, struct ws_packet *k);

/* Deny op to a package because its object cannot be resolved: pseudo rule WS_RULE_UNRESOLVED. */
int ws_refuse_unresolved(struct ws_task *t, u32 op, u32 power);
/* A task that t has forked cannot be tracked: stop the session (pseudo rule WS_RULE_LINEAGE), in
 * every mode. */
int ws_stop_untracked(struct ws_task *t);
/* Refuse op on one of wormsign's own processes to any actor: pseudo rule WS_RULE_GUARD. Not counted
 * as an attack, since a job may kill its whole process group, to which wormsign belongs. */
int ws_refuse_guarded(struct ws_task *t, u32 op, u32 power);

/* t ran while it was held at its exec: kill it, and condemn its package. Pseudo rule WS_RULE_HELD.
 */
int ws_refuse_held(struct ws_task *t);

/* The stronger of two such results, for a call that implies several operations, all of which are
 * judged. */
static __always_inline int ws_stronger(int a, int b)
{
	return a == -EPERM || !b ? a : b;
}

/* ret, as constants: the verifier checks which values an LSM program can return. */
static __always_inline int ws_answer(int ret)
{
	if (!ret)
		return 0;
	return ret == -ENOENT ? -ENOENT : -EPERM;
}

/* As BPF_PROG, for programs that refuse: fmod_ret on security_NAME, or LSM programs (see
 * prefer_lsm() in user/kernel/start.c). */
#define WS_DENY_PROG(name, args...)                                                              \
	name(unsigned long long *ctx);                                                           \
	static __always_inline int ____##name(unsigned long long *ctx, ##args);                  \
	int name(unsigned long long *ctx)                                                        \
	{                                                                                        \
		_Pragma("GCC diagnostic push")                                                   \
			_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") return ws_answer( \
				____##name(___bpf_ctx_cast(args)));                              \
		_Pragma("GCC diagnostic pop")                                                    \
	}                                                                                        \
	static __always_inline int ____##name(unsigned long long *ctx, ##args)

#endif
