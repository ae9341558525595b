/* SPDX-License-Identifier: GPL-2.0-only */
/* withheld.h - which secret variables were emptied in the environments of scripts, by name. */
#ifndef WORMSIGN_WITHHELD_H
#define WORMSIGN_WITHHELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct withheld {
	char names[4096]; /* each once, with a NUL */
	size_t len;
	size_t count, left_out; /* names in it; names for which there was no room */
	uint64_t scripts;	/* scripts whose environment held a secret */
	uint64_t failed;	/* scripts that were killed because it could not be done for them */
	const char *unavailable; /* why no environment was emptied; NULL: they were */
	uint64_t unguarded;	 /* scripts whose calls could not be refused before they began */
	const char *calls_open;	 /* why that holds for all; NULL: it does not */
	const char *files_open;	 /* why scripts could read files with credentials; NULL: they could
				    not */
};

/* Add one script's variables: names with a NUL each, len bytes in all. */
void withheld_add(struct withheld *w, const char *names, size_t len);

/* The name after `name`; NULL: there is none. The first one: name NULL. */
const char *withheld_next(const struct withheld *w, const char *name);

#endif
