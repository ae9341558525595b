/* SPDX-License-Identifier: GPL-2.0-only */
/* managers.h - which programs are package managers, told by the argv their exec shows. */
#ifndef WORMSIGN_MANAGERS_H
#define WORMSIGN_MANAGERS_H

#include <stddef.h>

struct manager {
	const char *name;	    /* "npm" */
	const char *ecosystem;	    /* purl type of its packages: "npm", "pypi", "cargo" */
	const char *const *argv;    /* argv patterns (grammar: rules/README.md), NULL-ended; a match makes the process a manager's main */
};

/* Index is the `kind` of policy.h (ws_set.manager is kind + 1). */
extern const struct manager managers[];
extern const size_t manager_count;

#endif
