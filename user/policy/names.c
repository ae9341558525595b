// SPDX-License-Identifier: GPL-2.0-only
/* names.c - see names.h. */
#include "policy/names.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy.h"

#define NAMES_MOST 32 /* in each table */

static const char *const op_names[] = {
	[WS_OP_EXEC] = "exec",
	[WS_OP_READ] = "read",
	[WS_OP_WRITE] = "write",
	[WS_OP_CREATE] = "create",
	[WS_OP_RENAME] = "rename",
	[WS_OP_LINK] = "link",
	[WS_OP_UNLINK] = "unlink",
	[WS_OP_CHMOD] = "chmod",
	[WS_OP_CONNECT] = "connect",
	[WS_OP_SEND] = "send",
	[WS_OP_DNS] = "dns",
	[WS_OP_LISTEN] = "listen",
	[WS_OP_UNIX] = "unix",
	[WS_OP_PTRACE] = "ptrace",
	[WS_OP_MEMORY] = "memory",
	[WS_OP_SIGNAL] = "signal",
	[WS_OP_MOUNT] = "mount",
	[WS_OP_NAMESPACE] = "namespace",
	[WS_OP_PRIVILEGE] = "privilege",
	[WS_OP_BPF] = "bpf",
	[WS_OP_MODULE] = "module",
	[WS_OP_IO_URING] = "io_uring",
	[WS_OP_OUTLIVE] = "outlive",
};
static const char *const actor_names[] = {
	[WS_ACTOR_JOB] = "job",		[WS_ACTOR_MANAGER] = "manager",
	[WS_ACTOR_PROJECT] = "project", [WS_ACTOR_PACKAGE] = "package",
	[WS_ACTOR_TOOL] = "tool",	[WS_ACTOR_SHELL] = "shell",
};
static const char *const action_names[] = {
	[WS_ALLOW] = "allow", [WS_ALERT] = "alert", [WS_HIDE] = "hide",
	[WS_DENY] = "deny",   [WS_KILL] = "kill",   [WS_STOP] = "stop",
};
static const char *const severity_names[] = {
	[WS_SEV_INFO] = "info", [WS_SEV_LOW] = "low",		[WS_SEV_MEDIUM] = "medium",
	[WS_SEV_HIGH] = "high", [WS_SEV_CRITICAL] = "critical",
};
static const char *const place_names[] = {
	[WS_PLACE_ELSEWHERE] = "elsewhere", [WS_PLACE_OWN] = "own",
	[WS_PLACE_PROJECT] = "project",	    [WS_PLACE_MODULES] = "modules",
	[WS_PLACE_HOME] = "home",	    [WS_PLACE_TMP] = "tmp",
	[WS_PLACE_CACHE] = "cache",	    [WS_PLACE_TOOLS] = "tools",
	[WS_PLACE_UNKNOWN] = "unknown",	    [WS_PLACE_MADE] = "made",
	[WS_PLACE_GUARDED] = "made", /* in rules and events */
};

static const char *const http_names[] = {
	[WS_HTTP_GET] = "GET",
	[WS_HTTP_HEAD] = "HEAD",
	[WS_HTTP_POST] = "POST",
	[WS_HTTP_PUT] = "PUT",
	[WS_HTTP_PATCH] = "PATCH",
	[WS_HTTP_DELETE] = "DELETE",
	[WS_HTTP_CHANGEABLE] = "CHANGEABLE",
};

static const char *const event_names[] = {
	[WS_EVENT_INSTALL] = "install",
	[WS_EVENT_OTHER] = "other",
	[WS_EVENT_SETUP] = "setup",
};

_Static_assert(ARRAY_SIZE(event_names) == WS_EVENTS, "an event without a name");
_Static_assert(ARRAY_SIZE(http_names) == WS_HTTP_MAX, "an HTTP method without a name");
_Static_assert(ARRAY_SIZE(op_names) == WS_OP_MAX, "an operation without a name");
_Static_assert(ARRAY_SIZE(actor_names) == WS_ACTOR_MAX, "an actor without a name");
_Static_assert(ARRAY_SIZE(action_names) == WS_ACTION_MAX, "an action without a name");
_Static_assert(ARRAY_SIZE(place_names) == WS_PLACE_MAX, "a place without a name");

#define NAMES(what)                                                                       \
	_Static_assert(ARRAY_SIZE(what##_names) <= NAMES_MOST, "too many names: " #what); \
	const char *what##_name(unsigned n)                                               \
	{                                                                                 \
		return n < ARRAY_SIZE(what##_names) ? what##_names[n] : NULL;             \
	}

NAMES(op)
NAMES(actor)
NAMES(action)
NAMES(severity)
NAMES(place)
NAMES(http)
NAMES(event)

int name_number(const char *(*name)(unsigned n), const char *text)
{
	for (unsigned n = 0; n < NAMES_MOST; n++)
		if (name(n) && strcmp(name(n), text) == 0)
			return (int)n;
	return -ENOENT;
}
