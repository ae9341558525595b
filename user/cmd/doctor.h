/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * doctor.h - what wormsign can do on this machine, found by loading rules and the kernel side for
 * real. The result is one JSON report, which doctor_print.h turns into text.
 */
#ifndef WORMSIGN_DOCTOR_H
#define WORMSIGN_DOCTOR_H

#include <jansson.h>

#include "wire.h"

enum doctor_verdict { DOCTOR_ALL = 0, DOCTOR_PARTLY = 1, DOCTOR_NOT = 2 };

struct doctor_options {
	const char *const *rules; /* more directories, NULL-ended */
	enum ws_backend backend;  /* WS_BACKEND_NONE: choose */
};

/* The report is the caller's; NULL: no memory. */
json_t *doctor_examine(const struct doctor_options *o, enum doctor_verdict *ret_verdict);

#endif
