/* SPDX-License-Identifier: GPL-2.0-only */
/* libexec_program.h - where the programs are that wormsign starts for what it does not do itself:
 * wormsign-deliver talks to the network, wormsign-lockfile parses other people's formats. */
#ifndef WORMSIGN_LIBEXEC_PROGRAM_H
#define WORMSIGN_LIBEXEC_PROGRAM_H

#include <stddef.h>

#include "base/error.h"

/* The path of the program of this name: beside this one in a build tree, else the installed one.
 * -errno with e: it is not there. */
int libexec_program(char *ret, size_t room, const char *name, struct error *e);

#endif
