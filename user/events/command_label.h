/* SPDX-License-Identifier: GPL-2.0-only */
/* command_label.h - a command as people would name it, and as they would type it; both without
 * secrets, not escaped. */
#ifndef WORMSIGN_COMMAND_LABEL_H
#define WORMSIGN_COMMAND_LABEL_H

#include <stdbool.h>

#include "buf.h"
#include "wire.h"

#define COMMAND_LABEL_LONGEST 120

/*
 * Append "npm install", "sh -c node install.js", "curl -d @x https://h/": the program without its
 * directory, a package manager by its name. At most COMMAND_LABEL_LONGEST bytes, "..." telling that
 * there is more.
 */
void command_label(struct buf *out, const struct ws_rec_exec *r);

/* Append all words, quoted where a shell would need it. */
void command_line(struct buf *out, const char *argv, size_t len, bool cut);

#endif
