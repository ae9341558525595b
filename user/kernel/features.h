/* SPDX-License-Identifier: GPL-2.0-only */
/* features.h - what this kernel allows, found by trying, never by its version. */
#ifndef WORMSIGN_FEATURES_H
#define WORMSIGN_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct features {
	bool btf;
	bool fmod_ret;		     /* a program was loaded on and attached to security_file_open */
	char fmod_ret_why[128];	     /* when not: the kernel's answer */
	bool uprobe_multi;	     /* one link for many functions of a file */
	bool lsm;		     /* BPF programs may be LSM hooks, and the kernel was booted with "bpf" among its LSMs */
	bool lsm_unguarded;	     /* ... and such a program is never skipped: there is no guard against recursion */
	bool task_storage_in_cgroup; /* cgroup connect and socket programs may ask for task storage */
};

/* Try. -EPERM: no right to load programs at all; -ENOENT: no BTF; -EOPNOTSUPP: too old; e says what to do. */
int features_probe(struct features *ret, struct error *e);

/* Whether the running kernel's BTF has a function (or typedef) of that name. */
bool features_has(const char *name);

/*
 * "none", "voluntary", "full", "lazy", or "unknown": whether a task in the kernel can be preempted. version: of uname(2);
 * chosen: debugfs' sched/preempt, "none (voluntary) full"; command_line: the kernel's. The last two may be NULL.
 */
const char *features_preemption(const char *version, const char *chosen, const char *command_line);

/* Whether the kernel is in lockdown mode "confidentiality", in which BPF programs may not read its memory. */
bool features_locked_down(void);

/* Missing capabilities by name ("CAP_BPF CAP_PERFMON"), or an empty string. */
void features_missing_capabilities(char *ret, size_t size);

#endif
