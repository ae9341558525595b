// SPDX-License-Identifier: GPL-2.0-only
/* caches.c - see caches.h. */
#include "caches.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"

/* By name: it is not there, and nothing is lost where a link leads elsewhere. */
static bool below(const char *path, const char *home)
{
	size_t n = strlen(home);

	while (n > 1 && home[n - 1] == '/')
		n--;
	return strncmp(path, home, n) == 0 && path[n] == '/' && !strstr(path, "/..");
}

static bool wanted(const struct session_places *p, const struct session_place *at)
{
	if (!at->named || access(at->path, F_OK) == 0)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].place == WS_PLACE_HOME && below(at->path, p->at[i].path))
			return true;
	return false;
}

static void make_all_of(const char *path)
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

void caches_make(const struct session_places *p, const struct who *w)
{
	bool any = false;
	pid_t pid;

	for (size_t i = 0; i < p->count; i++)
		any |= wanted(p, &p->at[i]);
	pid = any ? fork() : -1;
	if (pid == 0) {
		if (who_become(w) < 0)
			_exit(1);
		for (size_t i = 0; i < p->count; i++)
			if (wanted(p, &p->at[i]))
				make_all_of(p->at[i].path);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
