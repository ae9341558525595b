/* SPDX-License-Identifier: GPL-2.0-only */
/* captured.h - call a function as main() would be called, and keep what it prints. */
#ifndef TESTS_CAPTURED_H
#define TESTS_CAPTURED_H

struct captured {
	char out[65536], err[8192]; /* the beginning of what was printed */
};

/* Call fn with the words of line, which are separated by blanks; returns what it returns. The words
 * live until the next call. */
int captured_call(struct captured *c, int (*fn)(int argc, char **argv), const char *line);

#endif
