/* SPDX-License-Identifier: GPL-2.0-only */
/* cgroup_stale.h - cgroups of sessions whose every process of wormsign was killed at once: nobody
 * ended what lived there, nor removed them. */
#ifndef WORMSIGN_CGROUP_STALE_H
#define WORMSIGN_CGROUP_STALE_H

/* End what lives in them, and remove them, wherever they are in the hierarchy that is seen here.
 * Returns in how many something lived. What cannot be looked at is left. */
unsigned cgroup_stale_end(void);

#endif
