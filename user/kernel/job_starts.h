/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job_starts.h - processes that the kernel side has stopped because they look like the start of a
 * CI job (bpf/job.bpf.c). Whoever takes one lets it go and continues it, or kills it.
 */
#ifndef WORMSIGN_JOB_STARTS_H
#define WORMSIGN_JOB_STARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "kernel/loader.h"
#include "wire.h"

struct job_starts;

struct job_program {
	struct ws_job_name name;
	struct ws_job_program program;
};

/* Begin to recognise them. programs: no name twice. l was opened with loader_options.jobs, and
 * outlives *ret. 0 and an owned *ret, or -errno with e. */
int job_starts_open(struct job_starts **ret, struct loader *l, const struct job_program *programs,
		    size_t count, struct error *e);
/* Recognise no more; those that are stopped are still to be taken, and held until then. */
void job_starts_detach(struct job_starts *s);
/* s may be NULL. */
void job_starts_free(struct job_starts *s);
/* Descriptor to poll for reading; owned by s. */
int job_starts_fd(const struct job_starts *s);
/* Hand over each process that waits, once. pid: in the initial pid namespace. It is held until
 * job_starts_let_go(). */
void job_starts_take(struct job_starts *s,
		     void (*each)(void *arg, uint32_t pid, const struct ws_job_exec *exec),
		     void *arg);
/* From now on it can be continued. l: of the instance that has stopped it. */
void job_starts_let_go(struct loader *l, uint32_t pid);

#endif
