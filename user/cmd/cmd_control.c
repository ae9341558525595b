// SPDX-License-Identifier: GPL-2.0-only
/* cmd_control.c - `wormsign status`, `stop` and `reload`: ask an agent that runs. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/control.h"
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/cmd_output.h"
#include "cmd/status_print.h"
#include "report/message.h"

#define STATUS_REFUSED 1

static const char status_usage[] =
	"Usage: wormsign status [--json] [--socket=PATH]\n"
	"What the agent watches: since when and how, what it has lost, its sessions that run and\n"
	"those that ended last, with their verdicts. Root sees all, a user his own.\n\n"
	"      --json         as JSON\n"
	"      --socket=PATH  the agent's (default: " AGENT_SOCKET ")\n"
	"  -h, --help         this help\n\n"
	"Exit status: 0; 125 there is no agent, or it does not answer.\n";

static const char stop_usage[] =
	"Usage: wormsign stop [--socket=PATH] SESSION\n"
	"End a session of the agent: kill all its processes, and wait until none lives. SESSION "
	"is\n"
	"what it is called in `wormsign status` or in its log. Root may end any, a user his "
	"own.\n\n"
	"      --socket=PATH  the agent's (default: " AGENT_SOCKET ")\n"
	"  -h, --help         this help\n\n"
	"Exit status: 0 it has ended; 1 there is no such session; 125 other trouble.\n";

static const char reload_usage[] =
	"Usage: wormsign reload [--socket=PATH]\n"
	"Have the agent read its rules and its configuration again: all of them, or, if anything "
	"is\n"
	"wrong with them, none. Sessions that run keep what they began with. Root's.\n\n"
	"      --socket=PATH  the agent's (default: " AGENT_SOCKET ")\n"
	"  -h, --help         this help\n\n"
	"Exit status: 0 new sessions have the new rules; 1 nothing has changed, and why was "
	"printed;\n"
	"125 other trouble.\n";

struct asked {
	const char *name, *usage, *socket;
	bool json;
};

/* -1: go on; otherwise the exit status. The rest of argv begins at optind. */
static int read_options(struct asked *ret, int argc, char **argv, bool may_json)
{
	enum { SOCKET = 256, JSON };
	const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "socket", required_argument, NULL, SOCKET },
		{ may_json ? "json" : NULL, no_argument, NULL, JSON },
		{ 0 },
	};
	int opt;

	ret->socket = AGENT_SOCKET;
	argv[0] = (char *)ret->name;
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (opt) {
		case 'h':
			fputs(ret->usage, stdout);
			return 0;
		case SOCKET:
			ret->socket = optarg;
			break;
		case JSON:
			ret->json = true;
			break;
		default:
			fprintf(stderr, "Try '%s --help'.\n", ret->name);
			return STATUS_TROUBLE;
		}
	}
	return -1;
}

static int trouble(const struct error *e, int err)
{
	cmd_output_error(e, err);
	return err == -ESRCH || err == -ECANCELED ? STATUS_REFUSED : STATUS_TROUBLE;
}

int cmd_status(int argc, char **argv)
{
	struct asked o = { .name = "wormsign status", .usage = status_usage };
	struct control_status s = { 0 };
	_buf_ struct buf text = BUF_INIT;
	struct error e = { 0 };
	int status = read_options(&o, argc, argv, true);

	if (status >= 0)
		return status;
	if (optind < argc) {
		fputs("Try 'wormsign status --help'.\n", stderr);
		return STATUS_TROUBLE;
	}
	if (control_status(&s, o.socket, &e) < 0) {
		cmd_output_error(&e, 0);
		return STATUS_TROUBLE;
	}
	if (o.json)
		status_print_json(&text, &s);
	else
		status_print_text(&text, &s, clock_ns(CLOCK_REALTIME));
	control_status_free(&s);
	fputs(text.at, stdout);
	return text.failed ? STATUS_TROUBLE : 0;
}

int cmd_stop(int argc, char **argv)
{
	struct asked o = { .name = "wormsign stop", .usage = stop_usage };
	int status = read_options(&o, argc, argv, false), err;
	struct error e = { 0 };
	uint64_t session;
	char *end;

	if (status >= 0)
		return status;
	if (optind + 1 != argc) {
		fputs("Try 'wormsign stop --help'.\n", stderr);
		return STATUS_TROUBLE;
	}
	errno = 0;
	session = strtoull(argv[optind], &end, 16);
	if (*end || errno || !isxdigit((unsigned char)argv[optind][0])) {
		message("%s is not a session's number", argv[optind]);
		return STATUS_TROUBLE;
	}
	err = control_stop(o.socket, session, &e);
	return err < 0 ? trouble(&e, err) : 0;
}

int cmd_reload(int argc, char **argv)
{
	struct asked o = { .name = "wormsign reload", .usage = reload_usage };
	int status = read_options(&o, argc, argv, false), err;
	struct error e = { 0 };

	if (status >= 0)
		return status;
	if (optind < argc) {
		fputs("Try 'wormsign reload --help'.\n", stderr);
		return STATUS_TROUBLE;
	}
	err = control_reload(o.socket, &e);
	return err < 0 ? trouble(&e, err) : 0;
}
