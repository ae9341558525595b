/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd.h - the subcommands. Each gets its own argv (argv[0] is its name), says what went wrong on
 * stderr itself, and returns the exit status.
 */
#ifndef WORMSIGN_CMD_H
#define WORMSIGN_CMD_H

#include "base/exit_status.h"

int cmd_run(int argc, char **argv);
int cmd_agent(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_stop(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_ci(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_spool(int argc, char **argv);
int cmd_rules(int argc, char **argv);
/* `wormsign --version --json` */
int cmd_version_json(void);

#endif
