/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * config.h - the agent's configuration: one JSON object, all of whose members may be left out.
 *
 *   "socket"   path of its socket
 *   "group"    name of the group whose members may connect; left out: every user may
 *   "delivery" path of the socket of wormsign-deliver serve; left out: events are in users' logs
 *              alone. No session begins without it
 *   "metrics"  where metrics are served, by HTTP at /metrics: an absolute path, "127.0.0.1:PORT" or
 *              "[::1]:PORT"; left out: nowhere
 *   "rules"    list of directories with more rules, or tunings of the shipped ones
 *   "keep_env" list of secret variables that scripts may have
 *   "backend"  "deny" or "watch"; left out: the strongest that the kernel allows
 *   "allow"    what users may ask for that makes their session weaker:
 *     "audit"    `run --mode=audit` (false)
 *     "places"   caches, temporary directories and tools of their own, by the environment, npm's
 *                configuration, --cache and --tmp (true)
 *   "jobs" whole CI jobs that are watched without being asked to:
 *     "watch"    list of the CI systems whose jobs are (none): github, gitlab, buildkite, jenkins,
 *                gitea, forgejo, woodpecker
 *     "runners"  list of the executables that the runner's process must be one of (any)
 *     "audit"    report only, stop nothing (false)
 *     "logs"     directory of their logs (/var/log/wormsign/jobs)
 *     "readable" the user that a job runs as may read its log (true)
 *     "clean"    end what a step or stage leaves running with it, as with a whole job, which is
 *                always done (false)
 *   "limits"
 *     "sessions"           at once (256)
 *     "sessions_per_user"  (64)
 */
#ifndef WORMSIGN_CONFIG_H
#define WORMSIGN_CONFIG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "policy/rule.h"
#include "wire.h"

#define CONFIG_FILE "/etc/wormsign/wormsign.json"

struct config {
	char *socket, *group; /* group NULL: every user */
	char *delivery;	      /* NULL: none */
	char *metrics;	      /* NULL: none */
	struct strings rules, keep_env;
	enum ws_backend backend;
	bool allow_audit, allow_places;
	struct strings jobs, runners; /* jobs: providers; none: no job is watched */
	char *job_logs;
	bool job_audit, job_readable, job_clean;
	unsigned sessions, sessions_per_user;
};

/* The configuration of an empty object. -ENOMEM. */
int config_default(struct config *ret);
/*
 * Read the file. All that is wrong is appended to *errors, a line each: the file, the JSON pointer,
 * the reason. -EINVAL: something is; -ENOENT: there is no such file, and nothing is appended.
 */
int config_read(struct config *ret, const char *file, struct buf *errors);
/*
 * Read the file, or the default one if that is NULL, which may be missing. trusted: it must be
 * root's and not writable by others, all the way up. -EINVAL with *errors as above, or -errno with
 * e.
 */
int config_load(struct config *ret, const char *file, bool trusted, struct buf *errors,
		struct error *e);
void config_free(struct config *c);

/* Append the configuration as JSON, with every member. */
void config_show(struct buf *out, const struct config *c);

#endif
