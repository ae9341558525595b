// SPDX-License-Identifier: GPL-2.0-only
/* address.c - see address.h. */
#include "policy/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int address_parse(struct address_range *ret, const char *text, struct error *e)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct address_range a = { 0 };
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char host[64];
	unsigned bits;

	if (len >= sizeof(host))
		return error_set(e, -EINVAL, "is not an IP address");
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, a.bytes) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, host, a.bytes) == 1)
		a.family = AF_INET6;
	else
		return error_set(e, -EINVAL, "is not an IP address (names are not resolved)");
	if (a.family == AF_INET6 && memcmp(a.bytes, mapped, sizeof(mapped)) == 0)
		return error_set(e, -EINVAL, "is an IPv4 address mapped to IPv6: write it as IPv4");

	bits = a.family == AF_INET ? 32 : 128;
	a.prefix = bits;
	if (slash) {
		char *end = NULL;
		unsigned long n = isdigit((unsigned char)slash[1]) ? strtoul(slash + 1, &end, 10)
								   : 0;

		if (!end || *end || end > slash + 4 || n > bits)
			return error_set(e, -EINVAL, "needs a prefix length from 0 to %u", bits);
		a.prefix = (unsigned)n;
	}
	for (unsigned i = a.prefix; i < bits; i++)
		if (a.bytes[i / 8] & 0x80u >> i % 8)
			return error_set(e, -EINVAL, "has bits set beyond its prefix of %u bits",
					 a.prefix);
	*ret = a;
	return 0;
}

bool address_bits_equal(const uint8_t *a, const uint8_t *b, unsigned prefix)
{
	for (unsigned i = 0; i < prefix; i++)
		if ((a[i / 8] ^ b[i / 8]) & 0x80u >> i % 8)
			return false;
	return true;
}

bool address_in(const struct address_range *r, int family, const uint8_t *address)
{
	return r->family == family && address_bits_equal(r->bytes, address, r->prefix);
}
