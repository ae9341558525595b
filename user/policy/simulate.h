/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * simulate.h - operations decided by the compiled tables, with the functions of bpf/decide.h,
 * instead of by the kernel. Places and homes come from a fixed directory layout, the stage
 * (rules/README.md), unless the operation names its place.
 */
#ifndef WORMSIGN_SIMULATE_H
#define WORMSIGN_SIMULATE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"
#include "policy/operation.h"
#include "policy/ruleset.h"
#include "policy/tables.h"

struct simulation {
	uint32_t action, rule;	   /* of the last repetition, as in struct ws_outcome */
	uint32_t place;		   /* the object's main one; ELSEWHERE if it has no path */
	uint32_t places;	   /* WS_PLACE_BIT() of each; 0: it has no path */
	struct ws_mask candidates; /* rules whose conditions on object and actor are met; labels and
				    * counts may still be missing */
	struct ws_mask fired;	   /* rules that fired in any repetition */
};

/*
 * Decide o, o->times times. tables are compiled from rules. A label that no rule sets counts as
 * absent.
 */
void simulate(struct simulation *ret, const struct tables *t, const struct ruleset *rules,
	      const struct operation *o);

/*
 * Why rule number index does not fire on o: the key of the first condition that is not met ("path",
 * "unless/exe", "after" ...); NULL: it fires.
 */
const char *simulate_unmet(const struct tables *t, const struct ruleset *rules,
			   const struct operation *o, size_t index);

/*
 * Run the tests that rule number index carries. Calls fn for each that fails, with its list
 * ("fires" or "quiet"), its number in that list, and simulate_unmet(). Returns how many operations
 * were simulated.
 */
size_t simulate_rule_tests(const struct tables *t, const struct ruleset *rules, size_t index,
			   void (*fn)(void *arg, const char *kind, size_t n, json_t *operation,
				      const char *unmet),
			   void *arg);

/* Place of an absolute path on the stage. */
enum ws_place simulate_place(const char *path);

#endif
