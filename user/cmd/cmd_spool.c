// SPDX-License-Identifier: GPL-2.0-only
/* cmd_spool.c - `wormsign spool` is wormsign-deliver: a spool may come from another machine, so it
 * is parsed there, without privileges. */
#include "cmd/cmd.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd_output.h"
#include "session/delivery_program.h"

int cmd_spool(int argc, char **argv)
{
	_free_ char **with = calloc((size_t)argc + 2, sizeof(*with));
	char program[PATH_MAX];
	struct error e = { 0 };
	int err = with ? delivery_program(program, sizeof(program), &e) : -ENOMEM;

	if (err == 0) {
		with[0] = program;
		with[1] = "spool";
		memcpy(with + 2, argv + 1, sizeof(*with) * (size_t)(argc - 1));
		execv(program, with);
		err = error_set(&e, -errno, "%s: %s", program, strerror(errno));
	}
	cmd_output_error(&e, err);
	return STATUS_TROUBLE;
}
