/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd.h - the subcommands. Each gets its own argv (argv[0] is its name), says what went wrong on
 * stderr itself, and returns the exit status.
 */
#ifndef WORMSIGN_CMD_H
#define WORMSIGN_CMD_H

#include "error.h"

/* Exit statuses of `run`; the others use STATUS_TROUBLE for whatever keeps them from their work. */
#define STATUS_VERDICT	 86  /* a rule of verdict deny, kill or stop fired in enforce mode */
#define STATUS_TROUBLE	 125 /* not started, or the watch itself broke */
#define STATUS_NOT_EXEC	 126 /* COMMAND cannot be executed */
#define STATUS_NOT_FOUND 127 /* COMMAND is not found */

int cmd_run(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_rules(int argc, char **argv);

/* Print e as the one line "wormsign: TEXT" on stderr; the text of errno err when e is empty. */
void tell_error(const struct error *e, int err);

#endif
