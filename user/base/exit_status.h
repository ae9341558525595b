/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit_status.h - the exit statuses of `wormsign run`, in the manner of env(1) and a shell. The
 * other subcommands use STATUS_TROUBLE for whatever keeps them from their work. Includes nothing of
 * this project.
 */
#ifndef WORMSIGN_EXIT_STATUS_H
#define WORMSIGN_EXIT_STATUS_H

#define STATUS_UNDELIVERED 75  /* the command succeeded, but some events were not delivered */
#define STATUS_VERDICT	   86  /* a rule of verdict deny, kill or stop fired in enforce mode */
#define STATUS_TROUBLE	   125 /* not started, or watching itself failed */
#define STATUS_NOT_EXEC	   126 /* COMMAND cannot be executed */
#define STATUS_NOT_FOUND   127 /* COMMAND is not found */

#endif
