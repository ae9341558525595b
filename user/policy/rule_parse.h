/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_parse.h - one JSON object to one rule. */
#ifndef WORMSIGN_RULE_PARSE_H
#define WORMSIGN_RULE_PARSE_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"
#include "policy/rule.h"
#include "policy/rule_read.h"

/*
 * 0 and an owned *ret, to be freed with rule_done(); -EINVAL with `file` and the JSON pointer in e;
 * -ENOMEM.
 */
int rule_parse(struct rule *ret, json_t *object, const char *file, struct error *e);

/* Keys a rule may have, in the order of rules/README.md; NULL after the last. */
const char *rule_key(size_t n);

/* The reader of the key `unless`; base is a struct rule. */
int read_unless(struct reader *rd, const struct key *k, json_t *v, void *base);

#endif
