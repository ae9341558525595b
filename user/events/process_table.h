/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_table.h - which process came from which, as far as the records tell: what makes a verdict
 * explicable.
 *
 * A process is named by (pid, start time), which no other process ever has. What ended is kept
 * while something that it started lives, and some time longer (a grandchild may exec after its
 * parent is gone); so the table is bounded by the processes alive, PROCESS_DEPTH generations above
 * each, and PROCESS_GONE of the dead.
 */
#ifndef WORMSIGN_PROCESS_TABLE_H
#define WORMSIGN_PROCESS_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "buf.h"
#include "wire.h"

#define PROCESS_DEPTH \
	32 /* dead ancestors beyond this generation are left out of lineages, and counted there */
#define PROCESS_GONE 4096 /* dead processes without living children that are kept */
#define PROCESS_MOST \
	32768		 /* entries; beyond it new processes are not entered, and lineages say so */
#define PROCESS_IMAGES 4 /* programs one process ran that are kept: the first and the last ones */

struct image { /* one program that a process ran */
	uint64_t time;
	char *label; /* "sh -c node install.js": redacted, not escaped */
	char *exe;   /* path, or NULL; not redacted */
	char *argv;  /* words, NUL-joined, as in the record */
	size_t argv_len;
	bool argv_cut, exe_cut;
	bool manager; /* a package manager's main program */
};

struct process {
	uint32_t pid, parent_pid, uid;
	uint64_t started;
	uint64_t scope;
	uint32_t actor;
	char comm[17];
	struct process *parent;
	bool root;    /* the command of the session: its parent is not ours */
	bool guessed; /* `started` is from /proc, in its coarser unit */
	bool exited;
	uint32_t depth;
	uint32_t skipped; /* ancestors left out between this and parent */
	struct image images[PROCESS_IMAGES];
	unsigned image_count;
	/* the table's */
	LIST_HEAD(, process) children;
	LIST_ENTRY(process) sibling;
	LIST_ENTRY(process) same_bucket;
	TAILQ_ENTRY(process) in_gone;
	bool is_gone;
};

struct process_table;

/*
 * Asks the system about a process of which no record told (it forked and never ran exec): 0, or a
 * negative errno. *ret_started in ns, good to 10 ms.
 */
typedef int (*process_look_fn)(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_started);
int process_look_proc(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_started);

/* look may be NULL. NULL: no memory. */
struct process_table *process_table_new(process_look_fn look);
void process_table_free(struct process_table *t);

/*
 * Enter what a record tells. Return the process, valid until the next call that enters something,
 * or NULL when it could not be entered (no memory, table full).
 */
struct process *process_table_exec(struct process_table *t, const struct ws_rec_exec *r);
struct process *process_table_see(struct process_table *t, const struct ws_head *h);
void process_table_exit(struct process_table *t, const struct ws_head *h);

struct process *process_table_find(const struct process_table *t, uint32_t pid, uint64_t started);
/* The youngest process that has or had this pid. */
struct process *process_table_find_pid(const struct process_table *t, uint32_t pid);
size_t process_table_count(const struct process_table *t);

/* The last program it ran, its own or inherited from the process that forked it; NULL: not known.
 */
const struct image *process_image(const struct process *p);

/*
 * Append "npm install > sh -c node install.js > node install.js > curl". Redacted, not escaped.
 * Long commands and long lines are shortened. When the line does not reach the session's command,
 * it ends with " (lineage incomplete)"; returns whether it does reach it.
 */
bool process_lineage(struct buf *out, const struct process *p, size_t longest);

#endif
