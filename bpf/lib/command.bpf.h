/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command.bpf.h - a package's own commands in node_modules/.bin. Some packages make their program
 * only in their install script, too late for the manager's link, and then make that themselves.
 */
#ifndef WORMSIGN_COMMAND_BPF_H
#define WORMSIGN_COMMAND_BPF_H

#include "lib/maps.bpf.h"
#include "lib/subject.bpf.h"

/* The name under which `ln -sf` of GNU makes a link that it then renames: "CuXXXXXX". */
static __always_inline bool ws_is_ln_temporary(const char *name)
{
	return WS_HAS_PREFIX(name, "Cu") && !name[8] && name[7];
}

/*
 * Whether t's object belongs to the package `scope` because it is
 * - in node_modules/.bin beside the package's directory, by the name of a command that its manifest
 *   declares (or that of ln's temporary link), a symbolic link: to be created; or to be removed or
 *   renamed, if it leads into the package's directory or the package has created it; or
 * - that .bin, a directory that is to be made. (What is created in it is judged by itself.)
 * Of a name that watch sees being made (object.leaf) only the name is known: true, and when the
 * call returns the question is asked again. Overwrites t->walk.chunk, and t->leaf if the object has
 * none. scope may be NULL (0).
 */
int ws_is_own_command(struct ws_task *t, const struct ws_scope *scope, u32 op);

#endif
