// SPDX-License-Identifier: GPL-2.0-only
/* cmd_ci.c - `wormsign ci`, for the hooks of runners: whether this job is watched, and what came of
 * that. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/config.h"
#include "agent/job_watch.h"
#include "base/cleanup.h"
#include "base/write_quietly.h"
#include "cmd/cmd.h"
#include "cmd/cmd_output.h"
#include "report/ci_report.h"
#include "report/message.h"
#include "sanitize/redact_text.h"
#include "session/job_left.h"
#include "session/job_log.h"
#include "session/residue_look.h"

#define LEFT_NAMES    5
#define ON_ITS_WAY_MS 300 /* what has happened so far is in the log by then */

static const char usage[] =
	"Usage: wormsign ci start|end [--clean] [--logs=DIR]\n"
	"For the hooks of CI runners, in a job that the agent watches as a whole. `start` fails if "
	"the\n"
	"job is not watched. `end` prints what was stopped in it so far, and fails if something "
	"was;\n"
	"with GitHub Actions it prints annotations, too, and adds to the job's summary. It also "
	"says "
	"what\n"
	"the job has left for the next one: processes, and changed start files, hooks, programs "
	"and "
	"the\n"
	"like. No file is removed.\n\n"
	"      --clean     end: end the processes that the job has left running\n"
	"      --logs=DIR  where the agent keeps the logs of jobs (default: as configured)\n"
	"  -h, --help      this help\n\n"
	"Exit status: 0; 86 something was stopped; 125 the job is not watched, or its log cannot "
	"be\n"
	"read.\n";

/* The configured directory, if this user may read the configuration. */
static char *logs_dir(void)
{
	CLEANUP(config_free) struct config config = { 0 };
	_buf_ struct buf errors = BUF_INIT;
	struct error e = { 0 };

	if (config_load(&config, NULL, false, &errors, &e) < 0)
		return strdup(JOB_LOG_DIR);
	return strdup(config.job_logs);
}

/* The log, and the cgroup of its session. */
static int open_log(int *ret_fd, char **ret_path, char **ret_cgroup, const char *dir,
		    struct error *e)
{
	_free_ char *configured = dir ? NULL : logs_dir();
	_buf_ struct buf cgroup = BUF_INIT;
	int err = recognised_read(&cgroup, getpid(), "cgroup");

	if (err < 0)
		return error_set(e, err, "/proc/self/cgroup: %s", strerror(-err));
	if (!dir && !configured)
		return error_set(e, -ENOMEM, "out of memory");
	err = job_log_open(ret_fd, ret_path, dir ?: configured, cgroup.at, e);
	if (err < 0)
		return err;
	*ret_cgroup = job_log_cgroup(*ret_path, cgroup.at);
	return *ret_cgroup ? 0 : error_set(e, -ENOMEM, "out of memory");
}

/* When the session began, CLOCK_REALTIME ns, by the time of its first event; 0: it is not one. */
static uint64_t time_of(const json_t *event)
{
	const char *text = json_string_value(json_object_get(event, "@timestamp")), *rest;
	struct tm tm = { 0 };

	rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	return rest ? (uint64_t)timegm(&tm) * 1000000000ULL : 0; /* the second that it was in */
}

static int read_log(struct ci_report *r, int fd, uint64_t *ret_since, struct error *e)
{
	_fclose_ FILE *f = fdopen(fd, "r");
	_free_ char *line = NULL;
	size_t room = 0;

	if (!f) {
		close(fd);
		return error_set(e, -ENOMEM, "out of memory");
	}
	while (getline(&line, &room, f) > 0) {
		_json_ json_t *event = json_loads(line, 0, NULL); /* the last may not be whole */

		if (event && !*ret_since)
			*ret_since = time_of(event);
		if (event)
			ci_report_add(r, event);
	}
	return ferror(f) ? error_set(e, -EIO, "it cannot be read") : 0;
}

/* What GITHUB_STEP_SUMMARY names is a file that the runner has made for this step. */
static void add_summary(const char *path, const struct buf *head, const struct buf *rows)
{
	_close_ int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    write_quietly(fd, head->at, head->len) != (ssize_t)head->len ||
	    write_quietly(fd, rows->at, rows->len) != (ssize_t)rows->len)
		message("GITHUB_STEP_SUMMARY: the summary could not be written");
}

