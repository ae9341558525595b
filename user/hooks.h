/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hooks.h - the one table of hooks: which program serves which operation on which backend, what it needs of the
 * kernel, and what it can do to the operation. Nothing else knows program names.
 */
#ifndef WORMSIGN_HOOKS_H
#define WORMSIGN_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader.h"

enum hook_attach {
	HOOK_AUTO,   /* attached once, by what its section says */
	HOOK_RAW,    /* the same, where rows share a program: to the tracepoint that the section names */
	HOOK_CGROUP, /* attached to the cgroup of every session */
	HOOK_ASKED,  /* run by user space (iterator, syscall program) */
	HOOK_TLS,    /* attached to every executable and library that has SSL_write or the like */
};

enum hook_backend { HOOK_BOTH, HOOK_DENY, HOOK_WATCH };

struct hook {
	const char *name;     /* what people see */
	const char *function; /* program's C name */
	const char *section;  /* ... and section */
	const char *needs;    /* BTF name that must exist: a function for deny, "btf_trace_X" for a tracepoint; NULL: none */
	enum hook_backend backend;
	enum hook_attach attach;
	bool optional;	   /* without it the backend still stands, blinder; else loading fails */
	bool needs_task_storage_in_cgroup; /* 6.18 has it, 6.1 and 6.12 do not */
	bool by_rule;	   /* loaded only when a rule in force is about one of its operations */
	uint32_t ops;	   /* bits of enum ws_op */
	uint32_t late;	   /* of those: done by the time the caller dies, whatever `power` says */
	enum op_power power;
};

extern const struct hook hooks[];
extern const size_t hook_count;

#endif
