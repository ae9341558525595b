// SPDX-License-Identifier: GPL-2.0-only
/* findings.c - what a session's verdicts and connections come to. */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

enum finding_kind finding_kind(const struct finding *f)
{
	if (f->action >= WS_DENY)
		return f->stops ? FINDING_STOPPED : FINDING_REFUSED;
	return f->action == WS_HIDE ? FINDING_HIDDEN : FINDING_ALERT;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->at[i].tried);
	for (size_t i = 0; i < f->to_count; i++)
		free(f->to[i].text);
	free(f->at);
	free(f->to);
	*f = (struct findings){ 0 };
}

/* Room for one more entry of `size` bytes in the list at *at. */
static bool make_room(void *at, size_t *room, size_t count, size_t size, size_t most)
{
	size_t more = *room ? *room * 2 : 16;
	void *p;

	if (count < *room)
		return true;
	if (count >= most)
		return false;
	p = realloc(*(void **)at, more * size);
	if (!p)
		return false;
	*(void **)at = p;
	*room = more;
	return true;
}

void findings_add(struct findings *f, const struct finding *one)
{
	for (size_t i = f->count; i > 0; i--) {
		struct finding *known = &f->at[i - 1];

		if (known->scope != one->scope || known->rule != one->rule ||
		    known->actor != one->actor || known->mode != one->mode)
			continue;
		known->count++;
		known->stops |= one->stops;
		return;
	}
	if (!make_room(&f->at, &f->room, f->count, sizeof(*f->at), FINDINGS_MOST)) {
		f->left_out++;
		return;
	}
	f->at[f->count] = *one;
	f->at[f->count].count = 1;
	f->at[f->count].tried = one->tried ? strdup(one->tried) : NULL;
	f->count++;
}

void findings_connect(struct findings *f, uint64_t scope, uint32_t actor, const char *text)
{
	char *copy;

	for (size_t i = 0; i < f->to_count; i++)
		if (f->to[i].scope == scope && strcmp(f->to[i].text, text) == 0)
			return;
	copy = strdup(text);
	if (!copy ||
	    !make_room(&f->to, &f->to_room, f->to_count, sizeof(*f->to), DESTINATIONS_MOST)) {
		free(copy);
		f->to_left_out++;
		return;
	}
	f->to[f->to_count++] = (struct destination){ .scope = scope, .actor = actor, .text = copy };
}