/* Processes first: they could change the rest still. */
static void add_processes(struct ci_report *r, const char *cgroup, bool clean)
{
	CLEANUP(job_left_free) struct job_left_list l = { 0 };
	_buf_ struct buf words = BUF_INIT;
	int err = job_left_find(&l, cgroup), alive;

	if (err == 0 && l.count == 0)
		return;
	if (err < 0) {
		buf_addf(&words, "processes, which cannot be listed: %s", strerror(-err));
		ci_report_left(r, words.at, 0);
		return;
	}
	buf_addf(&words, "%zu process%s", l.count, l.count == 1 ? "" : "es");
	alive = clean ? job_left_end(cgroup) : 0;
	if (clean && alive == 0)
		buf_adds(&words, " (ended)");
	else if (clean)
		buf_addf(&words, " (%d could not be ended)", alive);
	buf_adds(&words, ":");
	for (size_t i = 0; i < l.count && i < LEFT_NAMES; i++) {
		buf_adds(&words, i ? ", " : " ");
		redact_comm(&words, l.at[i].name, strlen(l.at[i].name));
	}
	ci_report_left(r, words.at, l.count > LEFT_NAMES ? l.count - LEFT_NAMES : 0);
}

/* What the job has changed so far, as far as this user may see it. */
static void add_residue(struct ci_report *r, uint64_t since)
{
	CLEANUP(residue_free) struct residue found = { 0 };
	struct run_as as = { .uid = getuid(), .gid = getgid() };
	struct residue_look look = RESIDUE_LOOK_INIT;
	_free_ char *cwd = getcwd(NULL, 0);
	struct residue_sources sources = {
		.environment = environ, .system = true, .home = getenv("HOME"), .cwd = cwd
	};

	residue_look_start(&look, &sources, &as);
	residue_look_take(&found, &look, since, RESIDUE_LOOK_MS);
	for (size_t i = 0; i < found.count; i++) {
		bool last = i + 1 == found.count;
		_buf_ struct buf words = BUF_INIT;

		residue_text(&words, &found.at[i], sources.home);
		ci_report_left(r, words.at, last ? found.more : 0);
	}
	if (found.incomplete)
		ci_report_left(r, "maybe more: not all places could be looked at", 0);
}

static int end(int fd, const char *path, const char *cgroup, bool clean, struct error *e)
{
	struct ci_report r = CI_REPORT_INIT;
	_buf_ struct buf head = BUF_INIT;
	const char *github = getenv("GITHUB_ACTIONS"), *summary = getenv("GITHUB_STEP_SUMMARY");
	uint64_t since = 0;
	int err, status;

	usleep(ON_ITS_WAY_MS * 1000);
	err = read_log(&r, fd, &since, e);
	if (err == 0) {
		add_processes(&r, cgroup, clean);
		add_residue(&r, since);
	}
	ci_report_sum(&r, &r.text, &head, path);
	status = err < 0 ? STATUS_TROUBLE : r.stopped ? STATUS_VERDICT : 0;
	fputs(r.text.at, stdout);
	if (github && strcmp(github, "true") == 0) {
		fputs(r.commands.at, stdout);
		if (summary && summary[0] == '/')
			add_summary(summary, &head, &r.markdown);
	}
	ci_report_free(&r);
	return status;
}

int cmd_ci(int argc, char **argv)
{
	enum { LOGS = 256, CLEAN };
	static const struct option options[] = { { "help", no_argument, NULL, 'h' },
						 { "logs", required_argument, NULL, LOGS },
						 { "clean", no_argument, NULL, CLEAN },
						 { 0 } };
	_free_ char *path = NULL, *cgroup = NULL;
	const char *dir = NULL;
	struct error e = { 0 };
	int opt, fd = -1, status;
	bool starts, clean = false;

	argv[0] = "wormsign ci";
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (opt) {
		case 'h':
			fputs(usage, stdout);
			return 0;
		case LOGS:
			dir = optarg;
			break;
		case CLEAN:
			clean = true;
			break;
		default:
			return STATUS_TROUBLE;
		}
	}
	starts = optind + 1 == argc && strcmp(argv[optind], "start") == 0;
	if ((!starts || clean) && !(optind + 1 == argc && strcmp(argv[optind], "end") == 0)) {
		message("ci wants one of start, end (which may have --clean); see 'wormsign ci "
			"--help'");
		return STATUS_TROUBLE;
	}
	if (open_log(&fd, &path, &cgroup, dir, &e) < 0) {
		message("this job is not watched: %s", e.text);
		return STATUS_TROUBLE;
	}
	if (!starts) {
		status = end(fd, path, cgroup, clean, &e);
		if (status == STATUS_TROUBLE)
			message("%s: %s", path, e.text);
		return status;
	}
	close(fd);
	message("this job is watched; its log is %s", path);
	return 0;
}
