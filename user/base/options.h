/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - getopt_long(3), but what contradicts itself is an error. Includes nothing of this
 * project.
 */
#ifndef WORMSIGN_OPTIONS_H
#define WORMSIGN_OPTIONS_H

#include <getopt.h>
#include <stdint.h>

/*
 * As getopt_long(3): the next option, -1 after the last, '?' after an error, which is printed to
 * stderr as getopt_long() prints its own. An option with an argument may be given once, since only
 * one of two values could be meant; those whose `val` is in `lists` (ends with 0; NULL: none) as
 * often as the caller takes them. `seen` starts as 0, one bit for each row of `options`, of which
 * the first 64 count.
 */
int options_next(int argc, char **argv, const char *letters, const struct option *options,
		 const int *lists, uint64_t *seen);

#endif
