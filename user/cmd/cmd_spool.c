// SPDX-License-Identifier: GPL-2.0-only
/* cmd_spool.c - what wormsign-deliver does for us: `wormsign spool`, since a spool may come from
 * another machine, and is parsed there without privileges; and what it is built with. */
#include "cmd/cmd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd_output.h"
#include "kernel/loader.h"
#include "session/libexec_program.h"

/* Become it, with these arguments behind the program's name. Returns the status of a failure. */
static int become(char **with)
{
	char program[PATH_MAX];
	struct error e = { 0 };
	int err = with ? libexec_program(program, sizeof(program), "wormsign-deliver", &e)
		       : -ENOMEM;

	if (err == 0) {
		with[0] = program;
		execv(program, with);
		err = error_set(&e, -errno, "%s: %s", program, strerror(errno));
	}
	cmd_output_error(&e, err);
	return STATUS_TROUBLE;
}

int cmd_spool(int argc, char **argv)
{
	_free_ char **with = calloc((size_t)argc + 2, sizeof(*with));

	if (with) {
		with[1] = "spool";
		memcpy(with + 2, argv + 1, sizeof(*with) * (size_t)(argc - 1));
	}
	return become(with);
}

int cmd_version_json(void)
{
	char libbpf[64];
	char *with[] = { NULL, "version", libbpf, NULL, NULL };

#ifdef WORMSIGN_YAML
	with[3] = "yaml=" WORMSIGN_YAML; /* of wormsign-lockfile */
#endif

	snprintf(libbpf, sizeof(libbpf), "libbpf=%s", loader_libbpf_version());
	return become(with);
}
