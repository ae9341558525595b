/* SPDX-License-Identifier: GPL-2.0-only */
/* config_look.h - what a configuration file holds: whether it has credentials or certificates,
 * which decides who may read it. */
#ifndef WORMSIGN_CONFIG_LOOK_H
#define WORMSIGN_CONFIG_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer files are not looked at. */
#define CONFIG_LOOK_MAX (4 << 20)

/* Bits of what is found. */
enum {
	CONFIG_READ = 1,	/* it was read to its end */
	CONFIG_CREDENTIAL = 2,	/* a password or token, or the file was not read whole */
	CONFIG_CERTIFICATE = 4, /* a certificate, and no private key */
};

/* CONFIG_MANAGER: of a package manager (manager_config.h). */
enum config_kind { CONFIG_GIT, CONFIG_NETRC, CONFIG_MANAGER, CONFIG_CERTIFICATES, CONFIG_KINDS };

/* Look into a text of this kind. */
unsigned config_look_text(enum config_kind kind, const char *text, size_t len);

/*
 * Look into the regular file of fd, which was opened with O_PATH, whatever its path leads to by
 * now. *ret_size: the size that it had.
 */
unsigned config_look(enum config_kind kind, int fd, uint64_t *ret_size);
/* The same for a file that is open for reading. Its offset stays. */
unsigned config_look_opened(enum config_kind kind, int fd, uint64_t *ret_size);

#endif
