/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admission.h - the processes that the kernel side holds at their exec (sessions with
 * WS_SESSION_ADMITS). Unless they say otherwise, functions return 0 or a negative errno.
 */
#ifndef WORMSIGN_ADMISSION_H
#define WORMSIGN_ADMISSION_H

#include <stdbool.h>

#include "kernel/loader.h"

struct admission;

/* To wait for held processes: an owned *ret, for the calling process only. */
int admission_open(struct admission **ret, struct loader *l);
void admission_close(struct admission *a);
/* In a process that was forked: others are told when a process is held. */
void admission_leave_poll(struct admission *a);
/* Readable when a process was held since the last admission_list(). */
int admission_poll_fd(const struct admission *a);
/* Call each() for every process that is held now; pid is of the initial pid namespace. Returns how
 * many there were. */
int admission_list(struct admission *a,
		   void (*each)(void *arg, uint32_t pid, const struct ws_held *h), void *arg);
/* Hold the process no more; it can be continued then. -ESRCH: it was not held. */
int admission_let_go(struct admission *a, uint32_t pid);
/* Whether this kernel side judges calls before they begin. */
bool admission_judges_ahead(const struct loader *l);
/* The record of the task behind pidfd, if it acts for a package: 1, with *ret; 0: it does not. */
int admission_task_of(const struct admission *a, int pidfd, struct ws_task_fields *ret);
/* Fill in ask->answer and ask->condemned (struct ws_ahead). If it cannot be asked the answer is 0.
 */
void admission_judge_ahead(const struct admission *a, struct ws_ahead *ask);
/* A process that acts for a package. */
struct admission_package {
	struct ws_task_fields task;
	struct ws_mask rules; /* whose conditions on session, package and executable are met */
	uint64_t labels, session_labels;
	uint32_t mode; /* enum ws_mode */
};
/* Whether the process behind pidfd is one: 1, with *ret; 0: it is not. */
int admission_package_of(const struct admission *a, int pidfd, struct admission_package *ret);

#endif
