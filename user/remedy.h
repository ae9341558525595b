/* SPDX-License-Identifier: GPL-2.0-only */
/* remedy.h - a rule's remedy with its placeholders filled in, so that its commands can be copied.
 */
#ifndef WORMSIGN_REMEDY_H
#define WORMSIGN_REMEDY_H

#include "buf.h"

/*
 * Append remedy with the words PACKAGE and LOG replaced by the package's name and the log's path
 * (either may be NULL). People paste these commands into a shell, and the name is the attacker's:
 * one that holds anything but the letters of honest names, or could be taken for an option, is not
 * filled in.
 */
void remedy_text(struct buf *out, const char *remedy, const char *package, const char *log);

#endif
