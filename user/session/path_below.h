/* SPDX-License-Identifier: GPL-2.0-only */
/* path_below.h - whether one path lies below another, by name alone. */
#ifndef WORMSIGN_PATH_BELOW_H
#define WORMSIGN_PATH_BELOW_H

/*
 * The part of path below dir: "" for dir itself, else "/..." (within path). NULL when path lies
 * elsewhere. Both are absolute; slashes at the end of dir do not count. Links and ".." are not
 * resolved.
 */
const char *path_below(const char *path, const char *dir);

#endif
