/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trial.h - one operation described in JSON, decided by the compiled tables with the functions of
 * bpf/decide.h: what a rule's own tests, `rules explain` and replay are made of. Places and homes
 * come from a fixed stage (rules/README.md) unless the description names the place.
 */
#ifndef WORMSIGN_TRIAL_H
#define WORMSIGN_TRIAL_H

#include <jansson.h>
#include <stdint.h>

#include "error.h"
#include "policy.h"

struct tables;
struct ruleset;

struct trial {
	enum ws_op op;
	enum ws_actor actor;
	int place; /* enum ws_place; negative: by the stage */
	const char *path, *exe, *package, *address;
	json_t *argv;			 /* list of words, or NULL */
	json_t *labels, *session_labels; /* lists of label names, or NULL */
	uint32_t port, times;
	int http; /* enum ws_http */
	uint64_t bytes; /* of each time */
};

/* Strings and lists of ret are borrowed from object. -EINVAL: e says what is wrong with it, without
 * a file. */
int trial_parse(struct trial *ret, json_t *object, struct error *e);

struct trial_result {
	uint32_t action, rule; /* of the last repetition, as in struct ws_outcome */
	uint32_t place;
	struct ws_mask candidates; /* all conditions on the object are met (labels and counts may be
				      missing) */
	struct ws_mask fired;	   /* in any repetition */
};

/* Decide t. A label that no rule sets is simply absent. */
void trial_run(struct trial_result *ret, const struct tables *tables, const struct ruleset *rules,
	       const struct trial *t);

/*
 * Why rule number index does not fire on t: the key whose condition is not met ("path",
 * "unless/exe", "after" ...), or NULL when it fires.
 */
const char *trial_misses(const struct tables *tables, const struct ruleset *rules,
			 const struct trial *t, size_t index);

/* Run the tests that rule number index carries; each failure is told to fn (kind: "fires" or
 * "quiet"). Returns how many operations were decided. */
size_t trial_rule_tests(const struct tables *tables, const struct ruleset *rules, size_t index,
			void (*fn)(void *arg, const char *kind, size_t n, json_t *operation,
				   const char *missed),
			void *arg);

/* Place of an absolute path on the stage. */
enum ws_place trial_place(const char *path);

#endif
