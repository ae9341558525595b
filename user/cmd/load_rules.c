// SPDX-License-Identifier: GPL-2.0-only
/* load_rules.c - find the directories, and read those that the caller named with his rights. */
#include "cmd/load_rules.h"

struct rights {
	const struct run_as *who;
	struct run_as_files files;
};

static int begin(void *arg)
{
	struct rights *r = arg;

	return run_as_files_begin(&r->files, r->who);
}

static void end(void *arg)
{
	run_as_files_end(&((struct rights *)arg)->files);
}

int load_rules(struct ruleset **ret, struct rule_dirs *ret_dirs, const char *const *extra,
	       const struct run_as *who, struct error *e)
{
	struct rights theirs = { .who = who };
	struct ruleset_rights rights = { .begin = begin, .end = end, .arg = &theirs };
	int err = rule_dirs_find(ret_dirs, extra, e);

	if (err < 0)
		return err;
	rights.own = ret_dirs->own;
	return ruleset_load_as(ret, (const char *const *)ret_dirs->list.at, ret_dirs->list.count,
			       &rights, e);
}
