// SPDX-License-Identifier: GPL-2.0-only
/* json_read.c - see json_read.h. */
#include "base/json_read.h"

#include <errno.h>
#include <unistd.h>

/* As json_load_callback() wants it: the bytes read, 0 at the end, (size_t)-1 on an error. */
static size_t read_some(void *to, size_t size, void *fd)
{
	ssize_t n;

	do
		n = read(*(int *)fd, to, size);
	while (n < 0 && errno == EINTR);
	return (size_t)n;
}

json_t *json_read(int fd, json_error_t *ret_why)
{
	return json_load_callback(read_some, &fd, JSON_REJECT_DUPLICATES, ret_why);
}
