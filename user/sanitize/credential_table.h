/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * credential_table.h - read the table of credential options from its JSON text
 * (rules/data/credential-options.json). Only the build, the tests and the fuzzer do that: the
 * program has the table compiled in.
 *
 *   { "table": "credential-options", "note": "...", "commands": [
 *       { "programs": ["docker", "podman"], "command": "login", "options": { "-p": "secret" },
 *         "source": "docker-login(1)" },
 *
 * The value of an option is "secret", "text", "url", "input", or "user:", where the colon may be
 * another separator. "arguments" is a list of numbers, from 1 on. The other keys are the members of
 * struct credential_command.
 */
#ifndef WORMSIGN_CREDENTIAL_TABLE_H
#define WORMSIGN_CREDENTIAL_TABLE_H

#include "base/error.h"
#include "sanitize/credential_option.h"

/* name: for messages, "NAME: /commands/3/options/-p: ..."; -EINVAL with e when the text is no such
 * table. Free with credential_table_free(). */
int credential_table_read(struct credential_table **ret, const char *name, const char *text,
			  size_t len, struct error *e);
void credential_table_free(struct credential_table *t);
static inline void credential_table_freep(struct credential_table **t)
{
	credential_table_free(*t);
}

#endif
