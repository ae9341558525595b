// SPDX-License-Identifier: GPL-2.0-only
/* rule.c - see rule.h. */
#include "policy/rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define OP(name) (1u << WS_OP_##name)

void strings_done(struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->at[i]);
	free(s->at);
	*s = (struct strings){ 0 };
}

int strings_add(struct strings *s, const char *text)
{
	char **at = reallocarray(s->at, s->count + 2, sizeof(*at));

	if (!at)
		return -ENOMEM;
	s->at = at;
	s->at[s->count] = strdup(text);
	if (!s->at[s->count])
		return -ENOMEM;
	s->at[++s->count] = NULL;
	return 0;
}

void rule_done(struct rule *r)
{
	struct strings *lists[] = {
		&r->path,
		&r->exe,
		&r->argv,
		&r->package,
		&r->address,
		&r->unless_path,
		&r->unless_new_directory,
		&r->unless_exe,
		&r->unless_package,
		&r->unless_path_of,
		&r->after,
		&r->attack,
		&r->references,
	};
	char *texts[] = {
		r->id, r->family, r->file, r->title, r->why, r->remedy, r->label, r->tuned
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strings_done(lists[i]);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	free(r->ports);
	json_decref(r->tests);
	*r = (struct rule){ 0 };
}

const char *label_of_condition(const char *condition, bool *ret_session)
{
	*ret_session = strncmp(condition, "session:", 8) == 0;
	return condition + (*ret_session ? 8 : 0);
}

uint32_t ops_with_path(void)
{
	return OP(EXEC) | OP(READ) | OP(WRITE) | OP(CREATE) | OP(RENAME) | OP(LINK) | OP(UNLINK) |
	       OP(CHMOD) | OP(UNIX);
}

uint32_t ops_with_address(void)
{
	return OP(CONNECT) | OP(SEND);
}
