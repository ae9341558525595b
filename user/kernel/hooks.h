/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hooks.h - the table of hooks: which program serves which operations on which backend, what it
 * needs of the kernel, and what it can do to an operation. Program names are known only here.
 */
#ifndef WORMSIGN_HOOKS_H
#define WORMSIGN_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/power.h"

enum hook_attach {
	HOOK_AUTO, /* once, to what its section names */
	HOOK_RAW,  /* once a row, to the tracepoint that the section names: rows share a program */
	HOOK_CGROUP, /* to the cgroup of every session */
	HOOK_CALLED, /* not here: user space runs it (iterator, syscall program), or attaches it */
	HOOK_TLS,    /* to the TLS functions of executables and libraries (tls_libraries.h) */
};

enum hook_backend { HOOK_BOTH, HOOK_DENY, HOOK_WATCH };

struct hook {
	const char *name;     /* for people; two rows share one if they are of different backends */
	const char *function; /* the program's C name */
	const char *section;  /* ... and ELF section; libbpf attaches by it */
	const char *needs;    /* name that the kernel's BTF must have: a function, or "btf_trace_X"
				 for a tracepoint; NULL: none */
	enum hook_backend backend;
	enum hook_attach attach;
	bool optional; /* without it the backend sees less; without others, loading fails */
	bool needs_task_storage_in_cgroup; /* features.h; 6.18 has it, 6.1 and 6.12 do not */
	bool everywhere; /* runs at each system call of the machine, sessions or none */
	bool by_rule;	 /* loaded only if some rule is about one of its operations */
	bool jobs;	 /* loaded only for loader_options.jobs */
	uint32_t ops;	 /* bits of enum ws_op */
	uint32_t late; /* those of ops that are carried out before the caller dies, whatever `power`
			* says */
	enum op_power power;
};

extern const struct hook hooks[];
extern const size_t hook_count;

/* Whether h's program is in the second object (objects.h); no program is that is called, or
 * attached to TLS functions. */
bool hook_is_second(const struct hook *h);

#endif
