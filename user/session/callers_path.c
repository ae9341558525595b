// SPDX-License-Identifier: GPL-2.0-only
/* callers_path.c - read the environment of the sudo above this process. */
#include "session/callers_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "events/process_look.h"

/* sudo may have a child of its own between itself and the command (use_pty). */
#define GENERATIONS 3

static bool is_sudo(uint32_t pid)
{
	char path[32], name[32] = "";
	_fclose_ FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	f = fopen(path, "re");
	return f && fgets(name, sizeof(name), f) && strcmp(name, "sudo\n") == 0;
}

static int read_path(uint32_t pid, char **ret)
{
	_free_ char *variable = NULL;
	_fclose_ FILE *f = NULL;
	char path[32];
	size_t room = 0;

	snprintf(path, sizeof(path), "/proc/%u/environ", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (getdelim(&variable, &room, 0, f) > 0)
		if (strncmp(variable, "PATH=", 5) == 0) {
			*ret = strdup(variable + 5);
			return *ret ? 0 : -ENOMEM;
		}
	return -ENOENT;
}

int callers_path(pid_t pid, char **ret_path)
{
	uint32_t sudo = 0, at = (uint32_t)pid;

	for (int i = 0; i < GENERATIONS; i++) {
		uint32_t parent;
		uint64_t started;
		int r = process_look_proc(at, &parent, &started);

		if (r < 0)
			return r;
		if (!parent || !is_sudo(parent))
			break;
		sudo = at = parent;
	}
	return sudo ? read_path(sudo, ret_path) : -ENOENT;
}
