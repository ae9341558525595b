// SPDX-License-Identifier: GPL-2.0-only
/* rule_check.c - see rule_check.h. */
#include "policy/rule_check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/names.h"

/* The kernel's filter (ws_counter.seen) has 256 bits. Nearly full, it takes most new objects for
 * known ones, and the count would never pass a threshold above this. */
#define DISTINCT_MOST 200
#define OP(name)      (1u << WS_OP_##name)
#define ACTOR(name)   (1u << WS_ACTOR_##name)

#define HAS_EVENT (ACTOR(PACKAGE) | ACTOR(TOOL) | ACTOR(SHELL))

/* The name of the lowest bit. */
static const char *first_name(uint32_t bits, const char *(*name)(unsigned n))
{
	for (unsigned n = 0; n < 32; n++)
		if (bits & 1u << n)
			return name(n);
	return "?";
}

int rule_check_named(const struct rule *r, const char *file, struct error *e)
{
	const uint32_t with_path = ops_with_path(), with_address = ops_with_address();
	/* A key, whether the rule has it, and the operations and actors that it applies to. */
	const struct {
		const char *pointer;
		bool present;
		uint32_t ops, actors;
	} keys[] = {
		{ "/path", r->path.count, with_path, UINT32_MAX },
		{ "/place", r->places, with_path, UINT32_MAX },
		{ "/unless/path", r->unless_path.count, with_path, UINT32_MAX },
		{ "/unless/path_of", r->unless_path_of.count, with_path, UINT32_MAX },
		{ "/unless/place", r->unless_places, with_path, UINT32_MAX },
		{ "/count/distinct", r->count_of == WS_COUNT_PATHS, with_path, UINT32_MAX },
		{ "/argv", r->argv.count, OP(EXEC), UINT32_MAX },
		{ "/address", r->address.count, with_address, UINT32_MAX },
		{ "/port", r->port_count, with_address, UINT32_MAX },
		{ "/http", r->http, OP(SEND), UINT32_MAX },
		{ "/count/of", r->count_of == WS_COUNT_BYTES, OP(SEND), UINT32_MAX },
		{ "/event", r->events, UINT32_MAX, HAS_EVENT },
		{ "/package", r->package.count, UINT32_MAX, ACTORS_NAMED },
		{ "/unless/package", r->unless_package.count, UINT32_MAX, ACTORS_NAMED },
		{ "/action", r->action == WS_HIDE,
		  with_path | OP(SEND) | OP(IO_URING) | OP(NAMESPACE) | OP(PRIVILEGE) | OP(PTRACE) |
			  OP(MEMORY),
		  UINT32_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!keys[i].present)
			continue;
		if (r->ops & ~keys[i].ops)
			return error_set(e, -EINVAL, "%s: %s: does not apply to operation `%s`",
					 file, keys[i].pointer,
					 first_name(r->ops & ~keys[i].ops, op_name));
		if (r->actors & ~keys[i].actors)
			return error_set(e, -EINVAL, "%s: %s: does not apply to actor `%s`", file,
					 keys[i].pointer,
					 first_name(r->actors & ~keys[i].actors, actor_name));
	}
	if ((r->places | r->unless_places) & 1u << WS_PLACE_UNKNOWN)
		return error_set(e, -EINVAL,
				 "%s: %s: `unknown` is not a condition: what cannot be resolved "
				 "is refused without a rule",
				 file,
				 r->places & 1u << WS_PLACE_UNKNOWN ? "/place" : "/unless/place");
	if (r->count_of == WS_COUNT_PATHS && r->over > DISTINCT_MOST)
		return error_set(e, -EINVAL,
				 "%s: /count/over: different objects are only counted up to %d",
				 file, DISTINCT_MOST);
	if (r->places && !(r->places & ~r->unless_places))
		return error_set(e, -EINVAL, "%s: /unless/place: excludes every place of the rule",
				 file);
	if (r->unless_new_directory.count && !(r->ops & OP(CREATE)))
		return error_set(
			e, -EINVAL,
			"%s: /unless/new_directory: applies to the operation `create` only", file);
	for (size_t i = 0; i < r->unless_path.count; i++)
		for (size_t j = 0; j < r->path.count; j++)
			if (strcmp(r->unless_path.at[i], r->path.at[j]) == 0)
				return error_set(
					e, -EINVAL,
					"%s: /unless/path/%zu: excludes all that /path/%zu matches",
					file, i, j);
	for (size_t i = 0; i < r->after.count; i++) {
		bool session;

		if (r->label && strcmp(label_of_condition(r->after.at[i], &session), r->label) == 0)
			return error_set(
				e, -EINVAL,
				"%s: /after/%zu: the rule waits for a label that it sets itself",
				file, i);
	}
	return 0;
}

int rule_check(const struct rule *r, struct error *e)
{
	return rule_check_named(r, r->file, e);
}
