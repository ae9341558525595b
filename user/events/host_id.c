// SPDX-License-Identifier: GPL-2.0-only
/* host_id.c - see host_id.h. */
#include "events/host_id.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sha256.h"

/* The application's part of the id: chosen at random once, and never changed. */
static const uint8_t application[16] = { 0x5d, 0x1e, 0x93, 0x0c, 0x6b, 0xf2, 0x4a, 0x77,
					 0x8e, 0x21, 0xc4, 0x39, 0xd0, 0x5f, 0xb8, 0x16 };

bool host_id(char ret[HOST_ID_LEN], const char *text)
{
	uint8_t machine[16] = { 0 }, sum[SHA256_BYTES];
	size_t i = 0;

	for (; i < 32 && isxdigit((unsigned char)text[i]); i++) {
		int c = tolower((unsigned char)text[i]);

		machine[i / 2] =
			(uint8_t)(machine[i / 2] << 4 | (c <= '9' ? c - '0' : c - 'a' + 10));
	}
	if (i < 32 || (text[i] && text[i] != '\n'))
		return false;
	sha256_hmac(sum, machine, sizeof(machine), application, sizeof(application));
	for (i = 0; i < 16; i++)
		snprintf(ret + 2 * i, 3, "%02x", sum[i]);
	return true;
}

void host_id_here(char ret[HOST_ID_LEN])
{
	_fclose_ FILE *f = fopen("/etc/machine-id", "re");
	char text[64];

	if (!f || !fgets(text, sizeof(text), f) || !host_id(ret, text))
		ret[0] = '\0';
}
