// SPDX-License-Identifier: GPL-2.0-only
/* main.c - the command table: finds the subcommand, and prints the help that is made from the same
 * table. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "cmd.h"

static const struct command {
	const char *name;
	int (*fn)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", cmd_run, "run a command, watched: wormsign run -- npm ci" },
	{ "doctor", cmd_doctor, "what this kernel can do, rule by rule, and why" },
	{ "rules", cmd_rules, "check, list, explain and test rules (no root needed)" },
};

void tell_error(const struct error *e, int err)
{
	fprintf(stderr, "wormsign: %s\n", e->text[0] ? e->text : strerror(err));
}

static void help(FILE *to)
{
	fputs("Usage: wormsign COMMAND [ARGUMENT...]\n"
	      "Watch what package install scripts do, and stop those that behave like a worm.\n\n",
	      to);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "  -h, --help     this help; `wormsign COMMAND --help` for a command's own\n"
	      "      --version  the version\n",
	      to);
}

/*
 * A descriptor that opens as 0, 1 or 2 because the caller closed those would be written to by
 * whoever prints. Fill them; close-on-exec keeps them closed for the command.
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
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int opt;

	if (fill_standard_descriptors() < 0)
		return STATUS_TROUBLE;
	while ((opt = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
		switch (opt) {
		case 'h':
			help(stdout);
			return fflush(stdout) ? STATUS_TROUBLE : 0;
		case 'V':
			puts("wormsign " WORMSIGN_VERSION);
			return fflush(stdout) ? STATUS_TROUBLE : 0;
		default:
			fputs("Try 'wormsign --help'.\n", stderr);
			return STATUS_TROUBLE;
		}
	}
	if (optind == argc) {
		help(stderr);
		return STATUS_TROUBLE;
	}
	argc -= optind;
	argv += optind;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[0], commands[i].name) == 0) {
			optind = 0; /* glibc: start anew, and forget the "+" of here */
			return commands[i].fn(argc, argv);
		}
	}
	fprintf(stderr, "wormsign: there is no command '%s'; see 'wormsign --help'\n", argv[0]);
	return STATUS_TROUBLE;
}
