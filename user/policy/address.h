/* SPDX-License-Identifier: GPL-2.0-only */
/* address.h - an address or a range of them ("169.254.169.254", "10.0.0.0/8", "fd00:ec2::254") as
 * bytes and length. */
#ifndef WORMSIGN_ADDRESS_H
#define WORMSIGN_ADDRESS_H

#include <stdint.h>

#include "error.h"

struct address_range {
	int family; /* AF_INET: 4 bytes; AF_INET6: 16 */
	unsigned prefix;
	uint8_t bytes[16];
};

/* -EINVAL with the reason in e, which does not repeat text. */
int address_parse(struct address_range *ret, const char *text, struct error *e);

#endif
