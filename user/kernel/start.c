// SPDX-License-Identifier: GPL-2.0-only
/* start.c - see start.h. */
#include "kernel/start.h"

#include "base/cleanup.h"
#include "kernel/selftest.h"

int loader_finish(struct loader *l, const struct tables *t, struct error *e)
{
	int err = loader_load(l, t, e);

	return err ?: selftest(l, e);
}

int loader_open(struct loader **ret, const struct tables *t, const struct loader_options *o,
		struct error *e)
{
	CLEANUP(loader_freep) struct loader *l = NULL;
	int err = loader_begin(&l, o, e);

	err = err ?: loader_finish(l, t, e);
	if (!err)
		*ret = TAKE_PTR(l);
	return err;
}
