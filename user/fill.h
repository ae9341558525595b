/* SPDX-License-Identifier: GPL-2.0-only */
/* fill.h - the compiled tables put into the kernel's maps: sizes before loading, contents after. */
#ifndef WORMSIGN_FILL_H
#define WORMSIGN_FILL_H

#include "compile.h"
#include "error.h"

struct wormsign_bpf;

int fill_sizes(struct wormsign_bpf *skel, const struct tables *t);
int fill_tables(struct wormsign_bpf *skel, const struct tables *t, struct error *e);

#endif
