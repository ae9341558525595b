/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * message.h - one line for people beside the blocks (terminal.h): errors, warnings, progress. It is
 * redacted and escaped here, as a message can hold a path, a command or the name of a process.
 */
#ifndef WORMSIGN_MESSAGE_H
#define WORMSIGN_MESSAGE_H

/* Write "wormsign: TEXT" as one line to stderr. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
