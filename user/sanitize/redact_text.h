/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * redact_text.h - remove secrets from text that will be logged. Everything else stays as it is, so
 * that people can recognise the command. Works on raw bytes, before escape().
 *
 * Removed is what known_secrets.h, text_secrets.h and command_secrets.h find.
 */
#ifndef WORMSIGN_REDACT_TEXT_H
#define WORMSIGN_REDACT_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "sanitize/spans.h"

/* Add the secrets of the text to *ret, and sort it. cut: as below. */
void redact_find(struct spans *ret, const char *text, size_t len, bool cut);

/* Append text without its secrets. cut: the text was truncated, maybe in the middle of a secret. */
void redact_text(struct buf *out, const char *text, size_t len, bool cut);

/* Append the name of a process, which the kernel has truncated if it has 15 bytes. */
void redact_comm(struct buf *out, const char *comm, size_t len);

#endif
