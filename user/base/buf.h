/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * buf.h - a byte string that grows.
 *
 * Invariants, from BUF_INIT to buf_free() and after every call:
 *  - `at` is never NULL, and at[len] is NUL, so it can be printed at any time; more NULs may stand
 *    before that one.
 *  - the caller may write at[0] to at[len - 1], must not free `at`, and must not keep a pointer
 * into it across a call that adds.
 *  - when memory runs out, `failed` is set and stays set until buf_reset(). What was added from
 * then on may be missing; the rest is valid. So a sequence of additions needs one check, at its
 * end.
 *
 * Includes nothing of this project.
 */
#ifndef WORMSIGN_BUF_H
#define WORMSIGN_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *at;
	size_t len;
	size_t room; /* bytes allocated; 0: `at` is not to be freed */
	bool failed;
};

extern char buf_empty[1];

#define BUF_INIT                \
	{                       \
		.at = buf_empty \
	}
#define _buf_ __attribute__((cleanup(buf_free)))

/* Free the memory; b equals BUF_INIT afterwards. */
void buf_free(struct buf *b);
/* Empty it and clear `failed`; the memory is kept. */
void buf_reset(struct buf *b);
/* Shorten it to len bytes; does nothing if it is shorter already. */
void buf_cut(struct buf *b, size_t len);
/* Return the string, which the caller frees; NULL if b had failed. b equals BUF_INIT afterwards. */
char *buf_take(struct buf *b);

/* Append bytes; one byte; `count` times the byte c; text in the manner of printf(3). */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_addc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t count);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

static inline void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

#endif
