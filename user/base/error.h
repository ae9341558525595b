/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * error.h - one error with its place, filled where it happens and printed once, by main.
 * Functions that can fail return a negative errno and, where a `struct error *` is given, explain there.
 * Includes nothing of this project.
 */
#ifndef WORMSIGN_ERROR_H
#define WORMSIGN_ERROR_H

#define ERROR_TEXT 1024

struct error {
	char text[ERROR_TEXT]; /* one line, without the program's name; empty: none yet */
};

/* Explain err (a negative errno) in e (may be NULL); keeps an explanation that is there already. Returns err. */
int error_set(struct error *e, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
