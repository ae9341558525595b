// SPDX-License-Identifier: GPL-2.0-only
/* deliver_main.c - wormsign-deliver, started by `wormsign run --sink`, `wormsign spool` and
 * the service manager. */
#include <stdio.h>
#include <stdlib.h>
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

/*
 * Proxies, certificate authorities, modules and key logs of libcurl, OpenSSL and the resolver can
 * be named by variables, and those are the job's where a job starts us. What is left says who
 * waits for us, and how to print.
 */
static void forget_environment(void)
{
	static const char *const kept[] = { "NOTIFY_SOCKET", "TZ", "LANG", "LC_ALL" };
	char *values[ARRAY_SIZE(kept)];

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		values[i] = getenv(kept[i]);
	clearenv(); /* the texts stay where they are, in the initial stack */
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (values[i])
			setenv(kept[i], values[i], 1);
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
	forget_environment();
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return flushed(commands[i].run(argc - 1, argv + 1));
	fputs("wormsign-deliver is started by wormsign: see wormsign spool --help; for the agent's "
	      "sessions: wormsign-deliver serve --help\n",
	      stderr);
	return STATUS_TROUBLE;
}
