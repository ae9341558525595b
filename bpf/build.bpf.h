/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * build.bpf.h - programs that run a package's code to build it: build backends and setup.py of pip,
 * build scripts of cargo, extconf.rb of gem. How they are recognised is data (struct
 * ws_builder, by user/policy/managers.c).
 */
#ifndef WORMSIGN_BUILD_BPF_H
#define WORMSIGN_BUILD_BPF_H

#include "lib/maps.bpf.h"

/* Whether a manager (kind + 1) builds packages so. */
static __always_inline bool ws_is_builder(const struct ws_policy *p, u32 manager)
{
	return manager && p->builders[(manager - 1) & (WS_MANAGERS_MAX - 1)].builds;
}

/*
 * t, the running task and a child of such a manager's main process, has executed its first program.
 * If that builds a package, fill this CPU's scratch->scope (directory, name, version, event) and
 * build.salt, and return its actor: WS_ACTOR_PACKAGE, or WS_ACTOR_PROJECT of the project itself.
 * Else 0.
 */
u32 ws_find_build(struct ws_task *t);

#endif
