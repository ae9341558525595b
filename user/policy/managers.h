/* SPDX-License-Identifier: GPL-2.0-only */
/* managers.h - the package managers, and the argv by which their processes are recognised. */
#ifndef WORMSIGN_MANAGERS_H
#define WORMSIGN_MANAGERS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A manager that runs code of packages to build them, and how the kernel side (bpf/build.bpf.h)
 * knows it. Each text is at most BUILD_TEXT bytes long. NULL: it has none.
 */
#define BUILD_TEXT 23

struct build {
	const char *const *argv;    /* patterns, NULL-ended: a child of the manager's main process
				       that executes one of them runs the package's code, and its
				       working directory is the package's. NULL: see `holder` */
	const char *event;	    /* what such a process is called in reports */
	const char *const *sets_up; /* those of them with which the manager has the package put
					itself into the environment that it installs to; NULL */
	const char *setup;	    /* what such a process is called */
	const char *name, *version; /* variables that the manager sets to the package's */
	/*
	 * Which directories are the project's own. Without members: the one in which the manager
	 * works, and those above. With: also those below it, but for those in or below which there
	 * is a file whose name begins with `mark`, and those in caches.
	 */
	bool members;
	const char *mark;
	const char *holder; /* each child that works below a directory of this name, in NAME, runs
			       the code of the package in NAME */
	const char *output; /* programs of builds lie in a directory of this name, and that two
			       above it is where packages write what they make: a cache */
};

struct manager {
	const char *name;	 /* "npm" */
	const char *ecosystem;	 /* purl type of its packages: "npm", "pypi", "cargo" */
	const char *const *argv; /* argv patterns (grammar: rules/README.md), NULL-ended; a process
				    that executes one of them is a manager's main process */
	const char *const *directory; /* options that name the project's directory, NULL-ended */
	/*
	 * Patterns as argv's of a main process that installs, and may run packages' scripts with a
	 * shell of its own, in its process. NULL: it has no such shell.
	 */
	const char *const *shell;
	const struct build *build; /* NULL: lifecycle scripts, as npm starts them */
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
