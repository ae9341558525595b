/* SPDX-License-Identifier: GPL-2.0-only */
/* loader_self.h - the self-test: an attach that succeeded is not yet enforcement. */
#ifndef WORMSIGN_LOADER_SELF_H
#define WORMSIGN_LOADER_SELF_H

#include "loader.h"

/*
 * Enter a child in a condemned session and let it open a file: it must not come back from that.
 * -EOPNOTSUPP when it does: hooks are attached and nothing is enforced.
 */
int loader_self_test(struct loader *l, struct error *e);

#endif
