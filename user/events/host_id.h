/* SPDX-License-Identifier: GPL-2.0-only */
/* host_id.h - which machine a log comes from, without revealing its machine id to those who read
 * the log. */
#ifndef WORMSIGN_HOST_ID_H
#define WORMSIGN_HOST_ID_H

#include <stdbool.h>

#define HOST_ID_LEN 33 /* 32 hexadecimal digits and a NUL */

/*
 * The id for the content of /etc/machine-id (32 hexadecimal digits): always the same, and not
 * reversible, as machine-id(5) demands of programs that publish an id. Returns false if text is no
 * machine id.
 */
bool host_id(char ret[HOST_ID_LEN], const char *text);
/* That of this machine; "" if it has none. */
void host_id_here(char ret[HOST_ID_LEN]);

#endif
