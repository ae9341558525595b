/* SPDX-License-Identifier: GPL-2.0-only */
/* features.h - what this kernel can do, found by trying, never by its version. */
#ifndef WORMSIGN_FEATURES_H
#define WORMSIGN_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct features {
	bool btf;
	bool fmod_ret;		/* a program can be attached to security_file_open */
	char fmod_ret_why[128]; /* if not: the kernel's answer */
	bool uprobe_multi;	/* one link for many functions of a file */
	bool lsm;	    /* BPF programs can be LSM hooks, and "bpf" is among the LSMs in use */
	bool lsm_unguarded; /* ... and the kernel never skips such a program to avoid recursion */
	bool task_storage_in_cgroup; /* cgroup programs for sockets can use task storage */
};

/*
 * Try everything. -EPERM: BPF programs may not be loaded at all; -ENOENT: no BTF; -EOPNOTSUPP: the
 * kernel is too old. e says what to do.
 */
int features_probe(struct features *ret, struct error *e);

/* Whether the running kernel's BTF has a function of that name, or, for "btf_trace_X", the
 * tracepoint X. */
bool features_has(const char *name);

/*
 * Whether a task in the kernel can be preempted: "none", "voluntary", "full", "lazy", or "unknown".
 * version: of uname(2); chosen: the content of debugfs' sched/preempt, as in "none (voluntary)
 * full"; command_line: the kernel's. The last two may be NULL.
 */
const char *features_preemption(const char *version, const char *chosen, const char *command_line);

/* Whether the kernel is in lockdown mode "confidentiality", in which BPF programs cannot read its
 * memory. */
bool features_locked_down(void);

/* The capabilities that the process needs and lacks, by name ("CAP_BPF CAP_PERFMON"); "" if none.
 */
void features_missing_capabilities(char *ret, size_t size);

#endif
