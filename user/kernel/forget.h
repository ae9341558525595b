/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * forget.h - remove from the kernel's tables what sessions have left there that are over. A lone
 * `run` unloads the tables; an instance that serves one session after the other would fill them.
 */
#ifndef WORMSIGN_FORGET_H
#define WORMSIGN_FORGET_H

#include <stddef.h>

struct loader;

/*
 * Returns how many entries were removed. Takes some milliseconds, whatever is in the tables. What
 * belongs to a session is kept from its loader_session_begin() on.
 */
size_t loader_forget_ended(struct loader *l);

#endif
