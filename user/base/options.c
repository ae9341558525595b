// SPDX-License-Identifier: GPL-2.0-only
/* options.c - see options.h. */
#include "base/options.h"

#include <stdbool.h>
#include <stdio.h>

int options_next(int argc, char **argv, const char *letters, const struct option *options,
		 const int *lists, uint64_t *seen)
{
	int index = -1, opt = getopt_long(argc, argv, letters, options, &index);
	bool many = index < 0 || index >= 64 || !options[index].has_arg || opt == '?';

	for (; lists && *lists && !many; lists++)
		many = opt == *lists;
	if (many)
		return opt;
	if (*seen & (UINT64_C(1) << index)) {
		fprintf(stderr, "%s: option '--%s' is given twice\n", argv[0], options[index].name);
		return '?';
	}
	*seen |= UINT64_C(1) << index;
	return opt;
}
