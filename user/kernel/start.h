/* SPDX-License-Identifier: GPL-2.0-only */
/* start.h - an instance of the kernel side, loaded and proven to enforce. */
#ifndef WORMSIGN_START_H
#define WORMSIGN_START_H

#include "base/error.h"
#include "kernel/loader.h"

/*
 * loader_begin(), loader_load(), then selftest(). 0 and an owned *ret, to be freed with
 * loader_free(); their errors, explained in e.
 */
int loader_open(struct loader **ret, const struct tables *t, const struct loader_options *o,
		struct error *e);
/* The rest, of l which has been begun. After an error l can only be freed. */
int loader_finish(struct loader *l, const struct tables *t, struct error *e);

#endif
