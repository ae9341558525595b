// SPDX-License-Identifier: GPL-2.0-only
/* small_file.c - read a configuration file whose path somebody else chose. */
#include "session/small_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

char *small_file_read(const char *path, uid_t owner, size_t *ret_len)
{
	_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	_free_ char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > SMALL_FILE_MAX)
		return NULL;
	if (owner != (uid_t)-1 && st.st_uid != owner && st.st_uid != 0)
		return NULL;
	text = malloc(st.st_size + 1);
	n = text ? read(fd, text, st.st_size) : -1;
	if (n < 0)
		return NULL;
	text[n] = 0;
	if (ret_len)
		*ret_len = n;
	return TAKE_PTR(text);
}
