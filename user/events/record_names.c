// SPDX-License-Identifier: GPL-2.0-only
/* record_names.c - names for the enumerations of wire.h. They are part of the log's schema: names
 * may be added, not changed. */
#include "events/record_names.h"

#include "base/cleanup.h"
#include "wire.h"

#define LOOK_UP(table, index) ((index) < ARRAY_SIZE(table) ? (table)[index] : NULL)

static const char *const effects[] = {
	[WS_EFFECT_NONE] = "none",
	[WS_EFFECT_REFUSED] = "refused",
	[WS_EFFECT_KILLED_BEFORE] = "killed-before",
	[WS_EFFECT_KILLED_AFTER] = "killed-after",
	[WS_EFFECT_DROPPED] = "dropped",
	[WS_EFFECT_UNAVAILABLE] = "unavailable",
};
_Static_assert(ARRAY_SIZE(effects) == WS_EFFECT_MAX, "a name for every effect");

static const char *const backends[] = {
	[WS_BACKEND_NONE] = "none",
	[WS_BACKEND_DENY] = "deny",
	[WS_BACKEND_WATCH] = "watch",
};

static const char *const modes[] = {
	[WS_MODE_ENFORCE] = "enforce",
	[WS_MODE_AUDIT] = "audit",
};

static const struct {
	const char *name, *meaning;
} losses[] = {
	[WS_LOST_ALERT] = { "alert", "verdicts that were carried out but not reported" },
	[WS_LOST_EXEC] = { "exec", "records of programs started" },
	[WS_LOST_EXIT] = { "exit", "records of processes ended" },
	[WS_LOST_NET] = { "net", "records of destinations" },
	[WS_LOST_SCOPE_RECORD] = { "scope-record", "records of scripts started" },
	[WS_LOST_TASK] = { "task", "forks refused because memory ran out" },
	[WS_LOST_SCOPE] = { "scope", "scripts killed because the table of scopes was full" },
	[WS_LOST_COUNTER] = { "counter", "counts that rules with a threshold needed" },
	[WS_LOST_SOCKET] = { "socket", "sockets not tied to their script" },
	[WS_LOST_MADE] = { "made", "directories that a later run will not know as the package's" },
};
_Static_assert(ARRAY_SIZE(losses) == WS_LOST_MAX, "a name for every loss");

static const struct {
	const char *name, *helper;
} places[] = {
#define PLACE(number, name, helper) [WS_AT_##number] = { name, helper },
	WS_ERROR_PLACES(PLACE)
#undef PLACE
};

const struct flag_name flag_names[] = {
	{ WS_F_PATH_CUT, "path-cut" },
	{ WS_F_PATH_UNREAD, "path-unread" },
	{ WS_F_ARGV_CUT, "argv-cut" },
	{ WS_F_ARGV_UNREAD, "argv-unread" },
	{ WS_F_NAME_FROM_DIR, "name-from-directory" },
	{ WS_F_NAME_UNREAD, "name-unread" },
	{ WS_F_ENV_CUT, "environment-cut" },
	{ WS_F_LEXICAL, "lexical" },
	{ WS_F_IDENTITY, "identity" },
	{ WS_F_IO_URING, "io-uring" },
	{ WS_F_REPORTED, "only-reported" },
	{ WS_F_WAS_STOPPED, "was-stopped" },
};
const size_t flag_name_count = ARRAY_SIZE(flag_names);

const char *effect_name(unsigned effect)
{
	return LOOK_UP(effects, effect);
}

const char *backend_name(unsigned backend)
{
	return LOOK_UP(backends, backend);
}

const char *mode_name(unsigned mode)
{
	return LOOK_UP(modes, mode);
}

const char *lost_name(unsigned lost)
{
	return lost < ARRAY_SIZE(losses) ? losses[lost].name : NULL;
}

const char *lost_meaning(unsigned lost)
{
	return lost < ARRAY_SIZE(losses) ? losses[lost].meaning : NULL;
}

const char *touch_name(unsigned touch)
{
	static const char *const names[] = { "limits",	    "priority",	    "scheduling",
					     "io-priority", "control-file", "memory",
					     "terminal" };

	_Static_assert(ARRAY_SIZE(names) == WS_TOUCH_MAX - WS_TOUCH_LIMITS, "a name for each");
	return touch < WS_TOUCH_LIMITS ? NULL : LOOK_UP(names, touch - WS_TOUCH_LIMITS);
}

const char *error_place(unsigned place)
{
	return place < ARRAY_SIZE(places) ? places[place].name : NULL;
}

const char *error_helper(unsigned place)
{
	return place < ARRAY_SIZE(places) ? places[place].helper : NULL;
}
