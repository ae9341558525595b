// SPDX-License-Identifier: GPL-2.0-only
/* tls.c - see tls.h. Node exports the functions of the OpenSSL in it; curl, python, wget and git use the libraries. */
#include "tls.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"

static const char *const libraries[] = {"libssl.so.3", "libssl.so.1.1", "libgnutls.so.30"};

/* The file behind the first `name` on path, or NULL; to be freed. */
static char *find(const char *path, const char *name)
{
	_free_ char *copy = strdup(path ?: "");
	char *save = NULL;

	for (char *dir = copy ? strtok_r(copy, ":", &save) : NULL; dir; dir = strtok_r(NULL, ":", &save)) {
		_free_ char *file = NULL;

		if (dir[0] != '/' || asprintf(&file, "%s/%s", dir, name) < 0)
			continue;
		if (access(file, X_OK) == 0)
			return realpath(file, NULL);
	}
	return NULL;
}

int tls_watch(struct loader *l, const char *path)
{
	_free_ char *node = find(path, "node");
	int found = node ? loader_watch_tls(l, node) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(libraries); i++)
		found += loader_watch_tls(l, libraries[i]);
	return found;
}
