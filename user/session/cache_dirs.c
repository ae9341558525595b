// SPDX-License-Identifier: GPL-2.0-only
/* cache_dirs.c - make missing directories in a child that has the rights of the command. */
#include "session/cache_dirs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/path_below.h"

/* By name alone, since it does not exist. A ".." could lead out of the home. */
static bool lies_below(const char *path, const char *home)
{
	const char *rest = path_below(path, home);

	return rest && rest[0] == '/' && !strstr(path, "/..");
}

static bool wanted(const struct places *p, const struct place *at)
{
	if (!at->named || access(at->path, F_OK) == 0)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].place == WS_PLACE_HOME && lies_below(at->path, p->at[i].path))
			return true;
	return false;
}

static void make_with_parents(const char *path)
{
	char part[PATH_MAX];

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return;
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			return;
		*slash = '/';
	}
	mkdir(part, 0777);
}

void cache_dirs_make(const struct places *p, const struct run_as *w)
{
	bool any = false;
	pid_t pid;

	for (size_t i = 0; i < p->count; i++)
		any |= wanted(p, &p->at[i]);
	pid = any ? fork() : -1;
	if (pid == 0) {
		if (run_as_become(w) < 0)
			_exit(1);
		for (size_t i = 0; i < p->count; i++)
			if (wanted(p, &p->at[i]))
				make_with_parents(p->at[i].path);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
