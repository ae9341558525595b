// SPDX-License-Identifier: GPL-2.0-only
/* deliver_main.c - wormsign-deliver, started by `wormsign run --sink`, `wormsign spool` and
 * the service manager. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/exit_status.h"
#include "delivery/deliver.h"
#include "delivery/sandbox.h"

/* What was printed may not have been written yet: a full disk is a failure. */
static int flushed(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fputs("wormsign: standard output could not be written\n", stderr);
	return status ? status : STATUS_TROUBLE;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = { { "feed", deliver_feed },
			 { "serve", deliver_serve },
			 { "version", deliver_version },
			 { "spool", deliver_spool } };

	sandbox_no_core(); /* before a credential is read */
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return flushed(commands[i].run(argc - 1, argv + 1));
	fputs("wormsign-deliver is started by wormsign: see wormsign spool --help; for the agent's "
	      "sessions: wormsign-deliver serve --help\n",
	      stderr);
	return STATUS_TROUBLE;
}
