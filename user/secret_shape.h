/* SPDX-License-Identifier: GPL-2.0-only */
/* secret_shape.h - secrets that show themselves, wherever they stand: tokens, JWTs, private key
 * blocks. */
#ifndef WORMSIGN_SECRET_SHAPE_H
#define WORMSIGN_SECRET_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the secret that begins at text[at], 0: none does. cut: the text may end in the middle
 * of one. */
size_t secret_shape(const char *text, size_t len, size_t at, bool cut);

static inline bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Letters that tokens are made of. */
enum charset {
	ALNUM,
	WORD,	/* and _ */
	DASHED, /* and _ - */
	DOTTED, /* and _ - . = */
	UPPER,	/* A-Z 0-9 */
	HEX
};
/* How many bytes at s are of the set. */
size_t charset_run(enum charset set, const char *s, size_t len);
/* Whether a word can start at text[at]; %3A and the like before it are no letters. */
bool word_starts(const char *text, size_t at);

#endif
