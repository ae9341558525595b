/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rule_read.h - reading a JSON object by a table of its keys into a struct, with errors that name
 * the file and the JSON pointer. Readers return 0 or a negative errno: -EINVAL, explained, or
 * -ENOMEM.
 */
#ifndef WORMSIGN_RULE_READ_H
#define WORMSIGN_RULE_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "policy/rule.h"

struct reader {
	const char *file; /* for messages; NULL: they name none */
	struct error *e;
	char pointer[256]; /* JSON pointer of what is being read, "" at the top */
};

/* Explain what is wrong at the pointer; returns -EINVAL. */
int reader_wrong(struct reader *rd, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Extend the pointer to a member or an item; reader_leave() with the returned length undoes it. */
size_t reader_enter(struct reader *rd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void reader_leave(struct reader *rd, size_t len);

/* One key that an object may have. */
struct key {
	const char *name;
	int (*read)(struct reader *rd, const struct key *k, json_t *v, void *base);
	size_t offset;			  /* of the field in the struct at base */
	const char *(*names)(unsigned n); /* read_enum, read_bits: the names of the enumeration */
	unsigned kind;			  /* for the reader of this key */
	bool required;
};

#define FIELD(type, base, k) ((type *)((char *)(base) + (k)->offset))

/* Read v, an object, member by member into the struct at base. After an error the struct holds what
 * was read so far, and is still the caller's to free. */
int read_object(struct reader *rd, const struct key *keys, size_t count, json_t *v, void *base);

/* ---- readers for tables ---- */

/* char *: text without control characters; kind TEXT_LINES: line feeds are allowed. */
enum { TEXT_LINE = 0, TEXT_LINES };
int read_text(struct reader *rd, const struct key *k, json_t *v, void *base);
/* char *: an id or a label. */
int read_word(struct reader *rd, const struct key *k, json_t *v, void *base);
/* An enumeration by one of its names. */
int read_enum(struct reader *rd, const struct key *k, json_t *v, void *base);
/* uint32_t: a list of such names, one bit each. */
int read_bits(struct reader *rd, const struct key *k, json_t *v, void *base);

/* ---- parts of readers ---- */

/* Call item() for each item of a list of at least one, with the pointer on it. what: "port", for
 * the message. */
int read_items(struct reader *rd, json_t *v, const char *what,
	       int (*item)(struct reader *rd, json_t *v, void *arg), void *arg);
/* A list of different strings, each checked by check() with the pointer on it. */
int read_strings(struct reader *rd, json_t *v, struct strings *into,
		 int (*check)(struct reader *rd, const char *text, unsigned kind), unsigned kind);
/* Whether s can be an id or a label: safe in a file name, a log and a shell. */
bool reader_is_word(const char *s);

#endif
