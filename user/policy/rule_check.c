// SPDX-License-Identifier: GPL-2.0-only
/* rule_check.c - see rule_check.h. */
#include "rule_check.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"

#define DISTINCT_MOST                                                                           \
	200 /* the kernel's filter (ws_counter.seen) has 256 bits: beyond, it would hardly ever \
	       count on */
#define OP(name)    (1u << WS_OP_##name)
#define ACTOR(name) (1u << WS_ACTOR_##name)

/* What the operation is done to has a name in the file system. */
#define WITH_PATH                                                                            \
	(OP(EXEC) | OP(READ) | OP(WRITE) | OP(CREATE) | OP(RENAME) | OP(LINK) | OP(UNLINK) | \
	 OP(CHMOD) | OP(UNIX))
#define WITH_ADDRESS (OP(CONNECT) | OP(SEND))
#define CAN_HIDE (WITH_PATH | OP(IO_URING) | OP(NAMESPACE) | OP(PRIVILEGE))
#define HAS_NAME (ACTOR(PACKAGE) | ACTOR(PROJECT))

uint32_t ops_with_path(void)
{
	return WITH_PATH;
}

uint32_t ops_with_address(void)
{
	return WITH_ADDRESS;
}

int rule_check_twice(const struct strings *s, const char *file, const char *pointer,
		     struct error *e)
{
	for (size_t i = 1; i < s->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(s->at[i], s->at[j]) == 0)
				return error_set(e, -EINVAL, "%s: %s/%zu: `%s` is there twice",
						 file, pointer, i, s->at[i]);
	return 0;
}

static const char *first_name(uint32_t bits, const char *(*name)(unsigned n))
{
	for (unsigned n = 0; n < 32; n++)
		if (bits & 1u << n)
			return name(n);
	return "?";
}

int rule_check_named(const struct rule *r, const char *file, struct error *e)
{
	/* A key, whether it is there, and the operations and actors for which it means something.
	 */
	const struct {
		const char *pointer;
		bool there;
		uint32_t ops, actors;
	} keys[] = {
		{ "/path", r->path.count, WITH_PATH, UINT32_MAX },
		{ "/place", r->places, WITH_PATH, UINT32_MAX },
		{ "/unless/path", r->unless_path.count, WITH_PATH, UINT32_MAX },
		{ "/unless/place", r->unless_places, WITH_PATH, UINT32_MAX },
		{ "/count/distinct", r->count_of == WS_COUNT_PATHS, WITH_PATH, UINT32_MAX },
		{ "/argv", r->argv.count, OP(EXEC), UINT32_MAX },
		{ "/address", r->address.count, WITH_ADDRESS, UINT32_MAX },
		{ "/port", r->port_count, WITH_ADDRESS, UINT32_MAX },
		{ "/http", r->http, OP(SEND), UINT32_MAX },
		{ "/count/of", r->count_of == WS_COUNT_BYTES, OP(SEND), UINT32_MAX },
		{ "/package", r->package.count, UINT32_MAX, HAS_NAME },
		{ "/unless/package", r->unless_package.count, UINT32_MAX, HAS_NAME },
		{ "/action", r->action == WS_HIDE, CAN_HIDE, UINT32_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!keys[i].there)
			continue;
		if (r->ops & ~keys[i].ops)
			return error_set(e, -EINVAL, "%s: %s: means nothing for operation `%s`",
					 file, keys[i].pointer,
					 first_name(r->ops & ~keys[i].ops, op_name));
		if (r->actors & ~keys[i].actors)
			return error_set(e, -EINVAL, "%s: %s: means nothing for actor `%s`", file,
					 keys[i].pointer,
					 first_name(r->actors & ~keys[i].actors, actor_name));
	}
	if ((r->places | r->unless_places) & 1u << WS_PLACE_UNKNOWN)
		return error_set(e, -EINVAL,
				 "%s: %s: `unknown` cannot be asked for: what cannot be resolved "
				 "is refused anyway",
				 file,
				 r->places & 1u << WS_PLACE_UNKNOWN ? "/place" : "/unless/place");
	if (r->count_of == WS_COUNT_PATHS && r->over > DISTINCT_MOST)
		return error_set(
			e, -EINVAL,
			"%s: /count/over: more than %d different objects are not told apart", file,
			DISTINCT_MOST);
	if (r->places && !(r->places & ~r->unless_places))
		return error_set(e, -EINVAL,
				 "%s: /unless/place: leaves none of the places of the rule", file);
	for (size_t i = 0; i < r->unless_path.count; i++)
		for (size_t j = 0; j < r->path.count; j++)
			if (strcmp(r->unless_path.at[i], r->path.at[j]) == 0)
				return error_set(
					e, -EINVAL,
					"%s: /unless/path/%zu: takes back what /path/%zu says",
					file, i, j);
	for (size_t i = 0; i < r->after.count; i++) {
		bool session;

		if (r->label && strcmp(label_of_condition(r->after.at[i], &session), r->label) == 0)
			return error_set(
				e, -EINVAL,
				"%s: /after/%zu: the rule waits for the label it sets itself", file,
				i);
	}
	return 0;
}

int rule_check(const struct rule *r, struct error *e)
{
	return rule_check_named(r, r->file, e);
}
