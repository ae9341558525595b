// SPDX-License-Identifier: GPL-2.0-only
/* main.c - the command table: finds the subcommand, and prints the help that is made from the same
 * table. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/cmd_output.h"
#include "report/message.h"

static const struct command {
	const char *name;
	int (*fn)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", cmd_run, "run a command, watched: wormsign run -- npm ci" },
	{ "agent", cmd_agent, "the service: let users run commands, watched, without root" },
	{ "config", cmd_config, "check or show the configuration of the agent" },
	{ "status", cmd_status, "what the agent watches, and what came of it" },
	{ "stop", cmd_stop, "end a session of the agent" },
	{ "reload", cmd_reload, "have the agent read its rules and configuration again" },
	{ "ci", cmd_ci, "for hooks of CI runners: is this job watched, and what was stopped" },
	{ "doctor", cmd_doctor, "what this kernel can do, rule by rule, and why" },
	{ "spool", cmd_spool, "look at what was spooled for delivery, and deliver it later" },
	{ "rules", cmd_rules, "check, list, explain and test rules (no root needed)" },
};

static void help(FILE *to)
{
	fputs("Usage: wormsign COMMAND [ARGUMENT...]\n"
	      "Watch what package install scripts do, and stop those that behave like a worm.\n\n",
	      to);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "  -h, --help     this help; `wormsign COMMAND --help` for a command's own\n"
	      "      --version  the version; with --json also sinks and libraries of this build\n",
	      to);
}

/*
 * If the caller has closed 0, 1 or 2, the next file that is opened would get that number, and be
 * written to by printf(). So open /dev/null there; close-on-exec keeps them closed for the command.
 */
static int fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -errno;
	} while (fd <= 2);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	/* Room for the whole of a long output: then an error in writing it comes at the last flush,
	 * where its reason is still known. */
	static char buffer[1 << 20];
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	bool version = false, json = false;
	int opt, err;

	err = fill_standard_descriptors();
	if (err < 0) {
		message("/dev/null cannot be opened: %s; wormsign needs it", strerror(-err));
		return STATUS_TROUBLE;
	}
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	while ((opt = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
		switch (opt) {
		case 'h':
			help(stdout);
			return cmd_output_flush(0);
		case 'V':
			version = true;
			break;
		case 'j':
			json = true;
			break;
		default:
			fputs("Try 'wormsign --help'.\n", stderr);
			return STATUS_TROUBLE;
		}
	}
	if (version && optind < argc) {
		message("--version goes with no command, and there is '%s'", argv[optind]);
		return STATUS_TROUBLE;
	}
	if (version && json)
		return cmd_version_json();
	if (version) {
		puts("wormsign " WORMSIGN_VERSION);
		return cmd_output_flush(0);
	}
	if (json) {
		message("--json goes with --version, or with a command");
		return STATUS_TROUBLE;
	}
	if (optind == argc) {
		help(stderr);
		return STATUS_TROUBLE;
	}
	argc -= optind;
	argv += optind;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[0], commands[i].name) == 0) {
			optind = 0; /* glibc: start anew, without the "+" of this call */
			return cmd_output_flush(commands[i].fn(argc, argv));
		}
	}
	message("there is no command '%s'; see 'wormsign --help'", argv[0]);
	return STATUS_TROUBLE;
}
