/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * error.h - the explanation of one error: written where it is found, printed once, by the
 * subcommand. Functions that can fail return a negative errno and explain it in the `struct error`
 * they are given. Includes nothing of this project.
 */
#ifndef WORMSIGN_ERROR_H
#define WORMSIGN_ERROR_H

#define ERROR_TEXT 1024

struct error {
	char text[ERROR_TEXT]; /* one line, without the program's name; empty: no error yet */
};

/*
 * Explain err, a negative errno, in e, which may be NULL. If e holds an explanation already, that
 * one stays: the first is nearest to the cause. Control characters become '?'. Returns err.
 */
int error_set(struct error *e, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
