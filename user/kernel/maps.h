/* SPDX-License-Identifier: GPL-2.0-only */
/* maps.h - the compiled tables put into the kernel's maps. */
#ifndef WORMSIGN_MAPS_H
#define WORMSIGN_MAPS_H

#include "base/error.h"
#include "policy/tables.h"

struct wormsign_bpf;

/* Give both, which are not loaded yet, the maps of rows and sets, as large as the tables. 0 or a
 * negative errno. */
int maps_size(struct wormsign_bpf *first, struct wormsign_bpf *second, const struct tables *t);
/* After skel is loaded: write the tables, and the numbers of system calls. -errno, explained in e.
 */
int maps_fill(struct wormsign_bpf *skel, const struct tables *t, struct error *e);

#endif
