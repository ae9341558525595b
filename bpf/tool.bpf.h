/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tool.bpf.h - programs that lie in a package (node_modules, a manager's store) and are run by the
 * project's scripts, by the job, or by a manager for them: npx, pnpm dlx. Such a process, and what
 * it starts, is a tool of that package.
 */
#ifndef WORMSIGN_TOOL_BPF_H
#define WORMSIGN_TOOL_BPF_H

#include "lib/subject.bpf.h"

/*
 * Find the package whose program the running task's exec has started. script: a script
 * was executed, which the kernel replaced by its interpreter. Known are the program, the script
 * that was executed in its place (both by the kernel's own file), and the file that an interpreter
 * is told to run (by argv, which the caller chose). Returns 1 if there is one; then this CPU's
 * scratch->scope holds its name and directory. A manager's script in .bin is no package's: t is
 * flagged, and what it executes counts.
 */
int ws_find_tool(struct ws_task *t, u32 script);

#define WS_INTERPRETS_SHELL 1
#define WS_INTERPRETS_JS    2
#define WS_INTERPRETS	    3 /* another language */

/* Which of these exe (a struct file's kernel address) is, 0: no interpreter of scripts. */
int ws_interpreter(u64 exe);
/* The script (struct file *) that the running exec was asked to execute, 0: not found. */
u64 ws_find_script(void);

/* Whether the package that ws_find_tool() found can be a package manager: it has such a name, or
 * none that is known (env executes `node .bin/pnpm`, and has itself been looked at as a script). */
int ws_tool_is_manager(void);

/* Make t, the running task, a tool of that package. Returns 0. */
int ws_enter_tool(struct ws_task *t);

#endif
