// SPDX-License-Identifier: GPL-2.0-only
/* path_below.c - compare two paths, component by component. */
#include "session/path_below.h"

#include <string.h>

const char *path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	if (n == 0) /* the root */
		return strcmp(path, "/") == 0 ? "" : path;
	if (strncmp(path, dir, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path + n;
}
