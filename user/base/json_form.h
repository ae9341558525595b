/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json_form.h - read a JSON configuration into a struct by a table of its keys. All errors are
 * collected, each with the file and the JSON pointer; a misspelt key gets a suggestion.
 */
#ifndef WORMSIGN_JSON_FORM_H
#define WORMSIGN_JSON_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum json_form_kind {
	JSON_FORM_TEXT,	 /* char *: not empty, without control characters */
	JSON_FORM_PATH,	 /* char *: an absolute path */
	JSON_FORM_BOOL,	 /* bool */
	JSON_FORM_COUNT, /* uint64_t: an integer from `least` to `most` */
	JSON_FORM_BYTES, /* uint64_t: an integer, or text with KiB, MiB or GiB: "64 MiB", "64MiB" */
	JSON_FORM_MS,	 /* uint64_t, ms: text with a unit: "500ms", "30s", "5m", "12h", "7d" */
	JSON_FORM_CHOICE,  /* int: index of one of `choices` */
	JSON_FORM_CHOICES, /* uint64_t: a list of some of `choices`, a bit for each */
	JSON_FORM_TEXTS,   /* struct json_form_list of char *: a list of different texts */
	JSON_FORM_OBJECT,  /* a struct at that offset, read by `of` */
	JSON_FORM_LIST,	   /* struct json_form_list of structs of `of_size`, read by `of` */
};

struct json_form_list {
	void *at;
	size_t count;
};

struct json_form_key {
	const char *name;
	enum json_form_kind kind;
	size_t offset;
	bool required;
	uint64_t least, most;	    /* of COUNT, BYTES and MS; most 0: no limit */
	const char *const *choices; /* NULL-ended */
	const struct json_form_key *of;
	size_t of_count, of_size;
};

struct json_form_errors {
	const char *file;
	struct buf text; /* a line for each */
	size_t count;
};

#define JSON_FORM_ERRORS(name)                   \
	{                                        \
		.file = (name), .text = BUF_INIT \
	}

/* Add an error about the value that the JSON pointer names. */
void json_form_wrong(struct json_form_errors *e, const char *pointer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, for a name that is none of `names` (NULL-ended), with the one that was meant, or all.
 * what: "key" */
void json_form_unknown(struct json_form_errors *e, const char *pointer, const char *what,
		       const char *name, const char *const *names);

/*
 * Read v into the struct at base, which holds the defaults. Keys that are missing leave their field
 * as it is. What was read is the caller's: json_form_free().
 */
void json_form_read(struct json_form_errors *e, const char *pointer, json_t *v,
		    const struct json_form_key *keys, size_t count, void *base);
void json_form_free(const struct json_form_key *keys, size_t count, void *base);

/* Parse a time such as "30s" into ms. Returns false if text is no time. Used for options, too. */
bool json_form_ms(const char *text, uint64_t *ret);

#endif
