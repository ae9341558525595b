// SPDX-License-Identifier: GPL-2.0-only
/* run_options.c - the options of `wormsign run`, and its help. */
#include "cmd/run_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/protocol.h"
#include "base/exit_status.h"
#include "base/json_form.h"
#include "cmd/run_log.h"

#define GRACE_MS   200
#define MOST_GRACE 600000
#define FLUSH_MS   30000
#define MOST_FLUSH 3600000

static const char usage[] =
	"Usage: wormsign run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	"Run COMMAND and watch the install scripts below it; end those that behave like a worm.\n\n"
	"      --mode=enforce|audit  audit: decide and report, refuse nothing (default: enforce)\n"
	"      --tools=alert|enforce what dependencies' programs do outside of installations is\n"
	"                            only reported (default), or stopped, too\n"
	"      --log=FILE            session log, JSON lines (default: a new file in " RUN_LOG_DIR
	")\n"
	"      --rules=DIR           more rules, or tuning of the shipped ones; may be repeated\n"
	"      --cache=DIR           a cache that scripts may read and write; may be repeated\n"
	"      --tmp=DIR             a directory for temporary files; may be repeated\n"
	"      --keep-env=NAME       a secret variable that scripts may have; may be repeated\n"
	"      --grace=MS            time for processes to end after COMMAND (default: 200)\n"
	"      --backend=deny|watch  use this one (default: the best that the kernel allows)\n"
	"      --socket=PATH         the agent's (default: " AGENT_SOCKET ")\n"
	"      --no-agent            watch by itself, which takes root, though an agent runs\n"
	"      --sink=NAME           deliver events to this sink of the configuration; may be "
	"repeated\n"
	"      --sink=TYPE=TARGET    deliver events there: file=/PATH, elastic=URL, "
	"splunk-hec=URL,\n"
	"                            otlp=URL, loki=URL, webhook=URL, syslog=tcp://HOST:PORT,\n"
	"                            relp=relp://HOST:PORT, kafka=kafka://HOST:PORT/TOPIC,\n"
	"                            journal=local\n"
	"      --config=FILE         delivery's configuration (default: " RUN_DELIVERY_CONFIG ")\n"
	"      --spool=DIR           where events wait (default: /var/spool/wormsign)\n"
	"      --flush=TIME          time to deliver what is left after COMMAND (default: 30s)\n"
	"  -q, --quiet               print nothing but verdicts and errors\n"
	"  -v, --verbose             print more\n"
	"  -h, --help                this help\n"
	"      --version             the version\n\n"
	"Exit status: COMMAND's own; 75 instead of 0 if events could not be delivered; 86 a rule "
	"of verdict deny, kill or stop fired (enforce); 125\n"
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

/* npm's names of variables hold nearly everything else. */
static bool is_variable(const char *name)
{
	if (name[0] && !strpbrk(name, "= \t\n"))
		return true;
	fprintf(stderr, "wormsign run: --keep-env is '%s', and must be the name of a variable\n",
		name);
	return false;
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

static int parse_flush(const char *text, uint64_t *ret)
{
	uint64_t ms;

	if (!json_form_ms(text, &ms) || ms > MOST_FLUSH) {
		fprintf(stderr, "wormsign run: --flush is '%s', and must be 0s to 1h\n", text);
		return -EINVAL;
	}
	*ret = ms;
	return 0;
}

/* What has no effect beside, or without, another one is not what its caller means. */
static int check_together(const struct run_options *o, bool flush)
{
	const char *waits = o->spool ? "spool" : flush ? "flush" : NULL;

	if (o->socket && o->no_agent) {
		fputs("wormsign run: of --socket and --no-agent only one can be meant\n", stderr);
		return -EINVAL;
	}
	if (waits && !o->sinks[0] && !o->config) {
		fprintf(stderr, "wormsign run: --%s needs --sink or --config\n", waits);
		return -EINVAL;
	}
	return 0;
}

int run_options_parse(struct run_options *o, int argc, char **argv)
{
	enum {
		MODE = 256,
		TOOLS,
		LOG,
		RULES,
		CACHE,
		TMP,
		KEEP,
		GRACE,
		BACKEND,
		SOCKET,
		NO_AGENT,
		SINK,
		CONFIG,
		SPOOL,
		FLUSH,
		VERSION
	};
	static const char *const modes[] = {
		[WS_MODE_ENFORCE] = "enforce", [WS_MODE_AUDIT] = "audit", NULL
	};
	static const char *const backends[] = { "deny", "watch", NULL };
	static const char *const tools[] = { "alert", "enforce", NULL };
	static const struct option options[] = {
		{ "mode", required_argument, NULL, MODE },
		{ "tools", required_argument, NULL, TOOLS },
		{ "log", required_argument, NULL, LOG },
		{ "rules", required_argument, NULL, RULES },
		{ "cache", required_argument, NULL, CACHE },
		{ "tmp", required_argument, NULL, TMP },
		{ "keep-env", required_argument, NULL, KEEP },
		{ "grace", required_argument, NULL, GRACE },
		{ "backend", required_argument, NULL, BACKEND },
		{ "socket", required_argument, NULL, SOCKET },
		{ "no-agent", no_argument, NULL, NO_AGENT },
		{ "sink", required_argument, NULL, SINK },
		{ "config", required_argument, NULL, CONFIG },
		{ "spool", required_argument, NULL, SPOOL },
		{ "flush", required_argument, NULL, FLUSH },
		{ "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, VERSION },
		{ 0 },
	};
	bool flush = false;
	int opt, r = 0;

	*o = (struct run_options){ .grace_ms = GRACE_MS, .flush_ms = FLUSH_MS };
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
		case TOOLS:
			r = choose("tools", optarg, tools);
			o->tools = r == 1;
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
		case KEEP:
			r = is_variable(optarg) ? append(o->keep, optarg, "keep-env") : -EINVAL;
			break;
		case GRACE:
			r = parse_ms(optarg, &o->grace_ms);
			break;
		case SOCKET:
			o->socket = optarg;
			break;
		case NO_AGENT:
			o->no_agent = true;
			break;
		case SINK:
			r = append(o->sinks, optarg, "sink");
			break;
		case CONFIG:
			o->config = optarg;
			break;
		case SPOOL:
			o->spool = optarg;
			break;
		case FLUSH:
			r = parse_flush(optarg, &o->flush_ms);
			flush = true;
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case VERSION:
			if (optind < argc) {
				fputs("wormsign run: --version goes with no command\n", stderr);
				r = -EINVAL;
				break;
			}
			puts("wormsign " WORMSIGN_VERSION);
			return 0;
		default:
			r = -EINVAL;
		}
	}
	r = r < 0 ? r : check_together(o, flush);
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
