// SPDX-License-Identifier: GPL-2.0-only
/* cmd_agent.c - `wormsign agent` and `wormsign config`: read the configuration, and serve or show
 * it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/config.h"
#include "agent/master.h"
#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/cmd_output.h"
#include "report/message.h"

static const char agent_usage[] =
	"Usage: wormsign agent [OPTION...]\n"
	"Load the kernel side once, and watch the commands that users start by `wormsign run`.\n"
	"Runs until SIGTERM; SIGHUP reloads rules and configuration, as `wormsign reload` does.\n\n"
	"      --socket=PATH  where it listens (default: as configured)\n"
	"      --config=FILE  its configuration (default: " CONFIG_FILE ", if it is there)\n"
	"  -h, --help         this help\n\n"
	"Exit status: 0 ended by a signal; 125 it could not start, or failed.\n";

static const char config_usage[] =
	"Usage: wormsign config check|show [FILE]\n"
	"Check the configuration of the agent (default: " CONFIG_FILE
	"), and name all that is wrong\n"
	"in it; or print what is in force, with the defaults.\n\n"
	"Exit status: 0 it is valid, or there is none; 1 it is not; 125 other trouble.\n";

/* file NULL: the default one, which may be missing. -EINVAL: what is wrong was printed. */
static int read_config(struct config *ret, const char *file, bool trusted)
{
	_buf_ struct buf errors = BUF_INIT;
	struct error e = { 0 };
	int err = config_load(ret, file, trusted, &errors, &e);

	if (errors.len)
		fputs(errors.at, stderr);
	else if (err < 0)
		cmd_output_error(&e, err);
	return err;
}

/* The agent's environment is root's: nothing in it says where a user's places are. What the service
 * manager and the search for programs need is kept. */
static void clear_environment(void)
{
	static const char *const kept[] = { "PATH",	    "NOTIFY_SOCKET",  "WATCHDOG_USEC",
					    "WATCHDOG_PID", "WORMSIGN_DEBUG", "LD_LIBRARY_PATH" };
	char *values[ARRAY_SIZE(kept)];

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		const char *value = getenv(kept[i]);

		values[i] = value ? strdup(value) : NULL;
	}
	clearenv();
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (values[i])
			setenv(kept[i], values[i], 1);
		free(values[i]);
	}
}

static int serve(const struct master_start *start)
{
	struct rlimit files;
	struct error e = { 0 };
	int err;

	/* some descriptors for each session */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	clear_environment();
	umask(022);
	if (chdir("/") < 0)
		return STATUS_TROUBLE;
	err = master_run(start, &e);
	if (err < 0)
		message("the agent ends: %s", e.text[0] ? e.text : strerror(-err));
	return err < 0 ? STATUS_TROUBLE : 0;
}

struct agent_options {
	const char *socket, *file;
	const char *group, *metrics, *how; /* what the master says to a server */
};

/* -1: go on; otherwise the exit status. */
static int read_options(struct agent_options *ret, int argc, char **argv)
{
	enum { SOCKET = 256, CONFIG, SERVE, GROUP, METRICS };
	static const struct option options[] = {
		{ "socket", required_argument, NULL, SOCKET },
		{ "config", required_argument, NULL, CONFIG },
		{ "serve", required_argument, NULL, SERVE },
		{ "group", required_argument, NULL, GROUP },
		{ "metrics", required_argument, NULL, METRICS },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool wrong = false;
	int opt;

	argv[0] = "wormsign agent";
	while ((opt = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
		switch (opt) {
		case 'h':
			fputs(agent_usage, stdout);
			return 0;
		case SOCKET:
			ret->socket = optarg;
			break;
		case CONFIG:
			ret->file = optarg;
			break;
		case SERVE:
			ret->how = optarg;
			break;
		case GROUP:
			ret->group = optarg;
			break;
		case METRICS:
			ret->metrics = optarg;
			break;
		default:
			wrong = true;
		}
	}
	/* those of a server come together */
	if (!wrong && optind == argc &&
	    (ret->how ? ret->socket != NULL : !ret->group && !ret->metrics))
		return -1;
	fputs("Try 'wormsign agent --help'.\n", stderr);
	return STATUS_TROUBLE;
}

/* The path from the root, since the agent leaves this directory; links in it are followed each time
 * that it is used. The caller's; NULL: no memory. */
static char *absolute(const char *path)
{
	_free_ char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *whole = NULL;

	if (path[0] == '/')
		return strdup(path);
	return here && asprintf(&whole, "%s/%s", here, path) >= 0 ? whole : NULL;
}

static int serve_clients(const struct agent_options *o)
{
	int overrides = 0;
	struct master_start start = {
		.socket = o->socket, .group = o->group, .metrics = o->metrics, .file = o->file
	};

	sscanf(o->how, "%*d,%*d,%d", &overrides);
	start.overrides = overrides;
	return master_serve(&start, o->how);
}

int cmd_agent(int argc, char **argv)
{
	CLEANUP(config_free) struct config config = { 0 };
	_free_ char *socket = NULL, *file = NULL;
	struct agent_options o = { 0 };
	int status = read_options(&o, argc, argv);

	if (status >= 0)
		return status;
	if (o.how)
		return serve_clients(&o);
	if (read_config(&config, o.file, true) < 0)
		return STATUS_TROUBLE;
	file = o.file ? absolute(o.file) : NULL;
	socket = absolute(o.socket ?: config.socket);
	if ((o.file && !file) || !socket) {
		message("out of memory");
		return STATUS_TROUBLE;
	}
	return serve(&(struct master_start){ .socket = socket,
					     .group = config.group,
					     .metrics = config.metrics,
					     .file = file,
					     .overrides = o.socket != NULL });
}

int cmd_config(int argc, char **argv)
{
	CLEANUP(config_free) struct config config = { 0 };
	_buf_ struct buf text = BUF_INIT;
	const char *what = argc > 1 ? argv[1] : "";
	bool show = strcmp(what, "show") == 0;
	int err;

	if (strcmp(what, "--help") == 0 || strcmp(what, "-h") == 0) {
		fputs(config_usage, stdout);
		return 0;
	}
	if (argc > 3 || (!show && strcmp(what, "check") != 0)) {
		fputs("Try 'wormsign config --help'.\n", stderr);
		return STATUS_TROUBLE;
	}
	err = read_config(&config, argc == 3 ? argv[2] : NULL, false);
	if (err < 0)
		return err == -EINVAL ? 1 : STATUS_TROUBLE;
	if (!show)
		return 0;
	config_show(&text, &config);
	fputs(text.at, stdout);
	return text.failed ? STATUS_TROUBLE : 0;
}
