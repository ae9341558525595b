/* SPDX-License-Identifier: GPL-2.0-only */
/* address.h - an IP address, or a range of them: "169.254.169.254", "10.0.0.0/8", "fd00:ec2::254".
 */
#ifndef WORMSIGN_ADDRESS_H
#define WORMSIGN_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct address_range {
	int family;	   /* AF_INET or AF_INET6 */
	unsigned prefix;   /* bits of it that count: at most 32 or 128 */
	uint8_t bytes[16]; /* network order, AF_INET: the first 4 */
};

/* -EINVAL with the reason in e, which does not repeat text. */
int address_parse(struct address_range *ret, const char *text, struct error *e);

/* Whether the address is in the range. */
bool address_in(const struct address_range *r, int family, const uint8_t *address);

/* Whether two addresses agree in their first `prefix` bits. */
bool address_bits_equal(const uint8_t *a, const uint8_t *b, unsigned prefix);

#endif
