/* SPDX-License-Identifier: GPL-2.0-only */
/* small_file.h - read a configuration file whose path somebody else chose. */
#ifndef WORMSIGN_SMALL_FILE_H
#define WORMSIGN_SMALL_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Longer files are not read. */
#define SMALL_FILE_MAX (1 << 18)

/*
 * The text of a regular file of at most SMALL_FILE_MAX bytes, ended by a NUL; freed by the caller.
 * NULL: it cannot be read, or is something else: a FIFO or a device is not waited for. owner: only
 * a file of this user or of root; (uid_t)-1: of anybody.
 */
char *small_file_read(const char *path, uid_t owner, size_t *ret_len);

#endif
