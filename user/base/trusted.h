/* SPDX-License-Identifier: GPL-2.0-only */
/* trusted.h - whether nobody but root can change what is read as root. */
#ifndef WORMSIGN_TRUSTED_H
#define WORMSIGN_TRUSTED_H

#include "base/error.h"

/*
 * Check a file or directory, by the names that lead to it after links are followed: each is root's,
 * and not writable by its group or others. A directory that others may write to is accepted above
 * it if it is sticky, as /tmp is: there they cannot rename root's files. -EPERM with e: which is
 * not; -errno: it is not there.
 */
int trusted_path(const char *path, struct error *e);
/* The same for all that is below a directory, too. */
int trusted_tree(const char *path, struct error *e);

#endif
