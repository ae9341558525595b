/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * package_dir.h - what the directory in which a package is built says of its name and version: the
 * name that the manager gave to the directory, and what its own files say.
 */
#ifndef WORMSIGN_PACKAGE_DIR_H
#define WORMSIGN_PACKAGE_DIR_H

#include <stdbool.h>
#include <stddef.h>

#define PACKAGE_DIR_NAME 128

/*
 * The name and version ("": not said) that the manager has put into the path: pip's
 * /tmp/pip-install-x/NAME_HASH (holder NULL), or NAME-VERSION below a directory called holder, as
 * gem's. Returns false if it has put none.
 */
bool package_dir_name(char ret_name[PACKAGE_DIR_NAME], char ret_version[PACKAGE_DIR_NAME],
		      const char *path, const char *holder);

/* Whether two names are one to pip: case, '-', '_' and '.' do not count. */
bool package_dir_same(const char *a, const char *b);

/*
 * What a file of the package says, by its name: PKG-INFO, pyproject.toml, setup.cfg, setup.py. The
 * text needs no NUL at its end. What is not found stays as it was.
 */
void package_dir_file(char ret_name[PACKAGE_DIR_NAME], char ret_version[PACKAGE_DIR_NAME],
		      const char *file, const char *text, size_t len);

/* What the files in directory say; "": nothing. Reads files that packages have written: call it
 * without privileges (reader.h). */
void package_dir_files(char ret_name[PACKAGE_DIR_NAME], char ret_version[PACKAGE_DIR_NAME],
		       const char *directory);

#endif
