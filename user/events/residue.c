// SPDX-License-Identifier: GPL-2.0-only
/* residue.c - see residue.h. */
#include "events/residue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "events/verdict_text.h"

#include "residue.inc"

const char *residue_what(const struct residue_item *item)
{
	return item->place < residue_place_count ? residue_places[item->place].what
						 : "listening socket";
}

void residue_text(struct buf *out, const struct residue_item *item, const char *home)
{
	struct buf path = { .at = item->path, .len = strlen(item->path) };

	buf_addf(out, "%s ", residue_what(item));
	verdict_add_path(out, &path, home);
	buf_adds(out, item->place == RESIDUE_SOCKET ? "" : item->made ? " (new)" : " (changed)");
}

int residue_add(struct residue *r, uint32_t place, bool made, const char *path)
{
	struct residue_item item = { .place = place, .made = made }, *at;
	size_t listed = 0;

	for (size_t i = 0; i < r->count; i++)
		listed += r->at[i].place == place;
	if (listed == RESIDUE_LISTED) {
		r->more++;
		return 0;
	}
	at = reallocarray(r->at, r->count + 1, sizeof(*at));
	if (!at)
		return -ENOMEM;
	r->at = at;
	item.path = strdup(path);
	if (!item.path)
		return -ENOMEM;
	r->at[r->count++] = item;
	return 0;
}

void residue_free(struct residue *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->at[i].path);
	free(r->at);
	*r = (struct residue){ 0 };
}
