// SPDX-License-Identifier: GPL-2.0-only
/* crc32c.c - byte by byte, with a table of the 256 remainders. */
#include "base/crc32c.h"

#include <pthread.h>

#define POLYNOMIAL 0x82f63b78 /* reflected */

static uint32_t table[256];

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ POLYNOMIAL : c >> 1;
		table[i] = c;
	}
}

uint32_t crc32c(const void *bytes, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const uint8_t *p = bytes;
	uint32_t c = ~0U;

	pthread_once(&once, make_table);
	while (len--)
		c = table[(c ^ *p++) & 0xff] ^ c >> 8;
	return ~c;
}
