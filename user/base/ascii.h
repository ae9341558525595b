/* SPDX-License-Identifier: GPL-2.0-only */
/* ascii.h - what kind of character a byte is, whatever the locale. Includes nothing of this
 * project. */
#ifndef WORMSIGN_ASCII_H
#define WORMSIGN_ASCII_H

#include <stdbool.h>

static inline bool ascii_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool ascii_hex(unsigned char c)
{
	return ascii_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static inline bool ascii_alnum(unsigned char c)
{
	return ascii_digit(c) || ascii_letter(c);
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

#endif
