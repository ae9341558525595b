// SPDX-License-Identifier: GPL-2.0-only
/* process_table.c - the processes of a session and their parents. */
#include "events/process_table.h"

#include <stdlib.h>
#include <string.h>

#include "events/command_label.h"
#include "events/decode.h"

#define BUCKETS 4096

/* How far a start time from /proc, which has ticks of 10 ms, may be from the true one, in ns. */
#define GUESS_WITHIN 20000000ULL

/* How often a full table is compared with /proc, at most, in ns: that reads a file per entry. */
#define SWEEP_EVERY 10000000000ULL

struct process_table {
	LIST_HEAD(bucket, process) buckets[BUCKETS];
	TAILQ_HEAD(, process) unused; /* exited, without children; oldest first */
	size_t count, unused_count;
	process_look_fn look;
	uint64_t swept; /* time of the record at which the last sweep was done; 0: none yet */
	bool has_root;
};

static struct bucket *bucket_of(const struct process_table *t, uint32_t pid)
{
	return (struct bucket *)&t->buckets[(pid * 2654435761u) >> 20 & (BUCKETS - 1)];
}

struct process_table *process_table_new(process_look_fn look)
{
	struct process_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	TAILQ_INIT(&t->unused);
	t->look = look;
	return t;
}

static void free_image(struct image *i)
{
	free(i->label);
	free(i->exe);
	free(i->argv);
	*i = (struct image){ 0 };
}

static void free_process(struct process *p)
{
	for (unsigned i = 0; i < p->image_count; i++)
		free_image(&p->images[i]);
	free(p->step);
	free(p);
}

void process_table_free(struct process_table *t)
{
	struct process *p;

	if (!t)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while ((p = LIST_FIRST(&t->buckets[i]))) {
			LIST_REMOVE(p, same_bucket);
			free_process(p);
		}
	free(t);
}

size_t process_table_count(const struct process_table *t)
{
	return t->count;
}

/* Whether a process of this start time can be p. */
static bool same_start(const struct process *p, uint64_t started)
{
	uint64_t apart = p->started > started ? p->started - started : started - p->started;

	return p->guessed ? apart <= GUESS_WITHIN : apart == 0;
}

struct process *process_table_find(const struct process_table *t, uint32_t pid, uint64_t started)
{
	struct process *p, *guess = NULL;

	LIST_FOREACH(p, bucket_of(t, pid), same_bucket)
	{
		if (p->pid != pid || !same_start(p, started))
			continue;
		if (!p->guessed)
			return p;
		guess = p;
	}
	return guess;
}

struct process *process_table_find_pid(const struct process_table *t, uint32_t pid)
{
	struct process *p, *best = NULL;

	LIST_FOREACH(p, bucket_of(t, pid), same_bucket)
	{
		if (p->pid == pid && (!best || p->started > best->started))
			best = p;
	}
	return best;
}

/* The process that had this pid when its child started: the youngest one that is older than the
 * child. */
static struct process *find_parent(const struct process_table *t, uint32_t pid, uint64_t started)
{
	struct process *p, *best = NULL;

	LIST_FOREACH(p, bucket_of(t, pid), same_bucket)
	{
		uint64_t slack = p->guessed ? GUESS_WITHIN : 0;

		if (p->pid == pid && p->started <= started + slack &&
		    (!best || p->started > best->started))
			best = p;
	}
	return best;
}

/* ---- start and exit ---- */

/* If p has exited and has no children, queue it to be forgotten. It is kept for a while, as a child
 * of it may not have been seen yet. */
static void queue_if_unused(struct process_table *t, struct process *p)
{
	if (!p->exited || p->is_unused || !LIST_EMPTY(&p->children))
		return;
	TAILQ_INSERT_TAIL(&t->unused, p, in_unused);
	p->is_unused = true;
	t->unused_count++;
}

static void unqueue(struct process_table *t, struct process *p)
{
	if (!p->is_unused)
		return;
	TAILQ_REMOVE(&t->unused, p, in_unused);
	p->is_unused = false;
	t->unused_count--;
}

