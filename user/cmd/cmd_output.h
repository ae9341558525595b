/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_output.h - what every subcommand writes to stderr, and whether its stdout was written. */
#ifndef WORMSIGN_CMD_OUTPUT_H
#define WORMSIGN_CMD_OUTPUT_H

#include <stdbool.h>

#include "base/error.h"
#include "policy/ruleset.h"

/* Print e as the one line "wormsign: TEXT" on stderr; if it is empty, the text of errno err, of
 * either sign. */
void cmd_output_error(const struct error *e, int err);
/* Print to stderr which tunings have expired, and unless quiet, which soon will. */
void cmd_output_tunings(const struct ruleset *rules, bool quiet);
/* Flush stdout. Returns status, unless something could not be written: then that is reported, and a
 * status of 0 becomes STATUS_TROUBLE. */
int cmd_output_flush(int status);

#endif
