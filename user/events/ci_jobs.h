/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ci_jobs.h - the CI systems of rules/data/ci-jobs.json, and which job an environment is of. What
 * its variables do not say is left out.
 */
#ifndef WORMSIGN_CI_JOBS_H
#define WORMSIGN_CI_JOBS_H

#include <stdbool.h>
#include <stddef.h>

/* Members of an identity beside the provider: as the table and events name them. */
#define CI_MEMBERS 9
static const char *const ci_members[CI_MEMBERS] = {
	"repository", "pipeline", "job", "run", "attempt", "commit", "branch", "actor", "runner",
};
#define CI_COMMIT 5 /* of these */

#define CI_VALUE_MAX 1024 /* bytes; a longer value is no name of anything */

struct ci_provider {
	const char *name;
	const char *const *signs; /* NULL-ended, as are the next */
	const char *const *variables[CI_MEMBERS];
	const char *const *step; /* variables of a step's processes; NULL-ended */
};

extern const struct ci_provider ci_providers[];
extern const size_t ci_provider_count;

/* What the agent takes for the start of a job (bpf/wire.h, struct ws_job_exec). */
struct ci_start {
	const char *provider, *runner;
	const char *argument; /* file name of a word of the runner's argv; NULL: any */
	const char *const *executables, *const *through; /* NULL-ended */
	bool whole; /* the process is the job, not a step of it */
};

extern const struct ci_start ci_starts[];
extern const size_t ci_start_count;

struct job_identity { /* borrows from the environment that it was found in */
	const char *provider;
	const char *members[CI_MEMBERS]; /* NULL: not known */
};

/* -ENOENT: it is not the environment, NAME=VALUE and NULL-ended, of a job. */
int job_identity_find(struct job_identity *ret, char *const *environment);

/* Which step of its job a process with this environment is, as the provider names it. Borrowed from
 * environment; NULL: it does not say. */
const char *job_step_find(char *const *environment);

#endif
