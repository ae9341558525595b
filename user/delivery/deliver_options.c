// SPDX-License-Identifier: GPL-2.0-only
/* deliver_options.c - options of wormsign-deliver, which `wormsign` passes on. */
#include "delivery/deliver.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/exit_status.h"
#include "events/feed_message.h"

static const char usage[] =
	"Usage: wormsign spool status|verify|export|replay|forget [OPTION...] [DIRECTORY]\n"
	"What was spooled for delivery; DIRECTORY: default " SPOOL_DEFAULT_DIR "\n\n"
	"  status   segments, records, and how far each sink has come\n"
	"  verify   check every record and the chain of their hashes; status 1 if one is missing "
	"or\n"
	"           changed\n"
	"  export   print the events, one JSON object a line\n"
	"  replay   deliver what the sinks have not had; status 75 if something is left\n"
	"  forget   --sink=NAME: drop a sink's cursor; segments no longer wait for it\n\n"
	"      --sink=NAME         a sink of the configuration; may be repeated\n"
	"      --sink=TYPE=TARGET  one that the configuration does not know\n"
	"      --config=FILE       default: " DELIVERY_CONFIG "\n"
	"      --since=TIME        only what was taken then or later (2026-11-28T19:00:00Z, or "
	"2h:\n"
	"                          so long ago), whether it was delivered or not\n"
	"      --flush=TIME        replay: give up after that long (30s, 5m)\n"
	"  -h, --help              this help\n";

static const char serve_usage[] =
	"Usage: wormsign-deliver serve [OPTION...]\n"
	"Deliver the events of the agent's sessions, until SIGTERM\n\n"
	"      --config=FILE  default: " DELIVERY_CONFIG "\n"
	"      --listen=PATH  the socket, as \"delivery\" of the agent's configuration names it;\n"
	"                     default: " DELIVERY_SOCKET "\n"
	"      --spool=DIR    default: as configured, else " SPOOL_DEFAULT_DIR "\n"
	"      --flush=TIME   at SIGTERM, for what is not delivered yet; default: 10s\n"
	"  -h, --help         this help\n";

/* An absolute time in UTC, or how long ago. */
static bool parse_since(const char *text, uint64_t *ret)
{
	struct tm tm = { 0 };
	uint64_t ms;
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (rest && (!*rest || strcmp(rest, "Z") == 0)) {
		time_t t = timegm(&tm);

		*ret = t > 0 ? (uint64_t)t * 1000000000 : 1;
		return true;
	}
	if (!json_form_ms(text, &ms) || ms / 1000 > (uint64_t)time(NULL))
		return false;
	*ret = ((uint64_t)time(NULL) - ms / 1000) * 1000000000;
	return true;
}

static bool wrong(const char *option, const char *value, const char *want)
{
	fprintf(stderr, "wormsign spool: --%s is '%s', and must be %s\n", option, value, want);
	return false;
}

static bool take(struct deliver_options *d, int opt, char *value)
{
	switch (opt) {
	case 'c':
		d->config = value;
		return true;
	case 'p':
		d->spool = value;
		return true;
	case 'l':
		d->listen = value;
		return true;
	case 's':
		if (d->sink_count == DELIVER_MOST_SINKS)
			return wrong("sink", value, "given at most 32 times");
		d->sinks[d->sink_count++] = value;
		return true;
	case 'f':
		return json_form_ms(value, &d->flush_ms) ||
		       wrong("flush", value, "a time: 500ms, 30s, 5m");
	case 't':
		return parse_since(value, &d->since) ||
		       wrong("since", value, "2026-11-28T19:00:00Z or a time: 30m, 2h, 1d");
	case 'd':
		d->socket = atoi(value);
		return true;
	}
	return false;
}

int deliver_options_parse(struct deliver_options *ret, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "spool", required_argument, NULL, 'p' },
		{ "listen", required_argument, NULL, 'l' },
		{ "sink", required_argument, NULL, 's' },
		{ "flush", required_argument, NULL, 'f' },
		{ "since", required_argument, NULL, 't' },
		{ "socket", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool serves = strcmp(argv[0], "serve") == 0, spools = strcmp(argv[0], "spool") == 0;
	int opt;

	/* what getopt_long calls us */
	argv[0] = serves ? "wormsign-deliver serve" : "wormsign spool";
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (opt == 'h') {
			fputs(serves ? serve_usage : usage, stdout);
			return 0;
		}
		if (!take(ret, opt, optarg)) {
			fprintf(stderr, "Try '%s --help'.\n", argv[0]);
			return STATUS_TROUBLE;
		}
	}
	ret->rest = argv + optind;
	/* the commands of `spool` have a name, and may have a directory */
	if (argc - optind > (spools ? 2 : 0)) {
		fprintf(stderr, "%s: unexpected argument '%s'\nTry '%s --help'.\n", argv[0],
			argv[optind + (spools ? 2 : 0)], argv[0]);
		return STATUS_TROUBLE;
	}
	return -1;
}

void deliver_configure(struct delivery_config *c, const struct deliver_options *d,
		       struct json_form_errors *errors)
{
	bool named = !d->sink_count;

	for (size_t i = 0; i < d->sink_count; i++)
		named |= !strchr(d->sinks[i], '=');
	errors->file = d->config ?: DELIVERY_CONFIG;
	if (d->config || named)
		delivery_config_read(c, errors->file, geteuid() == 0, errors);
	else
		delivery_config_init(c);
	if (errors->count)
		return;
	if (d->sink_count)
		delivery_config_choose(c, d->sinks, d->sink_count, errors);
	if (!errors->count)
		delivery_config_load(c, errors);
}
