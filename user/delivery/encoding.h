/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * encoding.h - the schemas in which a sink can send events. Each is one table from the members of
 * an event of the log to those of the schema.
 */
#ifndef WORMSIGN_ENCODING_H
#define WORMSIGN_ENCODING_H

#include <jansson.h>

#include "base/buf.h"

enum encoding {
	ENCODING_ECS = 0, /* Elastic Common Schema, as in the log */
	ENCODING_OCSF,	  /* Open Cybersecurity Schema Framework 1.8 */
	ENCODING_CEF,	  /* Common Event Format 0: one line of text */
	ENCODINGS,
};

#define ENCODING_BIT(e) (1u << (e))
#define ENCODING_JSON	(ENCODING_BIT(ENCODING_ECS) | ENCODING_BIT(ENCODING_OCSF))
#define ENCODING_ANY	(ENCODING_JSON | ENCODING_BIT(ENCODING_CEF))

/* In the order of the numbers, NULL-ended. */
extern const char *const encoding_names[];

/* Append the event in OCSF: a JSON object in one line, in ASCII. Without memory out has failed. */
void encode_ocsf(struct buf *out, const json_t *event);
/* Append the event in CEF: a line without its end. */
void encode_cef(struct buf *out, const json_t *event);

/* Milliseconds since 1970 of a time as the log writes it; 0: it is none. */
json_int_t encoding_ms(const json_t *time);

/* A word and the number that a schema has for it. */
struct encoding_word {
	const char *word;
	int number;
};
/* v: text, or a number in place of the word; words end with a NULL, whose number is for all others.
 */
int encoding_word(const struct encoding_word *words, const json_t *v);

#endif
