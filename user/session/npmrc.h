/* SPDX-License-Identifier: GPL-2.0-only */
/* npmrc.h - settings of npm's configuration files that name files: its cache, its certificates. */
#ifndef WORMSIGN_NPMRC_H
#define WORMSIGN_NPMRC_H

/*
 * A setting in the text of an npmrc, or in the file path, with ${NAME} replaced from the
 * environment. NULL: there is none, it is empty, or the file cannot be read. Freed by the caller.
 */
char *npmrc_setting(const char *text, const char *name);
char *npmrc_file_setting(const char *path, const char *name);
/* The setting `cache`. */
char *npmrc_cache(const char *text);
char *npmrc_file_cache(const char *path);

#endif
