/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * environment.h - the tables `environment` of the rules' directories: which variables name files
 * and directories, where programs look without a variable, and the class that a file gets by that.
 * rules/README.md describes them.
 *
 *   { "table": "environment", "note": "...", "entries": [
 *     { "class": "credentials", "variables": ["KUBECONFIG"], "list": true, "below": ["a.json"],
 *       "paths": ["~/.kube/config"], "source": "https://..." } ] }
 */
#ifndef WORMSIGN_ENVIRONMENT_H
#define WORMSIGN_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "policy/rule.h"

enum environment_class {
	ENVIRONMENT_CREDENTIALS = 0,
	ENVIRONMENT_NETRC,
	ENVIRONMENT_GIT_CONFIG,
	ENVIRONMENT_NPMRC,
	ENVIRONMENT_CERTIFICATES,
	ENVIRONMENT_SOCKETS,
	ENVIRONMENT_STEP_FILES,
	ENVIRONMENT_EVENT_FILES,
	ENVIRONMENT_CACHES,
	ENVIRONMENT_CLASS_MAX
};

/* "credentials"; NULL past the last. */
const char *environment_class_name(unsigned n);

struct environment_entry {
	enum environment_class class;
	struct strings variables;
	bool list;	      /* the value is a list of paths, with colons between */
	struct strings below; /* what counts in a directory that is named; none: all below it */
	struct strings paths; /* "/x", "~/x" in the home, "$NAME/x", and "x": in the working
				 directory and all above */
	char *source;
};

struct environment_table {
	struct environment_entry *at;
	size_t count;
};

/* Add the entries of a file to t. -EINVAL with e: file and JSON pointer; -ENOMEM. */
int environment_read(struct environment_table *t, json_t *root, const char *file, struct error *e);
void environment_free(struct environment_table *t);

#endif
