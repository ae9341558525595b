/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor.h - what this machine lets wormsign do, found by trying; one JSON report, from which the
 * text is made. */
#ifndef WORMSIGN_DOCTOR_H
#define WORMSIGN_DOCTOR_H

#include <jansson.h>
#include <stdio.h>

#include "loader.h"
#include "ruleset.h"

enum doctor_verdict { DOCTOR_ALL = 0, DOCTOR_PARTLY = 1, DOCTOR_NOT = 2 };

/* What becomes of one rule here. */
enum rule_power { RULE_BLIND = 0, RULE_WATCH, RULE_KILL, RULE_DENY };

/* Weakest over the operations of the rule; *ret_op is the operation that is the weakest. */
enum rule_power doctor_rule(const struct rule *r, enum op_power (*power)(void *arg, enum ws_op op),
			    void *arg, enum ws_op *ret_op);
const char *rule_power_name(enum rule_power p);
const char *op_power_name(enum op_power p);

struct doctor_options {
	const char *const *rules; /* more directories, NULL-ended */
	enum ws_backend backend;  /* WS_BACKEND_NONE: choose */
};

/* Look, load, try. The report is the caller's; NULL: no memory. */
json_t *doctor_examine(const struct doctor_options *o, enum doctor_verdict *ret_verdict);

/* The report for people. */
void doctor_print(FILE *to, const json_t *report);

#endif
