/* SPDX-License-Identifier: GPL-2.0-only */
/* host_id.h - which machine a log comes from, without telling its machine id to everybody who reads
 * the log. */
#ifndef WORMSIGN_HOST_ID_H
#define WORMSIGN_HOST_ID_H

#include <stdbool.h>

#define HOST_ID_LEN 33 /* 32 hexadecimal digits and a NUL */

/*
 * The id for the content of /etc/machine-id (32 hexadecimal digits): always the same, and not to be
 * turned back, as machine-id(5) asks of programs that tell it to others. false: text is none.
 */
bool host_id(char ret[HOST_ID_LEN], const char *text);
/* That of this machine; "" if it has none. */
void host_id_here(char ret[HOST_ID_LEN]);

#endif
