// SPDX-License-Identifier: GPL-2.0-only
/* cmd_output.c - lines on stderr, by message(); and the end of stdout. */
#include "cmd/cmd_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/exit_status.h"
#include "report/message.h"

void cmd_output_error(const struct error *e, int err)
{
	message("%s", e->text[0] ? e->text : strerror(err < 0 ? -err : err));
}

void cmd_output_tunings(const struct ruleset *rules, bool quiet)
{
	for (size_t i = 0; i < rules->expired.count; i++)
		message("%s", rules->expired.at[i]);
	for (size_t i = 0; !quiet && i < rules->expiring.count; i++)
		message("%s", rules->expiring.at[i]);
}

int cmd_output_flush(int status)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	message("standard output could not be written%s%s", errno ? ": " : "",
		errno ? strerror(errno) : "");
	return status ? status : STATUS_TROUBLE;
}
