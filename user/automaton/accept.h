/* SPDX-License-Identifier: GPL-2.0-only */
/* accept.h - accept sets (struct ws_set of policy.h) joined and compared. */
#ifndef WORMSIGN_ACCEPT_H
#define WORMSIGN_ACCEPT_H

#include <stdbool.h>

#include "policy.h"

/*
 * Add to *to what *from accepts. An argv that shows two package managers is taken for the one with
 * the smaller number.
 */
void accept_or(struct ws_set *to, const struct ws_set *from);

/* Whether accepting `all` includes accepting `part`. Any manager includes any other. */
bool accept_includes(const struct ws_set *all, const struct ws_set *part);

#endif
