// SPDX-License-Identifier: GPL-2.0-only
/* process_lineage.c - the programs from the session's command to a process, in one line. */
#include "events/process_lineage.h"

#include <string.h>

#include "sanitize/redact_text.h"

#define PARTS_MAX 64 /* programs that one line can show */

/* Programs from a process up to the session's command. */
struct chain {
	const char *parts[PARTS_MAX];
	size_t count;
	size_t left_out; /* programs that are not among the parts */
	bool complete;	 /* the last part is the command */
};

/* When there is no more room, the last part is replaced: the ends, the process and the command,
 * matter most. */
static void add_to_chain(struct chain *c, const char *part)
{
	if (c->count == PARTS_MAX) {
		c->count--;
		c->left_out++;
	}
	c->parts[c->count++] = part;
}

static void follow(struct chain *c, const struct process *p)
{
	uint64_t time = UINT64_MAX;

	for (unsigned steps = 0; p && steps < PROCESS_TABLE_MAX; steps++) {
		for (unsigned i = p->image_count; i > 0; i--) {
			const struct image *image = &p->images[i - 1];

			if (image->time <= time && image->label)
				add_to_chain(c, image->label);
		}
		c->left_out += p->skipped;
		c->complete = p->root;
		time = p->started;
		p = p->parent;
	}
}

static void add_part(struct buf *out, const char *part)
{
	if (out->len)
		buf_adds(out, " > ");
	buf_adds(out, part);
}

/* The command, and as many of the last programs as there is room for: both ends say most. */
static void write_line(struct buf *line, const struct chain *c, size_t longest)
{
	size_t shown, total = 0, left_out = c->left_out;

	if (!c->count) {
		buf_adds(line, "?");
		return;
	}
	for (shown = 0; shown + 1 < c->count; shown++) {
		total += strlen(c->parts[shown]) + 3;
		if (total + strlen(c->parts[c->count - 1]) > longest && shown)
			break;
	}
	left_out += c->count - shown - 1;
	add_part(line, c->parts[c->count - 1]);
	if (left_out)
		buf_addf(line, " > ... %zu more ...", left_out);
	while (shown > 0)
		add_part(line, c->parts[--shown]);
}

bool process_lineage(struct buf *out, const struct process *p, size_t longest)
{
	_buf_ struct buf own = BUF_INIT, line = BUF_INIT;
	struct chain c = { .count = 0 };

	if (p && !p->image_count) {
		/* If its name differs from its parent's, it has run exec, and only the record of
		 * that has not come yet. */
		redact_comm(&own, p->comm, strlen(p->comm));
		if (!own.len)
			buf_adds(&own, "?");
		if (p->parent && strcmp(p->comm, p->parent->comm) == 0)
			buf_adds(&own, " (fork)");
		add_to_chain(&c, own.at);
	}
	follow(&c, p);
	write_line(&line, &c, longest);
	buf_add(out, line.at, line.len);
	if (!c.complete)
		buf_adds(out, " (lineage incomplete)");
	return c.complete;
}
