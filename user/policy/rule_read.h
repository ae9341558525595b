/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rule_read.h - reading a JSON object by a table of keys, with errors that name file and JSON
 * pointer. Used by rule_parse.c and tuning.c only.
 */
#ifndef WORMSIGN_RULE_READ_H
#define WORMSIGN_RULE_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "ruleset.h"

struct reader {
	const char *file;
	struct error *e;
	char pointer[256]; /* JSON pointer of what is being read */
};

/* Explain; returns -EINVAL. */
int reader_wrong(struct reader *rd, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Step down into a member or an item; the returned length undoes it. */
size_t reader_enter(struct reader *rd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void reader_leave(struct reader *rd, size_t len);

struct key {
	const char *name;
	int (*read)(struct reader *rd, const struct key *k, json_t *v, void *base);
	size_t offset;
	union {
		int (*from_name)(const char *name);
		const char *(*to_name)(unsigned n);
		unsigned kind;
	};
	const char *(*names)(unsigned n); /* for the list of what would have been right */
	bool required;
};

#define FIELD(type, base, k) ((type *)((char *)(base) + (k)->offset))

/* Read object, member by member, into the struct at base. */
int read_object(struct reader *rd, const struct key *keys, size_t count, json_t *object,
		void *base);

/* Readers for tables: text (kind 1: of several lines), an id or label, a name of an enumeration, a
 * list of such names as bits. */
int read_text(struct reader *rd, const struct key *k, json_t *v, void *base);
int read_word(struct reader *rd, const struct key *k, json_t *v, void *base);
int read_enum(struct reader *rd, const struct key *k, json_t *v, void *base);
int read_bits(struct reader *rd, const struct key *k, json_t *v, void *base);
/* A list of strings, each seen by check() with the pointer on it. */
int read_list(struct reader *rd, json_t *v, struct strings *into,
	      int (*check)(struct reader *rd, const char *text, unsigned kind), unsigned kind);
/* Ids and labels: what is safe in a file name, a log and a shell. */
bool reader_is_word(const char *s);

/* `unless`, into a struct rule. */
int read_unless(struct reader *rd, const struct key *k, json_t *v, void *base);

void strings_done(struct strings *s);
int strings_add(struct strings *s, const char *text);

#endif
