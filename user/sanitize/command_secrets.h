/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_secrets.h - find the words of commands that are credentials: as the value of an option
 * (curl -u, mysql -p, docker login -p: rules/data/credential-options.json), of a setting (aws
 * configure set NAME VALUE), as an argument, and as what is piped into a program that reads its
 * password from there.
 *
 * What a word means depends on the program, which is the last word that names one of the table's:
 * so env, sudo, timeout, xargs and whatever else runs a program need not be known.
 */
#ifndef WORMSIGN_COMMAND_SECRETS_H
#define WORMSIGN_COMMAND_SECRETS_H

#include "sanitize/credential_option.h"
#include "sanitize/secret_name.h"
#include "sanitize/text_view.h"

#define COMMAND_ENTRIES 8

/* An entry of the table that is about the current program. */
struct command_entry {
	const struct credential_command *command;
	bool active;	    /* the word that it depends on was seen, or it depends on none */
	unsigned arguments; /* arguments since then */
};

/* What the words of a command so far say about the next ones. Zero before the first word. */
struct command_secrets {
	struct command_entry entries[COMMAND_ENTRIES];
	size_t entry_count;
	bool started;		/* the first word was seen */
	bool skip;		/* the next word is an option's value, and harmless */
	enum secret_name named; /* of an option whose value is the next word */
	const struct credential_option *option; /* the same, from the table */
	bool setting;				/* a word said that NAME VALUE follows */
	bool echoes;				/* the program writes its arguments: echo, printf */
	struct span words;			/* its arguments */
	struct span piped;			/* the same of the command whose output it reads */
	bool here;				/* the next word is the command's input */
	struct span input;			/* the command's input, if that is known */
	bool reads_secret;			/* the command's input is a secret */
	bool secrets;				/* a word said that NAME=VALUE are secrets */
	bool netrc;				/* words of a netrc: "password" is a key */
};

/* The next word. Adds to *found what is secret in it, or before it. cut: it was truncated. */
void command_secrets_word(struct command_secrets *c, struct spans *found,
			  const struct text_view *word, bool cut);

/* Find the commands in a text, and in the words of those that hold commands themselves (sh -c). */
void command_secrets_text(struct spans *found, const struct text_view *v);

#endif
