// SPDX-License-Identifier: GPL-2.0-only
/* deliver_main.c - wormsign-deliver, started by `wormsign run --sink`, `wormsign spool` and
 * the service manager. */
#include <stdio.h>
#include <string.h>

#include "base/exit_status.h"
#include "delivery/deliver.h"
#include "delivery/sandbox.h"

int main(int argc, char **argv)
{
	sandbox_no_core(); /* before a credential is read */
	if (argc > 1 && strcmp(argv[1], "feed") == 0)
		return deliver_feed(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		return deliver_serve(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "version") == 0)
		return deliver_version(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "spool") == 0)
		return deliver_spool(argc - 1, argv + 1);
	fputs("wormsign-deliver is started by wormsign: see wormsign spool --help; for the agent's "
	      "sessions: wormsign-deliver serve --help\n",
	      stderr);
	return STATUS_TROUBLE;
}
