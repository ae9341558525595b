// SPDX-License-Identifier: GPL-2.0-only
/* job_watch.c - places and log of a recognised job. */
#include "agent/job_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/account.h"
#include "base/cleanup.h"
#include "kernel/job_starts.h"
#include "report/message.h"
#include "session/delivery_feed.h"
#include "session/log_file.h"
#include "session/passwd_homes.h"
#include "session/residue_look.h"
#include "session/session_secrets.h"

/* ---- before it is watched ---- */

static char *directory_of(pid_t pid)
{
	char link[40], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/cwd", pid);
	n = readlink(link, path, sizeof(path) - 1);
	return n > 0 ? strndup(path, (size_t)n) : NULL;
}

static const char *variable(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; *environment; environment++)
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}

/* As for a lone `run`, whose environment and directory the command shares. Those of a process that
 * is a whole job are the runner's own, which is no project. */
static int find_places(struct job_watch *j, struct error *e)
{
	CLEANUP(strings_done) struct strings homes = { 0 };
	struct places_sources sources = { .passwd_home = j->as.home };
	char **ours = environ;
	int err = passwd_homes_read(&homes, PASSWD_FILE);

	if (err < 0)
		return error_set(e, err, "out of memory");
	sources.homes = (const char *const *)homes.at;
	if (!j->job->start->whole && j->cwd && chdir(j->cwd) == 0)
		sources.cwd = j->cwd;
	environ = j->environment;
	err = places_find(&j->places, &sources, e);
	environ = ours;
	return err;
}

int job_watch_look(struct job_watch *j, const struct recognised *job, struct error *e)
{
	struct session_secrets_sources secrets = { 0 };
	int err;

	j->job = job;
	j->reader.socket = -1;
	j->argv = j->environ = j->identity = (struct buf)BUF_INIT;
	err = recognised_run_as(&j->as, job, e);
	if (err < 0)
		return err;
	err = recognised_read(&j->argv, job->pid, "cmdline");
	err = err ?: recognised_read(&j->environ, job->pid, "environ");
	if (err < 0)
		return error_set(e, err, "/proc/%d cannot be read: %s", job->pid, strerror(-err));
	j->words = recognised_words(j->argv.at, j->argv.len);
	j->environment = recognised_words(j->environ.at, j->environ.len);
	if (!j->words || !j->environment)
		return error_set(e, -ENOMEM, "out of memory");
	j->cwd = directory_of(job->pid);
	reader_start(&j->reader, &j->as);
	err = run_as_files_begin(&j->files, &j->as);
	if (err < 0)
		return error_set(e, err, "the user's rights cannot be taken: %s", strerror(-err));
	secrets.environment = j->environment;
	secrets.home = variable(j->environment, "HOME") ?: j->as.home;
	secrets.cwd = j->cwd;
	secrets.user = j->as.uid;
	err = session_secrets_collect(&secrets, e);
	return err ?: find_places(j, e);
}

int job_watch_observe(struct job_watch *j, struct observer_options *options,
		      const struct job_watch_log *log, struct loader *l, struct error *e)
{
	_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int err;

	run_as_files_end(&j->files); /* the log is root's */
	if (asprintf(&j->log, "%s/%s.jsonl", log->dir, log->name) < 0)
		return error_set(e, -ENOMEM, "out of memory");
	options->log_path = j->log;
	options->environment = j->environment;
	options->quiet = true;
	options->feed = j->feed;
	options->reader = &j->reader;
	options->terminal = null;
	options->start = (struct session_start){
		.command = j->words,
		.cwd = j->cwd,
		.home = variable(j->environment, "HOME") ?: j->as.home,
		.user = j->as.name,
		.uid = j->as.uid,
		.gid = j->as.gid,
		.rules_dirs = options->start.rules_dirs,
	};
	err = observer_open(&j->observer, options, e);
	if (err == 0)
		err = log_file_guard(observer_log_fd(j->observer), l, options->session,
				     options->rules, e);
	if (err < 0)
		return err;
	if (log->share && log_file_share(observer_log_fd(j->observer), &j->as) < 0)
		message("%s: its user cannot be let read it", j->log);
	j->here = (struct knower_here){ .loader = l,
					.session = options->session,
					.rules = options->rules };
	j->late = (struct late_looks){ .knower = knower_here(&j->here),
				       .session = options->session,
				       .places = &j->places,
				       .follow = true };
	return 0;
}

