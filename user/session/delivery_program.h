/* SPDX-License-Identifier: GPL-2.0-only */
/* delivery_program.h - where wormsign-deliver is, the program that talks to the network. */
#ifndef WORMSIGN_DELIVERY_PROGRAM_H
#define WORMSIGN_DELIVERY_PROGRAM_H

#include <stddef.h>

#include "base/error.h"

/* Its path: beside this program in a build tree, else the installed one. -errno with e: it is not
 * there. */
int delivery_program(char *ret, size_t room, struct error *e);

#endif
