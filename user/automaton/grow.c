// SPDX-License-Identifier: GPL-2.0-only
/* grow.c - see grow.h. */
#include "automaton/grow.h"

#include <errno.h>
#include <stdlib.h>

int grow(void *array, size_t *size, size_t count, size_t item)
{
	void **at = array;
	size_t more = *size ? *size * 2 : 16, bytes;
	void *p;

	if (count < *size)
		return 0;
	if (__builtin_mul_overflow(more, item, &bytes))
		return -ENOMEM;
	p = realloc(*at, bytes);
	if (!p)
		return -ENOMEM;
	*at = p;
	*size = more;
	return 0;
}
