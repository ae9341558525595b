/* SPDX-License-Identifier: GPL-2.0-only */
/* compile.h - a checked rule set turned into the kernel's tables. */
#ifndef WORMSIGN_COMPILE_H
#define WORMSIGN_COMPILE_H

#include "base/error.h"
#include "policy/ruleset.h"
#include "policy/tables.h"

/* The cache of automata of programs that run as root. */
#define COMPILE_CACHE "/var/cache/wormsign"

/*
 * cache: a directory for automata that were built before (dfa_cache.h); NULL: build them.
 * 0 and an owned *ret, to be freed with tables_free() before r is, because it borrows strings of r.
 * -E2BIG: a limit (rules, labels, states, symbol classes) is passed; e names the limit and the
 * pattern. -EINVAL: a pattern or address is wrong, which ruleset_load() excludes. -ENOMEM.
 */
int compile(struct tables **ret, const struct ruleset *r, const char *cache, struct error *e);

#endif