static void unlink_parent(struct process_table *t, struct process *p)
{
	struct process *parent = p->parent;

	if (!parent)
		return;
	LIST_REMOVE(p, sibling);
	p->parent = NULL;
	queue_if_unused(t, parent);
}

static void link_parent(struct process_table *t, struct process *p, struct process *parent)
{
	p->parent = parent;
	p->depth = parent->depth + 1;
	LIST_INSERT_HEAD(&parent->children, p, sibling);
	unqueue(t, parent);
}

/* p has no children. */
static void forget(struct process_table *t, struct process *p)
{
	unqueue(t, p);
	LIST_REMOVE(p, same_bucket);
	t->count--;
	unlink_parent(t, p);
	free_process(p);
}

/* Remove p, which has exited, from the middle of its descendants' lineages. */
static void splice_out(struct process_table *t, struct process *p)
{
	struct process *child;

	while ((child = LIST_FIRST(&p->children))) {
		LIST_REMOVE(child, sibling);
		child->parent = NULL;
		child->skipped += p->skipped + 1;
		link_parent(t, child, p->parent);
	}
	forget(t, p);
}

/* p has exited. May free p and others. */
static void set_exited(struct process_table *t, struct process *p)
{
	if (p->exited)
		return;
	p->exited = true;
	if (p->depth > PROCESS_DEPTH && p->parent && !LIST_EMPTY(&p->children))
		splice_out(t, p);
	else
		queue_if_unused(t, p);
}

static void forget_unused(struct process_table *t, size_t keep)
{
	while (t->unused_count > keep)
		forget(t, TAILQ_FIRST(&t->unused));
}

/* The table is full, maybe of processes whose exit records were lost: ask the system which still
 * live. */
static void sweep(struct process_table *t, uint64_t now)
{
	struct process *p, *next;
	uint32_t parent;
	uint64_t started;

	if (!t->look || (t->swept && now < t->swept + SWEEP_EVERY))
		return;
	t->swept = now;
	for (size_t i = 0; i < BUCKETS; i++)
		for (p = LIST_FIRST(&t->buckets[i]); p; p = next) {
			next = LIST_NEXT(p, same_bucket);
			if (!p->exited && t->look(p->pid, &parent, &started) < 0)
				set_exited(t, p);
		}
}

static void make_room(struct process_table *t, uint64_t now)
{
	if (t->count < PROCESS_TABLE_MAX)
		return;
	if (!t->unused_count)
		sweep(t, now);
	forget_unused(t, t->unused_count / 2);
}

static struct process *add(struct process_table *t, uint32_t pid, uint64_t started)
{
	struct process *p;

	if (t->count >= PROCESS_TABLE_MAX)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pid = pid;
	p->started = started;
	LIST_INIT(&p->children);
	LIST_INSERT_HEAD(bucket_of(t, pid), p, same_bucket);
	t->count++;
	return p;
}

/* Whether p would be its own ancestor if `parent` became its parent. Only forged or corrupt records
 * say so. */
static bool is_above(const struct process *p, const struct process *parent)
{
	unsigned steps = 0;

	for (; parent; parent = parent->parent)
		if (parent == p || ++steps > PROCESS_TABLE_MAX)
			return true;
	return false;
}

/* The process that forked p, from the table, or else from the system: it has no record if it never
 * ran exec. */
static struct process *parent_of(struct process_table *t, const struct process *p)
{
	struct process *parent = find_parent(t, p->parent_pid, p->started), *above;
	uint32_t above_pid;
	uint64_t started;

	if (parent || !t->look || !p->parent_pid ||
	    t->look(p->parent_pid, &above_pid, &started) < 0 || started > p->started + GUESS_WITHIN)
		return parent;
	above = find_parent(t, above_pid, started);
	if (!above)
		return NULL;
	parent = add(t, p->parent_pid, started);
	if (!parent)
		return NULL;
	parent->guessed = true;
	parent->parent_pid = above_pid;
	parent->uid = above->uid;
	parent->actor = above->actor;
	parent->scope = above->scope;
	link_parent(t, parent, above);
	return parent;
}

