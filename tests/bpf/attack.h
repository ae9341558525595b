/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attack.h - for tests that try every mode of a truth binary: the list of modes, one attempt from a
 * package of its own, and what came of it.
 */
#ifndef WORMSIGN_TEST_ATTACK_H
#define WORMSIGN_TEST_ATTACK_H

#include <stddef.h>

#include "stage.h"

/* A rule file about packages. `more`: further keys, each followed by a comma. */
#define RULE(id, on, action, more)                                             \
	"{\"id\":\"" id "\",\"title\":\"t\",\"severity\":\"high\",\"on\":[" on \
	"],\"actor\":[\"package\"]," more "\"action\":\"" action               \
	"\",\"why\":\"w\",\"remedy\":\"r\"}"

enum outcome {
	OUTCOME_THROUGH, /* the attack says that it had its effect */
	OUTCOME_REFUSED, /* the kernel said no, and it lived to say so */
	OUTCOME_KILLED,
	OUTCOME_UNSUPPORTED, /* unavailable on this machine: nothing is proved */
	OUTCOME_BROKEN,	     /* the test itself is wrong */
};
const char *outcome_name(enum outcome o);

struct modes {
	size_t count;
	char name[48][32];
};
/* What `binary list` prints. */
void attack_modes(struct modes *ret, const char *binary);

/* Run a script (printf style) as a package of its own, see stage_package. */
enum outcome attack(struct stage *s, const char *script, ...) __attribute__((format(printf, 2, 3)));

/* The backend of this kernel and the stage of the running test. */
extern enum ws_backend backend;
extern struct stage s;

/* What every main() begins with: a test's name as argument runs that one only; false: no backend
 * here, end with 77. */
bool attack_ready(int argc, char **argv);
/* A set-up: the stage opened with these rules, enforcing. Returns 0. */
int attack_begin(const char *const *rules);
/* A tear-down. */
int attack_end(void **state);

/*
 * Print one attempt that got through. Count these and compare with 0 at the end, so that one run
 * shows all of them.
 */
void attack_tell(const char *what, enum outcome o, const char *more, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Shows a known limit of this backend that SECURITY.md lists. Fails when the limit no longer
 * exists, because then SECURITY.md is wrong.
 */
void limit(const char *what, bool gets_through);

/* Size of a file below the stage's directory, -1: there is none. */
long attack_size(const struct stage *s, const char *path);

/* True in a guest, where emulated CPUs are some 30 times slower. */
bool attack_slow(void);

#endif
