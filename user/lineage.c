// SPDX-License-Identifier: GPL-2.0-only
/* lineage.c - the line of programs that led to a process, as one line for people. */
#include <string.h>

#include "process_table.h"

#define CHAIN 64 /* parts of one line that are considered */

static void add_part(struct buf *out, const char *part)
{
	if (out->len)
		buf_adds(out, " > ");
	buf_adds(out, part);
}

bool process_lineage(struct buf *out, const struct process *p, size_t longest)
{
	const char *parts[CHAIN];
	_buf_ struct buf own = BUF_INIT, line = BUF_INIT;
	const struct process *at = p;
	uint64_t time = UINT64_MAX;
	size_t count = 0, left_out = 0, head, total = 0;
	bool complete = false;

	if (p && !p->image_count) {
		/* Another name than its parent's: it did run exec, only that record is not here
		 * yet. */
		buf_adds(&own, p->comm[0] ? p->comm : "?");
		if (p->parent && strcmp(p->comm, p->parent->comm) == 0)
			buf_adds(&own, " (fork)");
		parts[count++] = own.at;
	}
	/* From the process upwards. */
	for (unsigned steps = 0; at && steps < PROCESS_MOST; steps++) {
		for (unsigned i = at->image_count; i > 0; i--) {
			const struct image *image = &at->images[i - 1];

			if (image->time > time || !image->label)
				continue;
			if (count < CHAIN)
				parts[count++] = image->label;
			else
				left_out++;
		}
		left_out += at->skipped;
		complete = at->root;
		time = at->started;
		at = at->parent;
	}
	/* Both ends tell most: the first part always, then the last ones as far as there is room.
	 */
	for (head = 0; head + 1 < count; head++) {
		total += strlen(parts[head]) + 3;
		if (total + strlen(parts[count - 1]) > longest && head)
			break;
	}
	left_out += count > head + 1 ? count - head - 1 : 0;
	if (count)
		add_part(&line, parts[count - 1]);
	if (left_out) {
		if (line.len)
			buf_adds(&line, " > ");
		buf_addf(&line, "... %zu more ...", left_out);
	}
	while (head > 0)
		add_part(&line, parts[--head]);
	if (!count)
		buf_adds(&line, "?");
	buf_add(out, line.at, line.len);
	if (!complete)
		buf_adds(out, " (lineage incomplete)");
	return complete;
}
