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
	const char *const *directory; /* options that name the project's directory, NULL-ended */
};

/* The index is the `kind` of policy.h; ws_set.manager is kind + 1. */
extern const struct manager managers[];
extern const size_t manager_count;

/*
 * The directory in which argv (len bytes, words followed by a NUL each) tells manager m to work, as
 * it stands there; within argv. NULL: none, or argv is about programs for the whole machine.
 */
const char *manager_directory(const struct manager *m, const char *argv, size_t len);

#endif
