/* SPDX-License-Identifier: GPL-2.0-only */
/* managers.h - the package managers, and the argv by which their processes are recognised. */
#ifndef WORMSIGN_MANAGERS_H
#define WORMSIGN_MANAGERS_H

#include <stddef.h>

struct manager {
	const char *name;	 /* "npm" */
	const char *ecosystem;	 /* purl type of its packages: "npm", "pypi", "cargo" */
	const char *const *argv; /* argv patterns (grammar: rules/README.md), NULL-ended; a process
				    that executes one of them is a manager's main process */
};

/* The index is the `kind` of policy.h; ws_set.manager is kind + 1. */
extern const struct manager managers[];
extern const size_t manager_count;

#endif
