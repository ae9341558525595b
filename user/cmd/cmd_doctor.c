// SPDX-License-Identifier: GPL-2.0-only
/* cmd_doctor.c - `wormsign doctor`: what this kernel can do, rule by rule, and why. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/doctor.h"
#include "cmd/doctor_print.h"

#define MOST_DIRS 32

static const char usage[] =
	"Usage: wormsign doctor [OPTION...]\n"
	"Load the kernel side for real, and show what each rule comes to on this machine:\n"
	"  deny   the operation is refused\n"
	"  kill   it is done, and its caller dies before or right after it\n"
	"  watch  it is reported\n"
	"  blind  it is not even seen\n\n"
	"      --json                the report as JSON\n"
	"      --rules=DIR           more rules, or tuning of the shipped ones; may be repeated\n"
	"      --backend=deny|watch  use this one (default: the best that the kernel allows)\n"
	"  -h, --help                this help\n\n"
	"Exit status: 0 all rules can be enforced; 1 a part of them; 2 none (without root: not "
	"known);\n"
	"125 trouble.\n";

static int try_help(void)
{
	fputs("Try 'wormsign doctor --help'.\n", stderr);
	return STATUS_TROUBLE;
}

int cmd_doctor(int argc, char **argv)
{
	enum { JSON = 256, RULES, BACKEND };
	static const struct option options[] = {
		{ "json", no_argument, NULL, JSON },
		{ "rules", required_argument, NULL, RULES },
		{ "backend", required_argument, NULL, BACKEND },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *dirs[MOST_DIRS + 1] = { NULL };
	struct doctor_options o = { .rules = dirs };
	enum doctor_verdict verdict = DOCTOR_NOT;
	_json_ json_t *report = NULL;
	bool json = false;
	size_t count = 0;
	int opt;

	argv[0] = "wormsign doctor"; /* what getopt_long calls us */
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (opt) {
		case JSON:
			json = true;
			break;
		case RULES:
			if (count == MOST_DIRS) {
				fprintf(stderr, "wormsign doctor: --rules more than %d times\n",
					MOST_DIRS);
				return try_help();
			}
			dirs[count++] = optarg;
			break;
		case BACKEND:
			if (strcmp(optarg, "deny") && strcmp(optarg, "watch")) {
				fprintf(stderr,
					"wormsign doctor: --backend is '%s', and must be deny or "
					"watch\n",
					optarg);
				return try_help();
			}
			o.backend = strcmp(optarg, "deny") ? WS_BACKEND_WATCH : WS_BACKEND_DENY;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return try_help();
		}
	}
	if (optind != argc) {
		fprintf(stderr, "wormsign doctor: unexpected argument '%s'\n", argv[optind]);
		return try_help();
	}
	report = doctor_examine(&o, &verdict);
	if (!report) {
		fputs("wormsign doctor: no memory\n", stderr);
		return STATUS_TROUBLE;
	}
	if (json) {
		json_dumpf(report, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		fputc('\n', stdout);
	} else {
		doctor_print(stdout, report);
	}
	return (int)verdict;
}
