/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shape.h - what a kind of token looks like: literal characters, and runs of characters of a set.
 *
 * The table is data (rules/data/token-shapes.json); scripts/secret-tables.c turns it into C when
 * the program is built.
 */
#ifndef WORMSIGN_SHAPE_H
#define WORMSIGN_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHAPE_PARTS 12

/* A literal, or a run of characters of a set. */
struct shape_part {
	const char *literal; /* NULL: a run */
	uint32_t literal_len;
	uint16_t set;	/* index of a character set in the table */
	uint16_t least; /* characters that must be there */
	uint16_t most;	/* a longer run is no such token; 0: no limit */
};

struct shape {
	const char *id;
	/* Only at the start of a word, as ordinary words contain its beginning. */
	bool word;
	/* Its runs must hold a digit and a letter; otherwise it is more likely a name of several
	 * words. */
	bool mixed;
	/* The first literal is no secret and stays, as the host of a URL. */
	bool keep;
	bool has_lead;
	struct shape_part lead;		      /* a run before the first literal */
	struct shape_part parts[SHAPE_PARTS]; /* parts[0] is a literal */
	uint8_t count;
};

/* 256 bits, one for each byte. */
struct charset {
	uint8_t bits[32];
};

struct shape_table {
	const struct shape *shapes; /* in the order of the first byte of parts[0] */
	size_t count;
	const struct charset *sets;
	size_t set_count;
};

static inline bool charset_has(const struct charset *s, unsigned char c)
{
	return s->bits[c >> 3] >> (c & 7) & 1;
}

#endif
