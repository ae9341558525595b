/* SPDX-License-Identifier: GPL-2.0-only */
/* env.bpf.h - the variables by which npm and its kin describe a script to itself, read from the
 * environment of the exec. */
#ifndef WORMSIGN_ENV_BPF_H
#define WORMSIGN_ENV_BPF_H

#include "lib/maps.bpf.h"

/* This CPU's scratch memory; only for hooks that run with preemption off. */
static __always_inline struct ws_scratch *ws_scratch(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* Whether the string of these words begins so. */
static __always_inline bool ws_begins(const struct ws_begin *b, const u64 *words)
{
	return b->length &&
	       !(((words[0] & b->mask[0]) ^ b->bytes[0]) | ((words[1] & b->mask[1]) ^ b->bytes[1]) |
		 ((words[2] & b->mask[2]) ^ b->bytes[2]));
}

/* Which variables were found. */
#define WS_ENV_EVENT   1u
#define WS_ENV_NAME    2u
#define WS_ENV_VERSION 4u
#define WS_ENV_JSON    8u
#define WS_ENV_ALL     15u
#define WS_ENV_CUT     16u /* the environment was not read to its end */

#define WS_COMMAND_VARIABLE "npm_package_bin_"

/* Read the running task's environment into this CPU's scratch, where the fields must be zero.
 * builder: kind + 1 of the manager that builds a package, whose variables are read then; 0: those
 * of npm and its kin. Returns WS_ENV_ bits. */
u32 ws_read_environment(u32 builder);
/*
 * A hash of what ws_read_environment() found, never 0: identifies the script. The event alone would
 * not do: the `postinstall` of a git dependency, installed by a project's own `postinstall`, is not
 * that script's helper.
 */
u32 ws_script_hash(void);
/* Hash of a command's name, which ends at a NUL or '='; never 0. What a variable's name cannot hold
 * counts as '_', as yarn and pnpm write it. c may be NULL (0), as may a name that fills it. */
u32 ws_hash_command(const struct ws_chunk *c);
/* Add a command to those in scratch's scope, if there is room. Returns 0. */
int ws_add_command(u32 hash);
/*
 * Report HOME in the running task's environment (t is its record), if no exec in this session has
 * had it before. Returns 0.
 */
int ws_note_home(struct ws_task *t);
/* Hash of the event in scratch, never 0. */
u32 ws_event_hash(void);

#endif
