/* SPDX-License-Identifier: GPL-2.0-only */
/* run_options.h - the options of `wormsign run`. */
#ifndef WORMSIGN_RUN_OPTIONS_H
#define WORMSIGN_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "policy.h"
#include "wire.h"

#define RUN_DELIVERY_CONFIG "/etc/wormsign/delivery.json"

#define RUN_MOST_DIRS 32 /* of each option that may be repeated */

struct run_options {
	enum ws_mode mode;
	enum ws_backend backend;
	bool tools;	 /* stop tools in every script, not only in those of an installation */
	const char *log; /* NULL: the default */
	bool quiet, verbose;
	bool no_agent;	    /* not by the agent, though there is one */
	const char *socket; /* of the agent; NULL: not given */
	int grace_ms;	    /* what outlives the command may end by itself for so long */
	const char *sinks[RUN_MOST_DIRS + 1], *config, *spool; /* of delivery */
	uint64_t flush_ms;
	const char *rules[RUN_MOST_DIRS + 1], *cache[RUN_MOST_DIRS + 1], *tmp[RUN_MOST_DIRS + 1];
	const char *keep[RUN_MOST_DIRS + 1]; /* names of variables */
	char **command;			     /* NULL-ended */
};

/*
 * argv[0] is replaced, the rest is borrowed. -1: go on; else there is nothing more to do (help was
 * printed, or what is wrong), and this is the status to exit with.
 */
int run_options_parse(struct run_options *o, int argc, char **argv);

#endif
