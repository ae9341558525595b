/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * buf.h - a byte string that grows.
 *
 * Invariants, from BUF_INIT to buf_free() and after every call:
 *  - `at` is never NULL, and at[len] is NUL: it can be printed at any time. It may hold NULs of its
 * own.
 *  - `at` may be written up to at[len - 1], never freed or kept across a call that adds.
 *  - when memory ran out, `failed` is set and stays set until buf_reset(): what was added since
 * then is missing in whole or in part, nothing else is wrong. So a sequence of additions needs one
 * check, at its end.
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
	size_t room; /* bytes allocated; 0: `at` is not ours */
	bool failed;
};

extern char buf_empty[1];

#define BUF_INIT                \
	{                       \
		.at = buf_empty \
	}
#define _buf_ __attribute__((cleanup(buf_free)))

/* Give the memory back; b is as BUF_INIT afterwards. */
void buf_free(struct buf *b);
/* Empty it, keep the memory. */
void buf_reset(struct buf *b);
/* Make it len bytes long, which must not be more than it is. */
void buf_cut(struct buf *b, size_t len);
/* The string, to be freed by the caller; b is empty afterwards. NULL when it had failed. */
char *buf_take(struct buf *b);

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
