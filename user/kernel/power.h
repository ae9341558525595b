/* SPDX-License-Identifier: GPL-2.0-only */
/* power.h - what a hook can do to an operation, and the state of each hook of an instance. */
#ifndef WORMSIGN_POWER_H
#define WORMSIGN_POWER_H

#include <stdint.h>

#include "wire.h"

/* Weakest first: comparing numbers compares power. */
enum op_power {
	POWER_BLIND = 0,   /* does not see it */
	POWER_WATCH,	   /* sees it */
	POWER_KILL_AFTER,  /* kills the caller, but the operation has been carried out */
	POWER_KILL_BEFORE, /* kills the caller before it gains anything from the operation */
	POWER_DENY,	   /* refuses the operation */
};

/* One for each row of hooks[] (hooks.h). */
struct hook_state {
	const char *name;	 /* "file_open" */
	uint32_t ops;		 /* bits of enum ws_op that it serves */
	enum ws_backend backend; /* as which it is attached; NONE: not attached */
	const char *program;	 /* "fmod_ret/security_file_open", "lsm/file_open" */
	char lsm[96];		 /* where program points to when it was loaded as an LSM program */
	char why[128];		 /* when not attached: the reason */
};

#endif
