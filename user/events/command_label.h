/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_label.h - a command as people would name it, and as they would type it. Both are
 * redacted, not escaped.
 */
#ifndef WORMSIGN_COMMAND_LABEL_H
#define WORMSIGN_COMMAND_LABEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "sanitize/spans.h"
#include "wire.h"

/* Bytes of a label; a longer one is cut there and ends with "...". */
#define COMMAND_LABEL_MAX 120

/*
 * Append "npm install", "sh -c node install.js", "curl -d @x https://h/": the program without its
 * directory, or the name of the package manager, and its arguments. Ends with "..." if there is
 * more, or the kernel did not read more.
 */
void command_label(struct buf *out, const struct ws_rec_exec *r);

/* Append all words of argv (NUL-joined), quoted where a shell needs it. secrets: redact_words() of
 * argv. cut: argv was truncated. */
void command_line(struct buf *out, const struct spans *secrets, const char *argv, size_t len,
		  bool cut);
/* The same, with the secrets found in argv itself. */
void command_text(struct buf *out, const char *argv, size_t len, bool cut);

#endif
