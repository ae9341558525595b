/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operation.h - one operation described in JSON, to be simulated: what a rule's own tests and
 * `rules explain` are made of. The keys are described in rules/README.md.
 */
#ifndef WORMSIGN_OPERATION_H
#define WORMSIGN_OPERATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "policy.h"
#include "policy/rule_read.h"

struct operation {
	enum ws_op op;
	enum ws_actor actor;
	unsigned event;	 /* enum ws_event; INSTALL unless it is given */
	uint32_t places; /* WS_PLACE_BIT() of each; 0: not given */
	const char *path, *exe, *package, *address;
	const char *home; /* NULL, or a home directory beside those of the stage (simulate.h): it
			   * is laid out like /home/ci. Not read from JSON */
	json_t *argv;	  /* list of words, or NULL */
	json_t *labels, *session_labels; /* lists of label names, or NULL */
	uint32_t port;			 /* host order, 0: none */
	uint32_t times;			 /* how often it is done, 1 or more */
	int http;			 /* enum ws_http */
	bool directory;			 /* create: of a directory */
	uint64_t bytes;			 /* sent each time */
};

/*
 * Read an operation. Its strings and lists are borrowed from v. -EINVAL explained by the reader, or
 * in e without a file.
 */
int operation_read(struct reader *rd, json_t *v, struct operation *ret);
int operation_parse(struct operation *ret, json_t *v, struct error *e);

#endif
