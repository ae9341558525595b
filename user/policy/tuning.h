/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_parse.h - one JSON object to one rule, or one tuning. Used by ruleset.c only. */
#ifndef WORMSIGN_RULE_PARSE_H
#define WORMSIGN_RULE_PARSE_H

#include <jansson.h>
#include <time.h>

#include "error.h"
#include "ruleset.h"

/* A change that a site makes to a rule of an earlier directory. */
struct tuning {
	char *tune, *reason, *expires;
	char *file;
	struct rule change; /* severity, action and the unless_ lists, where set_ says so */
	bool set_severity, set_action, set_enabled, enabled;
};

/* 0 and an owned *ret; -EINVAL with file and JSON pointer in e. */
int rule_parse(struct rule *ret, json_t *object, const char *file, struct error *e);
/* today: "YYYY-MM-DD"; a tuning that expired before is wrong. */
int tuning_parse(struct tuning *ret, json_t *object, const char *file, const char *today,
		 struct error *e);
/* Change r as t says, and note it in r->tuned. Takes the lists out of t. */
int tuning_apply(struct tuning *t, struct rule *r, struct error *e);

void rule_done(struct rule *r);
void tuning_done(struct tuning *t);

/* Keys a rule may have, in the order of rules/README.md; NULL after the last. */
const char *rule_key(size_t n);

#endif