static void enter_lineage(struct process_table *t, struct process *p, uint32_t parent_pid)
{
	struct process *parent;

	if (p->parent || p->root)
		return;
	p->parent_pid = parent_pid;
	if (!t->has_root) { /* the first process that has a record is the session's command */
		t->has_root = p->root = true;
		return;
	}
	parent = parent_of(t, p);
	if (parent && !is_above(p, parent))
		link_parent(t, p, parent);
}

struct process *process_table_see(struct process_table *t, const struct ws_head *h)
{
	struct process *p = process_table_find(t, h->pid, h->started), *before;

	if (!p) {
		/* The pid was reused: its previous owner has exited, even if its exit record was
		 * lost. */
		before = process_table_find_pid(t, h->pid);
		if (before && before->started < h->started)
			set_exited(t, before);
		forget_unused(t, PROCESS_EXITED_MAX);
		make_room(t, h->time);
		p = add(t, h->pid, h->started);
		if (!p)
			return NULL;
	}
	if (!h->comm[0]) /* a record about a packet: it only identifies the process */
		return p;
	p->started = h->started;
	p->guessed = false;
	p->uid = h->uid;
	p->actor = h->actor;
	p->scope = h->scope;
	memcpy(p->comm, h->comm, sizeof(h->comm));
	enter_lineage(t, p, h->parent);
	return p;
}

void process_table_exit(struct process_table *t, const struct ws_head *h)
{
	struct process *p = process_table_see(t, h);

	if (p)
		set_exited(t, p);
}

/* ---- programs ---- */

/* Room for one more program: the first one stays, the second one makes room. */
static struct image *next_image(struct process *p)
{
	if (p->image_count == PROCESS_IMAGES) {
		free_image(&p->images[1]);
		memmove(&p->images[1], &p->images[2], (PROCESS_IMAGES - 2) * sizeof(p->images[0]));
		p->image_count--;
		p->images[p->image_count] = (struct image){ 0 };
	}
	return &p->images[p->image_count];
}

struct process *process_table_exec(struct process_table *t, const struct ws_rec_exec *r)
{
	struct process *p = process_table_see(t, &r->head);
	_buf_ struct buf label = BUF_INIT, exe = BUF_INIT;
	struct image *image;

	if (!p)
		return NULL;
	if (r->manager) /* people see "npm", not env, then node, then npm-cli.js */
		while (p->image_count)
			free_image(&p->images[--p->image_count]);
	image = next_image(p);
	if (p->image_count) { /* argv is kept of the last program only */
		free(image[-1].argv);
		image[-1].argv = NULL;
		image[-1].argv_len = 0;
	}
	command_label(&label, r);
	if (r->exe_len) {
		decode_path(&exe, r->exe, r->exe_len, r->head.flags & WS_F_PATH_CUT);
		image->exe = buf_take(&exe);
	}
	image->exe_cut = r->head.flags & WS_F_PATH_CUT;
	image->label = buf_take(&label);
	image->time = r->head.time;
	image->manager = r->manager != 0;
	image->argv_cut = r->head.flags & WS_F_ARGV_CUT;
	if (r->argv.len) {
		image->argv = malloc(r->argv.len);
		if (image->argv) {
			memcpy(image->argv, r->argv.bytes, r->argv.len);
			image->argv_len = r->argv.len;
		}
	}
	p->image_count++;
	return p;
}

/* The program p ran at that time, or NULL. */
static const struct image *image_at(const struct process *p, uint64_t time)
{
	for (unsigned i = p->image_count; i > 0; i--)
		if (p->images[i - 1].time <= time)
			return &p->images[i - 1];
	return NULL;
}

const struct image *process_image(const struct process *p)
{
	uint64_t time = UINT64_MAX;
	const struct image *image;

	for (unsigned steps = 0; p && steps < PROCESS_TABLE_MAX; steps++, p = p->parent) {
		image = image_at(p, time);
		if (image || p->skipped)
			return image;
		time = p->started;
	}
	return NULL;
}

void process_set_step(struct process *p, const char *step)
{
	if (!p->step)
		p->step = strdup(step); /* out of memory: not known */
}

const char *process_step(const struct process *p)
{
	while (p && !p->step)
		p = p->parent;
	return p ? p->step : NULL;
}
