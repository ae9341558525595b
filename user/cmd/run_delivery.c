// SPDX-License-Identifier: GPL-2.0-only
/* run_delivery.c - see run_delivery.h. */
#include "cmd/run_delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "report/message.h"

#define NUM(n) ((unsigned long long)(n))

/*
 * Delivery starts as root, and writes as a user of its own. So the user who called sudo must not
 * name a file for it, which could be one of theirs.
 */
static int check_names(const struct run_options *o, const struct run_as *as, struct error *e)
{
	if (!as->drop)
		return 0;
	if (o->config && strcmp(o->config, RUN_DELIVERY_CONFIG) != 0)
		return error_set(e, -EPERM,
				 "--config=%s: under sudo only " RUN_DELIVERY_CONFIG
				 " can be named",
				 o->config);
	if (o->spool)
		return error_set(e, -EPERM,
				 "--spool=%s: under sudo only " RUN_DELIVERY_CONFIG
				 " can name a spool",
				 o->spool);
	for (const char *const *sink = o->sinks; *sink; sink++)
		if (strncmp(*sink, "file=", 5) == 0 || strstr(*sink, "=unix:"))
			return error_set(e, -EPERM,
					 "--sink=%s: under sudo only " RUN_DELIVERY_CONFIG
					 " can name a file or socket to deliver to",
					 *sink);
	return 0;
}

/* Errors in the configuration quote it. */
static bool may_read(const struct run_as *who, const char *path)
{
	CLEANUP(run_as_files_end) struct run_as_files files = { 0 };
	_close_ int fd = run_as_files_begin(&files, who) < 0
				 ? -1
				 : open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0;
}

static int withhold(const struct run_options *o, const struct run_as *as, int err, struct error *e)
{
	bool is_read = o->config;

	for (const char *const *sink = o->sinks; *sink; sink++)
		is_read |= !strchr(*sink, '=');
	if (!is_read || !as->drop || access(RUN_DELIVERY_CONFIG, F_OK) < 0 ||
	    may_read(as, RUN_DELIVERY_CONFIG))
		return err;
	*e = (struct error){ 0 }; /* the first text is kept otherwise */
	return error_set(e, err,
			 "delivery by " RUN_DELIVERY_CONFIG
			 " cannot be started, and you may not read that file. As root, see why by: "
			 "wormsign run "
			 "--config " RUN_DELIVERY_CONFIG " -- true");
}

int run_delivery_start(struct delivery_feed **ret, const struct run_options *o,
		       const struct run_as *as, struct error *e)
{
	struct delivery_options d = {
		.config = o->config, .spool = o->spool, .sinks = o->sinks, .flush_ms = o->flush_ms
	};
	int err;

	if (!o->sinks[0] && !o->config)
		return 0;
	err = check_names(o, as, e);
	if (err < 0)
		return err;
	err = delivery_feed_start(ret, &d, e);
	return err < 0 ? withhold(o, as, err, e) : 0;
}

int run_delivery_end(struct delivery_feed *f, uint64_t flush_ms)
{
	struct delivery_end end;
	int err = delivery_feed_finish(f, flush_ms, &end);
	char *save = NULL;

	if (end.result.refused)
		message("a receiver permanently refused %llu events; they are in the spool's "
			"NAME.dead",
			NUM(end.result.refused));
	if (err == 0)
		return 0;
	if (end.died)
		message("delivery: the process ended before everything was delivered");
	if (end.alerts_left || end.events_left)
		message("%llu alerts and %llu other events are not in the spool; the session log "
			"has them",
			NUM(end.alerts_left), NUM(end.events_left));
	if (end.result.dropped)
		message("%llu events found no room in the spool", NUM(end.result.dropped));
	for (const char *line = strtok_r(end.text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		message("sink %s", line);
	if (end.result.alerts || end.result.events)
		message("what was not delivered is in the spool: wormsign spool replay delivers "
			"it later");
	return err;
}
