// SPDX-License-Identifier: GPL-2.0-only
/* tls_libraries.c - see tls_libraries.h. Node exports the functions of its built-in OpenSSL; curl,
 * python, wget and git use the libraries. */
#include "kernel/tls_libraries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static const char *const libraries[] = { "libssl.so.3", "libssl.so.1.1", "libgnutls.so.30" };

/* Where distributions keep libraries. LD_LIBRARY_PATH comes first. */
#if defined(__x86_64__)
#define MULTIARCH "/usr/lib/x86_64-linux-gnu:/lib/x86_64-linux-gnu:"
#elif defined(__aarch64__)
#define MULTIARCH "/usr/lib/aarch64-linux-gnu:/lib/aarch64-linux-gnu:"
#else
#define MULTIARCH ""
#endif
static const char library_path[] = MULTIARCH "/usr/lib64:/lib64:/usr/lib:/lib";

/* The real path of the first `name` in a directory of path that access(2) grants `mode`; NULL:
 * none. To be freed. */
static char *find(const char *path, const char *name, int mode)
{
	_free_ char *copy = strdup(path ?: "");
	char *save = NULL;

	for (char *dir = copy ? strtok_r(copy, ":", &save) : NULL; dir;
	     dir = strtok_r(NULL, ":", &save)) {
		_free_ char *file = NULL;

		if (dir[0] != '/' || asprintf(&file, "%s/%s", dir, name) < 0)
			continue;
		if (access(file, mode) == 0)
			return realpath(file, NULL);
	}
	return NULL;
}

int tls_libraries_watch(struct loader *l, const char *path)
{
	_free_ char *node = find(path, "node", X_OK);
	int found = node ? loader_watch_tls(l, node) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(libraries); i++) {
		_free_ char *library = find(getenv("LD_LIBRARY_PATH"), libraries[i], R_OK);

		if (!library)
			library = find(library_path, libraries[i], R_OK);
		if (library)
			found += loader_watch_tls(l, library);
	}
	return found;
}
