// SPDX-License-Identifier: GPL-2.0-only
/* wire_names.c - the words for wire.h's enumerations. They are part of the log's schema: append
 * only. */
#include "wire_names.h"

#include "cleanup.h"
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
_Static_assert(ARRAY_SIZE(effects) == WS_EFFECT_MAX, "a word for every effect");

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
	[WS_LOST_TASK] = { "task", "forks refused for want of memory" },
	[WS_LOST_SCOPE] = { "scope", "scripts killed because the table of scopes was full" },
	[WS_LOST_COUNTER] = { "counter", "counters of rules with a threshold" },
	[WS_LOST_SOCKET] = { "socket", "sockets not tied to their script" },
	[WS_LOST_IDENTITY] = { "identity", "protected files not entered by identity" },
};
_Static_assert(ARRAY_SIZE(losses) == WS_LOST_MAX, "a word for every loss");

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
	{ WS_F_NESTED, "nested" },
	{ WS_F_IO_URING, "io-uring" },
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
