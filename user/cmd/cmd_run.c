// SPDX-License-Identifier: GPL-2.0-only
/* cmd_run.c - `wormsign run`: who it runs as and what it may not repeat, one session, and the exit
 * status. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/cmd_output.h"
#include "cmd/run_delivery.h"
#include "cmd/run_options.h"
#include "cmd/run_session.h"
#include "report/message.h"
#include "sanitize/known_secrets.h"
#include "session/callers_path.h"
#include "session/session_secrets.h"
#include "session/signals.h"

/* As the kernel names it: "/x (deleted)" for a directory that was removed. */
static char *current_directory(void)
{
	char link[PATH_MAX];
	ssize_t n = readlink("/proc/self/cwd", link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = 0;
	return strdup(link);
}

/* sudo replaces PATH, so the command may be another program than the caller means. */
static void warn_of_path(const struct run_session *r)
{
	const char *ours = getenv("PATH") ?: "";
	_free_ char *callers = NULL;

	if (!r->as.drop || r->options->quiet || callers_path(getpid(), &callers) < 0 ||
	    strcmp(callers, ours) == 0)
		return;
	message("sudo has replaced your PATH and environment, so this may be another program than "
		"the one you use; to keep them: sudo -E env \"PATH=$PATH\" wormsign run ...");
}

/* End by signal sig, so that a shell sees that Ctrl-C ended what it waited for. */
static void die_of(int sig)
{
	struct sigaction to_default = { .sa_handler = SIG_DFL };
	struct rlimit none = { 0 };
	sigset_t one;

	setrlimit(RLIMIT_CORE, &none);
	sigaction(sig, &to_default, NULL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
}

/* The session's exit status. A lost log turns a success into STATUS_TROUBLE, but does not replace
 * the command's own failure. Reports what the log lacks. */
static int exit_status(struct run_session *r, int logged)
{
	int status = session_status(&r->end, r->options->mode, observer_strongest(r->observer));
	unsigned long long alerts = r->end.lost[WS_LOST_ALERT];

	if (r->alone.supervise.broken && status == STATUS_TROUBLE)
		message("its watchdog process was killed, so the session was ended");
	if (r->by_agent && r->end.broken && !r->client.agent_died)
		message("the agent was stopped or has failed, so the session was ended");
	if (r->client.agent_died)
		message("the agent has died%s",
			r->client.rest_lives
				? "; processes of the session that are not yours to end live on"
				: ", so the session was ended");
	if (alerts && status != STATUS_VERDICT)
		message("%llu alert%s lost, as too many came at once: what the scripts did is not "
			"known",
			alerts, alerts == 1 ? " was" : "s were");
	if (logged < 0)
		message("%s", observer_log_error(r->observer));
	status = status ?: logged < 0 ? STATUS_TROUBLE : 0;
	return r->feed && run_delivery_end(r->feed, r->options->flush_ms) < 0 && !status
		       ? STATUS_UNDELIVERED
		       : status;
}

/* Collect the secrets that no output may repeat, before there is any output, and keep them within
 * this process. */
static int know_secrets(struct run_session *r, struct error *e)
{
	struct session_secrets_sources s = {
		.environment = environ,
		.home = getenv("HOME") ?: r->as.home,
		.cwd = r->cwd,
		.user = r->as.uid,
	};
	int err = session_secrets_collect(&s, e);

	/* No core dump, and no look into the memory by other processes of the user. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (err == 0 && known_secrets_left_out())
		return error_set(e, -E2BIG,
				 "the environment holds more secrets than can be kept out of the "
				 "log");
	return err;
}

static int run(struct run_session *r)
{
	const struct run_options *o = r->options;
	struct error e = { 0 };
	int status, logged;

	r->cwd = current_directory();
	status = run_as_find(&r->as, geteuid(), &e) < 0 || run_as_set_environment(&r->as) < 0 ||
				 !r->cwd || know_secrets(r, &e) < 0
			 ? STATUS_TROUBLE
			 : launch_find(o->command[0], &e);
	if (status) {
		cmd_output_error(&e, ENOMEM);
		return status;
	}
	warn_of_path(r);
	status = run_session_start(r, &e);
	if (status < 0) {
		message("%s was not run: %s", o->command[0],
			e.text[0] ? e.text : strerror(-status));
		return STATUS_TROUBLE;
	}
	logged = run_session_end(r);
	if (r->leftovers.count && !o->quiet)
		message("%u process%s outlived %s and %s killed: %s", r->leftovers.count,
			r->leftovers.count == 1 ? "" : "es", o->command[0],
			r->leftovers.count == 1 ? "was" : "were", r->leftovers.names);
	return exit_status(r, logged);
}

int cmd_run(int argc, char **argv)
{
	struct run_options options = { 0 };
	struct run_session r = RUN_SESSION_INIT;
	int status, sig;

	status = run_options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	r.options = &options;
	r.by_agent = options.socket || (!options.no_agent && client_wanted());
	launch_remember(&r.start);
	status = run(&r);
	sig = r.alone.attend.terminal_signal;
	if (status != 128 + sig || !WIFSIGNALED(r.alone.attend.status))
		sig = 0;
	if (!sig && status == STATUS_TROUBLE && r.launch.pid && r.launch.go >= 0)
		sig = signals_fatal_pending();
	run_session_free(&r);
	if (sig)
		die_of(sig);
	return status;
}
