// SPDX-License-Identifier: GPL-2.0-only
/* run_options.c - the options of `wormsign run`, and its help. */
#include "run_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#define GRACE_MS   200
#define MOST_GRACE 600000

static const char usage[] =
	"Usage: wormsign run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	"Run COMMAND and watch the install scripts below it; end those that behave like a worm.\n\n"
	"      --mode=enforce|audit  audit: decide and report, refuse nothing (default: enforce)\n"
	"      --log=FILE            session log, JSON lines (default: a new file in " RUN_LOG_DIR
	")\n"
	"      --rules=DIR           more rules, or tuning of the shipped ones; may be repeated\n"
	"      --cache=DIR           a cache that scripts may read and write; may be repeated\n"
	"      --tmp=DIR             a directory for temporary files; may be repeated\n"
	"      --grace=MS            what outlives COMMAND is killed after so long (default: 200)\n"
	"      --backend=deny|watch  do not choose by what the kernel can do\n"
	"  -q, --quiet               print nothing but verdicts and errors\n"
	"  -v, --verbose             print more\n"
	"  -h, --help                this help\n"
	"      --version             the version\n\n"
	"Exit status: COMMAND's own; 86 a rule of verdict deny, kill or stop fired (enforce); 125\n"
	"wormsign could not start watching (COMMAND was not run) or was broken; 126 COMMAND cannot "
	"be\n"
	"executed; 127 COMMAND not found; 128+N signal N ended COMMAND.\n";

static int append(const char **list, const char *value, const char *name)
{
	size_t n = 0;

	while (list[n])
		n++;
	if (n == RUN_MOST_DIRS) {
		fprintf(stderr, "wormsign run: --%s more than %d times\n", name, RUN_MOST_DIRS);
		return -E2BIG;
	}
	list[n] = value;
	return 0;
}

/* Position of value in a NULL-ended list; negative when it is not there, which is said. */
static int choose(const char *option, const char *value, const char *const *list)
{
	for (int i = 0; list[i]; i++)
		if (strcmp(list[i], value) == 0)
			return i;
	fprintf(stderr, "wormsign run: --%s is '%s', and must be", option, value);
	for (int i = 0; list[i]; i++)
		fprintf(stderr, "%s %s", i ? " or" : "", list[i]);
	fputc('\n', stderr);
	return -EINVAL;
}

static int parse_ms(const char *text, int *ret)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || n > MOST_GRACE) {
		fprintf(stderr, "wormsign run: --grace is '%s', and must be 0 to %d milliseconds\n",
			text, MOST_GRACE);
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

int run_options_parse(struct run_options *o, int argc, char **argv)
{
	enum { MODE = 256, LOG, RULES, CACHE, TMP, GRACE, BACKEND, VERSION };
	static const char *const modes[] = {
		[WS_MODE_ENFORCE] = "enforce", [WS_MODE_AUDIT] = "audit", NULL
	};
	static const char *const backends[] = { "deny", "watch", NULL };
	static const struct option options[] = {
		{ "mode", required_argument, NULL, MODE },
		{ "log", required_argument, NULL, LOG },
		{ "rules", required_argument, NULL, RULES },
		{ "cache", required_argument, NULL, CACHE },
		{ "tmp", required_argument, NULL, TMP },
		{ "grace", required_argument, NULL, GRACE },
		{ "backend", required_argument, NULL, BACKEND },
		{ "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, VERSION },
		{ 0 },
	};
	int opt, r = 0;

	*o = (struct run_options){ .grace_ms = GRACE_MS };
	argv[0] = "wormsign run"; /* what getopt_long calls us */
	while (r >= 0 && (opt = getopt_long(argc, argv, "+qvh", options, NULL)) >= 0) {
		switch (opt) {
		case MODE:
			r = choose("mode", optarg, modes);
			o->mode = r;
			break;
		case BACKEND:
			r = choose("backend", optarg, backends);
			o->backend = r == 0 ? WS_BACKEND_DENY : WS_BACKEND_WATCH;
			break;
		case LOG:
			o->log = optarg;
			break;
		case RULES:
			r = append(o->rules, optarg, "rules");
			break;
		case CACHE:
			r = append(o->cache, optarg, "cache");
			break;
		case TMP:
			r = append(o->tmp, optarg, "tmp");
			break;
		case GRACE:
			r = parse_ms(optarg, &o->grace_ms);
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return fflush(stdout) ? STATUS_TROUBLE : 0;
		case VERSION:
			puts("wormsign " WORMSIGN_VERSION);
			return fflush(stdout) ? STATUS_TROUBLE : 0;
		default:
			r = -EINVAL;
		}
	}
	if (r >= 0 && optind == argc) {
		fputs("wormsign run: no command is given\n", stderr);
		r = -EINVAL;
	}
	if (r < 0) {
		fputs("Try 'wormsign run --help'.\n", stderr);
		return STATUS_TROUBLE;
	}
	o->command = argv + optind;
	return -1;
}
