/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_table.h - the processes of a session and their parents, as far as the records say: what a
 * verdict's lineage is made of.
 *
 * A process is identified by pid and start time, which no two processes share. One that has exited
 * is kept while a descendant of it lives, and for some time after (a grandchild may run exec when
 * its parent is gone). So the table is bounded by the processes alive, PROCESS_DEPTH generations
 * above each of them, and PROCESS_EXITED_MAX others that have exited.
 */
#ifndef WORMSIGN_PROCESS_TABLE_H
#define WORMSIGN_PROCESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "wire.h"

/* Exited ancestors beyond this generation are left out of lineages, which then count them. */
#define PROCESS_DEPTH 32
/* Exited processes without living descendants that are kept. */
#define PROCESS_EXITED_MAX 4096
/* Entries; when so many are alive, new processes are not entered, and lineages are incomplete. */
#define PROCESS_TABLE_MAX 32768
/* Programs kept of one process: the first and the last ones. */
#define PROCESS_IMAGES 4

/* One program that a process ran. */
struct image {
	uint64_t time; /* of the exec */
	char *label;   /* "sh -c node install.js": redacted, not escaped */
	char *exe;     /* path, or NULL; not redacted */
	char *argv;    /* words, NUL-joined, as in the record; of the last program only */
	size_t argv_len;
	bool argv_cut, exe_cut;
	bool manager; /* the main program of a package manager */
};

struct process {
	uint32_t pid, parent_pid, uid;
	uint64_t started;
	uint64_t scope;
	uint32_t actor;
	char comm[17];
	struct process *parent; /* NULL: not known, or `root` */
	bool root;		/* the session's command: its parent is outside the session */
	bool guessed;		/* entered from /proc: `started` is only as precise as that */
	bool exited;
	uint32_t depth;
	uint32_t skipped; /* ancestors left out between this and parent */
	struct image images[PROCESS_IMAGES];
	unsigned image_count;
	char *step; /* of a CI job, if it is the first process of one: process_step() */
	/* private to the table */
	LIST_HEAD(, process) children;
	LIST_ENTRY(process) sibling;
	LIST_ENTRY(process) same_bucket;
	TAILQ_ENTRY(process) in_unused;
	bool is_unused;
};

struct process_table;

/*
 * Asks the system about a process that no record has named, since it forked and never ran exec.
 * Returns 0 or a negative errno. *ret_started: CLOCK_MONOTONIC in ns, precise to 10 ms.
 */
typedef int (*process_look_fn)(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_started);

/* look: NULL: the system is not asked (tests, a log that is read back). Returns NULL if out of
 * memory. */
struct process_table *process_table_new(process_look_fn look);
void process_table_free(struct process_table *t);

/*
 * Enter what a record says: of an exec, of the process that any record names, of an exit. The first
 * process ever entered is taken for the session's command. exec and see return the process, which
 * is valid until the next call that enters something, or NULL if it could not be entered (out of
 * memory, table full).
 */
struct process *process_table_exec(struct process_table *t, const struct ws_rec_exec *r);
struct process *process_table_see(struct process_table *t, const struct ws_head *h);
void process_table_exit(struct process_table *t, const struct ws_head *h);

/* NULL: not in the table. */
struct process *process_table_find(const struct process_table *t, uint32_t pid, uint64_t started);
/* The youngest process that has or had this pid, or NULL. */
struct process *process_table_find_pid(const struct process_table *t, uint32_t pid);
size_t process_table_count(const struct process_table *t);

/* p is the first process of this step of a CI job. What was said first stays. */
void process_set_step(struct process *p, const char *step);
/* The step that p is of, as the youngest of p and its ancestors that has one; NULL: none has. */
const char *process_step(const struct process *p);

/* The last program it ran, or the one it inherited from the process that forked it; NULL: not
 * known. */
const struct image *process_image(const struct process *p);

#endif
