/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * redact.h - secrets out of text that will be written down, the rest left as it is: people must see
 * which script it was. What is taken out becomes REDACTED.
 *
 * Taken out: tokens with a known shape (GitHub, npm, GitLab, Slack, AWS, Google, OpenAI, JWT, ... :
 * the table in secret_shape.c), private key blocks, passwords in URLs, what follows a name that
 * says "secret" (--token X, PASSWORD=X, "apiKey": "X", _authToken=X), and credentials in
 * Authorization and Cookie headers. References such as $NPM_TOKEN and process.env.X are no secrets
 * and stay. Works on raw bytes, before escape().
 */
#ifndef WORMSIGN_REDACT_H
#define WORMSIGN_REDACT_H

#include <stdbool.h>

#include "buf.h"
#include "secret_name.h"

#define REDACTED "[redacted]"

/* Append text without its secrets. cut: it may end in the middle of one. */
void redact_text(struct buf *out, const char *text, size_t len, bool cut);

/* What the words of a command so far mean for the next one. Zero at the first word. */
struct redact_words {
	char program[32];	/* base name of the first word */
	enum secret_name value; /* the next word is the value of an option whose name says this */
	bool user;		/* ... of -u: USER:PASSWORD */
	bool script;		/* ... program text */
	bool started;
};

/* Append one word of a command without its secrets. cut: the kernel did not read it to its end. */
void redact_word(struct redact_words *state, struct buf *out, const char *word, size_t len,
		 bool cut);

#endif
