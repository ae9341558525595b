// SPDX-License-Identifier: GPL-2.0-only
/* withheld.c - see withheld.h. */
#include "events/withheld.h"

#include <string.h>

const char *withheld_next(const struct withheld *w, const char *name)
{
	const char *next = name ? name + strlen(name) + 1 : w->names;

	return next < w->names + w->len ? next : NULL;
}

static void add_name(struct withheld *w, const char *name)
{
	size_t size = strlen(name) + 1;

	for (const char *n = withheld_next(w, NULL); n; n = withheld_next(w, n))
		if (strcmp(n, name) == 0)
			return;
	if (size > sizeof(w->names) - w->len) {
		w->left_out++;
		return;
	}
	memcpy(w->names + w->len, name, size);
	w->len += size;
	w->count++;
}

void withheld_add(struct withheld *w, const char *names, size_t len)
{
	w->scripts++;
	for (size_t at = 0; at < len;) {
		size_t n = strnlen(names + at, len - at);

		if (n == len - at) /* not ended: cut on the way */
			return;
		add_name(w, names + at);
		at += n + 1;
	}
}
