/* SPDX-License-Identifier: GPL-2.0-only */
/* selftest.h - the proof that attached hooks enforce: some kernels attach programs that they never
 * call. */
#ifndef WORMSIGN_SELFTEST_H
#define WORMSIGN_SELFTEST_H

#include "base/error.h"
#include "kernel/loader.h"

/*
 * Put a child process in a condemned session and let it open a file, which must kill it.
 * -EOPNOTSUPP: it survived, nothing is enforced here; other -errno: the test could not be made. e
 * explains both.
 */
int selftest(struct loader *l, struct error *e);

#endif
