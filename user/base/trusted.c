// SPDX-License-Identifier: GPL-2.0-only
/* trusted.c - look at each directory from the path up to the root, and at what is below. */
#include "base/trusted.h"

#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int check(const char *name, const struct stat *st, bool above, struct error *e)
{
	if (st->st_uid != 0)
		return error_set(e, -EPERM, "%s belongs to user %u, not to root", name,
				 (unsigned)st->st_uid);
	if ((st->st_mode & 0022) && !(above && (st->st_mode & S_ISVTX)))
		return error_set(e, -EPERM, "%s can be written by its group or by others", name);
	return 0;
}

int trusted_path(const char *path, struct error *e)
{
	_free_ char *real = realpath(path, NULL);
	struct stat st;

	if (!real)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	for (bool above = false;; above = true) {
		char *slash = strrchr(real, '/');
		const char *name = real[0] ? real : "/";
		int err = stat(name, &st) < 0 ? -errno : 0;

		if (err < 0)
			return error_set(e, err, "%s: %s", name, strerror(-err));
		err = check(name, &st, above, e);
		if (err < 0 || !slash)
			return err;
		*slash = 0;
	}
}

int trusted_tree(const char *path, struct error *e)
{
	char *const tops[] = { (char *)path, NULL };
	int err = trusted_path(path, e);
	FTS *tree;

	if (err < 0)
		return err;
	tree = fts_open(tops, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	if (!tree)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	for (FTSENT *at; err == 0 && (at = fts_read(tree));)
		if (at->fts_info == FTS_ERR || at->fts_info == FTS_DNR || at->fts_info == FTS_NS)
			err = error_set(e, -at->fts_errno, "%s: %s", at->fts_path,
					strerror(at->fts_errno));
		else if (at->fts_info != FTS_DP && at->fts_info != FTS_SLNONE)
			err = check(at->fts_path, at->fts_statp, false, e);
	fts_close(tree);
	return err;
}
