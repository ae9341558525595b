// SPDX-License-Identifier: GPL-2.0-only
/* workspace.c - look at the manifests of the directories above. */
#include "session/workspace.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/small_file.h"

static bool is_root(const char *dir)
{
	_free_ char *text = NULL;
	char file[PATH_MAX];
	json_t *manifest;
	bool found;

	if (snprintf(file, sizeof(file), "%s/pnpm-workspace.yaml", dir) >= (int)sizeof(file))
		return false;
	if (access(file, F_OK) == 0)
		return true;
	if (snprintf(file, sizeof(file), "%s/package.json", dir) >= (int)sizeof(file))
		return false;
	text = small_file_read(file, (uid_t)-1, NULL);
	manifest = text ? json_loads(text, 0, NULL) : NULL;
	found = json_object_get(manifest, "workspaces") != NULL;
	json_decref(manifest);
	return found;
}

char *workspace_root(const char *dir)
{
	_free_ char *at = strdup(dir);

	for (char *slash; at && (slash = strrchr(at, '/')) && slash != at;) {
		*slash = 0;
		if (is_root(at))
			return TAKE_PTR(at);
	}
	return NULL;
}