/* ---- while it is watched ---- */

/*
 * What a runner's own process starts has the variables of the job, if it has not itself; of a step,
 * the secrets, too. Later ones are heard for secrets, and for which step of a whole job they are,
 * but no more for the identity.
 */
static void look_at(struct job_watch *j, const struct ws_rec_exec *r)
{
	_buf_ struct buf block = BUF_INIT;
	_free_ char **environment = NULL;

	if ((r->head.actor != WS_ACTOR_JOB && r->head.actor != WS_ACTOR_MANAGER) ||
	    (j->identified && (pid_t)r->head.parent != j->job->pid) ||
	    recognised_read(&block, (pid_t)r->head.pid, "environ") < 0)
		return;
	environment = recognised_words(block.at, block.len);
	if (!environment)
		return;
	session_secrets_of_environment(environment);
	if (j->job->start->whole && (pid_t)r->head.parent == j->job->pid)
		observer_step(j->observer, &r->head, environment);
	if (j->identified || !observer_identify(j->observer, environment))
		return;
	j->identified = true;
	j->identity = block;
	block = (struct buf)BUF_INIT;
	j->identity_words = TAKE_PTR(environment);
}

int job_watch_continue(struct job_watch *j, struct error *e)
{
	int err = run_as_files_begin(&j->files, &j->as);

	if (err < 0)
		return error_set(e, err, "the user's rights cannot be taken: %s", strerror(-err));
	job_starts_let_go(j->here.loader, (uint32_t)j->job->pid);
	if (syscall(SYS_pidfd_send_signal, j->job->pidfd, SIGCONT, NULL, 0) < 0)
		return error_set(e, -errno, "it cannot be continued: %s", strerror(errno));
	return 0;
}

void job_watch_record(struct job_watch *j, const struct ws_head *rec)
{
	if (rec->kind == WS_REC_EXEC)
		look_at(j, (const struct ws_rec_exec *)rec);
	if ((rec->kind == WS_REC_EXIT || rec->kind == WS_REC_DEATH) &&
	    (pid_t)rec->pid == j->job->pid)
		j->status = ((const struct ws_rec_exit *)rec)->code;
	late_looks_record(&j->late, rec);
	observer_record(j->observer, rec);
}

static void look_for_residue(struct job_watch *j, const struct leftovers *leftovers)
{
	uint64_t since = observer_since(j->observer);
	struct residue_look look = RESIDUE_LOOK_INIT;
	struct residue_sources sources = {
		.environment = j->environment,
		.more_environment = j->identity_words,
		.system = true,
		.cwd = j->cwd,
		.home = variable(j->environment, "HOME") ?: j->as.home,
	};

	residue_look_start(&look, &sources, &j->as);
	residue_look_take(&j->residue, &look, since, RESIDUE_LOOK_MS);
	residue_look_spools(&j->residue, since, j->as.uid, j->as.name);
	leftovers_add_sockets(&j->residue, leftovers);
	observer_residue(j->observer, &j->residue);
}

void job_watch_end(struct job_watch *j, struct session_end *end, const struct leftovers *leftovers)
{
	run_as_files_end(&j->files);
	look_for_residue(j, leftovers);
	end->status = j->status;
	end->command_status = WIFSIGNALED(j->status) ? 128 + WTERMSIG(j->status)
						     : WEXITSTATUS(j->status);
	if (observer_finish(j->observer, end) < 0)
		message("%s", observer_log_error(j->observer));
	account_finish_feed(j->feed, j->here.session);
}

void job_watch_free(struct job_watch *j)
{
	run_as_files_end(&j->files);
	observer_free(j->observer);
	delivery_feed_free(j->feed);
	if (j->job)
		reader_end(&j->reader);
	places_free(&j->places);
	run_as_free(&j->as);
	buf_free(&j->argv);
	buf_free(&j->environ);
	residue_free(&j->residue);
	buf_free(&j->identity);
	free(j->identity_words);
	free(j->words);
	free(j->environment);
	free(j->cwd);
	free(j->log);
}
