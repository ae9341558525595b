/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * credential_option.h - which words of a program's command line are credentials.
 *
 * The table is data (rules/data/credential-options.json); scripts/secret-tables.c turns it into C
 * when the program is built. Long options whose name says "secret" (--password) need no entry.
 */
#ifndef WORMSIGN_CREDENTIAL_OPTION_H
#define WORMSIGN_CREDENTIAL_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum credential {
	CREDENTIAL_NONE = 0,
	CREDENTIAL_SECRET, /* all of it */
	CREDENTIAL_USER,   /* what follows the first separator: USER:PASSWORD */
	CREDENTIAL_TEXT,   /* what text_secrets.h finds in it: a header, a form field */
	CREDENTIAL_URL,	   /* what follows the colon of [SCHEME://]USER:PASSWORD@HOST */
	CREDENTIAL_INPUT,  /* no value: the program reads a secret from its standard input */
};

struct credential_option {
	const char *name;   /* "-u", "--user" */
	uint8_t credential; /* enum credential */
	char separator;	    /* of CREDENTIAL_USER */
};

struct credential_command {
	const char *const *programs; /* base names, NULL-ended */
	const char *command; /* only behind this word, as "login" in docker login; or NULL */
	const struct credential_option *options; /* ended by an entry without a name */
	const char *
		attached; /* short options whose value is never a word of its own, as -p of mysql */
	const char *valued; /* other short options that take a value */
	uint32_t arguments; /* bit N: the Nth argument behind the program or the command is a secret
			     */
	char argument_separator; /* in USER SEPARATOR PASSWORD; 0: all is secret */
	bool reads;		 /* it reads a secret from its standard input, without an option */
	bool runs; /* its first argument is a program that it runs, and its options end there */
};

struct credential_table {
	const struct credential_command *commands;
	size_t count;
};

/* The table of rules/data/credential-options.json. */
extern const struct credential_table credential_options;

#endif
